// A shared key on its way to the other members' tokens: wrapped in its token, unwrapped in theirs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq {

enum class DistributeStep { copy, offer, seal, accept };

template <>
inline constexpr std::array<Named<DistributeStep>, 4> named<DistributeStep>{{
    {DistributeStep::copy, "copy"},      // both tokens in reach
    {DistributeStep::offer, "offer"},    // at the target: a wrapping pair, its public key in a file
    {DistributeStep::seal, "seal"},      // at the source: the key, wrapped for that pair, in a file
    {DistributeStep::accept, "accept"},  // at the target: unwrapped, and the pair destroyed
}};

struct DistributeItemResult {
    std::string request;
    std::string member;         ///< whose token is to hold the copy; "" when sealing
    std::string source_member;  ///< whose token holds the key; "" when accepting
    unsigned generation = 0;    ///< 0 when it is not known
    /// created: the copy (or the sealed file) was made; unchanged: the copy was there and signs rightly.
    ItemState state = ItemState::failed;
    std::string key_uri;  ///< of the copy, when sealing of the key; RFC 7512
    std::string public_key_sha256;
    std::vector<std::string> mechanisms;  ///< what the tokens wrapped and unwrapped with in this run
    std::string evidence_file;            ///< file name within the output directory
    std::string envelope_file = {};       ///< the signed evidence; "" when the farm has no key for it
    std::vector<Finding> findings;
    std::optional<Error> error;
};

/// A wrapping pair that waits for a sealed file.
struct WrappingOffer {
    std::string member;
    std::string fingerprint;         ///< SHA-256 of the SubjectPublicKeyInfo, hexadecimal
    std::vector<std::string> words;  ///< the same for reading aloud, one word a byte
    bool created = false;            ///< the pair was made in this run
};

struct DistributeSummary : RunHeader {
    DistributeStep step = DistributeStep::copy;
    std::string output_file;  ///< offer, seal: the file written
    bool dry_run = false;
    std::optional<WrappingOffer> offer;
    std::vector<DistributeItemResult> items;
    std::vector<Finding> findings;
};

struct DistributeOptions {
    RequestOptions run;  ///< farm file, selection, output directory, tokens, as for make_requests
    DistributeStep step = DistributeStep::copy;
    std::string request;      ///< seal
    std::string offer_file;   ///< seal
    std::string fingerprint;  ///< seal: of the offer, hexadecimal or in words
    std::string sealed_file;  ///< accept
    std::string output_file;  ///< offer, seal
};

struct DistributeOutcome {
    std::optional<DistributeSummary> summary;
    std::optional<Error> error;  ///< of the run as a whole; items carry their own

    [[nodiscard]] ExitCode exit_code() const { return first_error_code(*this); }
};

struct DistributeContext {
    RequestObserver& observer;
    /// Called instead of returning when a call into a token does not come back: reports and ends the process.
    std::function<void(const DistributeOutcome& outcome)> hung;
};

/// Does what `hsmreq distribute` does, printing nothing. One call at a time, as make_requests. Errors: in the outcome.
DistributeOutcome distribute_keys(const DistributeOptions& options, const DistributeContext& context);

}  // namespace hsmreq
