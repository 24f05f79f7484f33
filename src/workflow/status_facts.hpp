// What token and files know of one generation of a key.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/status.hpp"
#include "token/key_pair.hpp"

namespace hsmreq::workflow {

/// A certificate, and everywhere that it was found.
struct HeldCertificate {
    CertificateInspection content;
    std::vector<std::string> sources;
};

struct GenerationFacts {
    unsigned generation = 0;
    std::string key_id;                ///< hexadecimal
    std::string public_key_sha256;     ///< "" when it is not known
    std::vector<std::string> sources;  ///< of the key
    KeyPresence private_key = KeyPresence::unknown;
    std::string request_file;
    std::optional<RequestInspection> request;
    std::string chain_file;
    std::vector<HeldCertificate> certificates;  ///< no CA's; in the order they were found

    std::vector<Finding> problems;  ///< files that are not what their names promise

    [[nodiscard]] bool empty() const {
        return problems.empty() && sources.empty() && request_file.empty() && certificates.empty() &&
               private_key != KeyPresence::gone;
    }
};

/// The generations that the output directory has files of, lowest first; a few that have none may lie between.
std::vector<GenerationFacts> read_files(const OutputDirectory& directory, const RequestPlan& request,
                                        const KeyIdentity& identity);

/// Where to look in a token.
struct TokenSearch {
    token::Session& session;
    const RequestPlan& request;
    KeyIdentity identity;       ///< the generation is set by the search
    bool copy = false;          ///< the key was made in another token
    bool sees_private = false;  ///< private objects would show
};

/// Adds what the token shows: every generation from 1 to the first it has not, and those that are there already.
/// Answers whether it shows anything. Errors: token faults.
Result<bool> read_token(const TokenSearch& search, std::vector<GenerationFacts>& generations);

}  // namespace hsmreq::workflow
