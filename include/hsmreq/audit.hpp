// Looking keys over: what the tokens hold, and how it differs from what the farm asks for. Changes nothing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/run.hpp"

namespace hsmreq {

struct AuditOptions {
    /// Farm file, plan, output directory, --member and how tokens are opened; the rest is not read.
    RequestOptions run;
    std::string token_uri;  ///< every key of this token, and no farm; "" otherwise
};

enum class AuditState { kept, retired, missing, incomplete, ambiguous, certificate_only, orphan, public_only, failed };

template <>
inline constexpr std::array<Named<AuditState>, 9> named<AuditState>{{
    {AuditState::kept, "kept"},
    {AuditState::retired, "retired"},  // an older generation: its public key alone
    {AuditState::missing, "missing"},
    {AuditState::incomplete, "incomplete"},
    {AuditState::ambiguous, "ambiguous"},
    {AuditState::certificate_only, "certificate-only"},
    {AuditState::orphan, "orphan"},            // of the farm by its label, and of no item
    {AuditState::public_only, "public-only"},  // with a token URI: a public key of somebody's
    {AuditState::failed, "failed"},            // it could not be looked at
}};

/// What stands under one CKA_ID.
struct AuditedKey {
    std::string token;         ///< its label
    std::string token_member;  ///< "" with a token URI
    std::string farm;          ///< "" for a key that is no farm's
    std::string request;
    std::string member;       ///< "" for a shared key
    unsigned generation = 0;  ///< 0 when the key is no farm's
    AuditState state = AuditState::failed;
    std::string key_id;  ///< hexadecimal
    std::string label;
    std::string algorithm;  ///< "" when it is none of ours, or there is no key
    std::string public_key_sha256;
    std::vector<std::string> certificates;  ///< SHA-256 of each in the token
    std::vector<Finding> findings;
    std::optional<Error> error;
};

/// Farm and farm file are "" with a token URI.
struct AuditSummary : RunHeader {
    std::string token_uri;
    std::vector<AuditedKey> items;
    std::vector<Finding> findings;  ///< of the plan and the run as a whole
};

struct AuditOutcome {
    std::optional<AuditSummary> summary;
    std::optional<Error> error;

    /// That of the run's error, else of the first item that could not be looked at, else 4 for findings that refuse.
    [[nodiscard]] ExitCode exit_code() const { return first_error_or_refusal_code(*this); }
};

struct AuditContext {
    RequestObserver& observer;
    std::function<void(const AuditOutcome& outcome)> hung;  ///< as HungHandler
};

/// Does what `hsmreq audit` does, printing nothing. Errors: in the outcome.
AuditOutcome audit_keys(const AuditOptions& options, const AuditContext& context);

}  // namespace hsmreq
