// The farm's key policy: what a key's attributes must be, and what follows when they are not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "token/key_pair.hpp"
#include "token/probe.hpp"

namespace hsmreq::workflow {

/// The template that the policy asks for.
token::KeyTemplate key_template(const RequestPlan& request, const KeyIdentity& identity);

struct KeyJudgement {
    std::vector<Finding> findings;  ///< warnings that go with the key
    std::optional<Error> refusal;   ///< ExitCode::rules
};

/// Compares what the token reported with the policy. `vouched`: evidence in the output directory says that this program
/// made this very public key, so that a token which always reports CKA_LOCAL false is met with a warning on later runs
/// as well.
KeyJudgement judge_key(const token::KeyPair& key, const KeyPlan& plan, const std::string& where, bool vouched);

/// The same for a copy that came from another token: CKA_LOCAL, CKA_ALWAYS_SENSITIVE and CKA_NEVER_EXTRACTABLE are
/// expected to be false, and a token that says otherwise says more than it can know.
KeyJudgement judge_copy(const token::KeyPair& key, const KeyPlan& plan, const std::string& where);

/// The probe's consequence for each item on the token: an Error (policy.probe-failed), a warning, or neither.
KeyJudgement judge_probe(const token::ProbeOutcome& probe, const std::string& where);

}  // namespace hsmreq::workflow
