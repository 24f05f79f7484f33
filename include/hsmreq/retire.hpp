// The end of a key: what still uses it, its destruction, and the record of it.
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

/// `--listener HOST:PORT`.
struct Listener {
    std::string host;
    std::string port;
};

struct RetireOptions {
    /// Farm file, plan, output directory, --member, --dry-run, --reason and how tokens are opened; the rest is not
    /// read.
    RequestOptions run;
    std::string request;
    unsigned generation = 0;
    std::string public_key_sha256;  ///< one of several keys under one CKA_ID, hexadecimal; "" when not given
    bool all = false;               ///< the current generation and every trace of the ones before it
    bool confirmed = false;         ///< --yes
    bool compromised = false;
    std::vector<Listener> listeners;
};

enum class RetireState { retired, unchanged, planned, failed };

template <>
inline constexpr std::array<Named<RetireState>, 4> named<RetireState>{{
    {RetireState::retired, "retired"},
    {RetireState::unchanged, "unchanged"},  // destroyed by an earlier run
    {RetireState::planned, "planned"},      // --dry-run
    {RetireState::failed, "failed"},
}};

/// A certificate for a key that is to go, in the token or in the output directory.
struct CertificateUse {
    std::string place;  ///< "token", or the file's name
    unsigned generation = 0;
    std::string sha256;
    std::string serial;
    std::string issuer;
    std::string not_after;  ///< RFC 3339
    bool unexpired = false;
    bool only_unexpired = false;  ///< no other generation of this key has an unexpired one
};

struct ListenerUse {
    std::string address;        ///< HOST:PORT
    bool answers_with = false;  ///< it serves with the key that is to go
};

/// One generation.
struct RetiredGeneration {
    unsigned generation = 0;
    RetireState state = RetireState::failed;
    std::string key_id;  ///< CKA_ID, hexadecimal
    std::string public_key_sha256;
    unsigned private_keys = 0;  ///< destroyed, or to be destroyed
    unsigned public_keys = 0;
    unsigned certificates = 0;
    bool marker_left = false;  ///< the public key stays
    std::string record_file;   ///< in the output directory; "" when none
};

struct RetireSummary : RunHeader {
    std::string request;
    std::string member;        ///< "" for a shared key
    std::string token_member;  ///< whose token is worked on
    bool dry_run = false;
    bool compromised = false;
    std::vector<RetiredGeneration> items;
    std::vector<CertificateUse> certificates;
    std::vector<ListenerUse> listeners;
    std::vector<std::string> revocation;  ///< the steps that come before, with --compromised
    std::vector<Finding> findings;
};

struct RetireOutcome {
    std::optional<RetireSummary> summary;
    std::optional<Error> error;

    [[nodiscard]] ExitCode exit_code() const { return error ? error->code : ExitCode::ok; }
};

struct RetireContext {
    RequestObserver& observer;
    /// Shows what would go and what uses it, and asks. Not called with RetireOptions::confirmed or in a dry run.
    std::function<Result<bool>(const RetireSummary& summary)> confirm;
    std::function<void(const RetireOutcome& outcome)> hung;  ///< as HungHandler
};

/// Does what `hsmreq retire` does, printing nothing. Errors: in the outcome.
RetireOutcome retire_key(const RetireOptions& options, const RetireContext& context);

}  // namespace hsmreq
