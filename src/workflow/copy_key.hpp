// One copy of a shared key: the key at its source, the copy in its token, and the way between.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "token/probe.hpp"
#include "token/wrapping.hpp"
#include "workflow/locate_key.hpp"
#include "workflow/run_facts.hpp"

namespace hsmreq::workflow {

/// The key that is to leave its token, as far as its source tells.
struct SourceKey {
    KeyIdentity identity;
    token::KeyPair key = {};  ///< at the source; nothing of it when the tokens are apart
    std::string uri = {};
    PublicKey public_key = {};
    Bytes public_key_der = {};
    std::string public_key_sha256 = {};
};

/// Finds the current generation of a key, or an existing key, and judges it by the policy, changing nothing. A copy is
/// no source. Errors: ExitCode::not_found with key.missing and the like; ExitCode::rules; token faults.
Result<SourceKey> find_source(const RunFacts& facts, const PlanItem& item, token::Session& session);

/// What the policy wants a copy to be: as the key, and never to leave again.
token::KeyTemplate copy_template(const RequestPlan& request, const KeyIdentity& identity);

/// A copy that is to be in a token.
struct CopyTask {
    token::Session& session;  ///< of the target
    const RequestPlan& request;
    const SourceKey& source;  ///< identity and public key alone when the tokens are apart
    token::KeyTemplate wanted;
    bool dry_run = false;
    bool repair = false;
};

/// A copy that is in its token, read back, judged, and proved by a signature.
struct Copy {
    token::KeyPair key;
    std::vector<Finding> findings = {};
    std::optional<token::ProbeOutcome> probe = std::nullopt;
    std::string signature_mechanism = {};
    bool hash_in_software = true;
};

/// The copy that the token has already, if any. What an earlier run left half done is removed (in a dry run: passed
/// over). Errors: ExitCode::verification with key.changed for another key; ExitCode::not_found with key.ambiguous;
/// ExitCode::rules when it is looser than the policy wants.
Result<std::optional<Copy>> find_copy(const CopyTask& task);

/// Puts the public object in place, has the private key arrive, reads back, judges, probes, and verifies a signature of
/// the copy under the source's public key. On any failure nothing of it stays in the token. `arrive` unwraps. Errors:
/// its own; ExitCode::rules; ExitCode::verification.
Result<Copy> receive_copy(const CopyTask& task, const std::function<Result<token::UnwrappedKey>()>& arrive);

}  // namespace hsmreq::workflow
