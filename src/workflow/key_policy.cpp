#include "workflow/key_policy.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "plan/rules.hpp"

namespace hsmreq::workflow {
namespace {

const char* way_out(const token::KeyPair& key) {
    return key.generated
               ? "the pair was destroyed again; the token can't hold a key under this policy as it is configured"
               : "an older key is never changed: give the request a new name for a new key, or destroy this one "
                 "with the token's own tool and run again";
}

std::string describe(const token::AttributeClaim& claim) {
    return fmt::format("{} of the {} key: asked {}, the token reports {}", claim.attribute, claim.object,
                       claim.asked.empty() ? "nothing" : claim.asked, claim.read.empty() ? "nothing" : claim.read);
}

Error attribute_differs(const token::KeyPair& key, const std::string& what, const std::string& where) {
    return plan::with_hint(plan::make_error("policy.attribute-differs", ExitCode::rules, where, {what}), way_out(key));
}

std::optional<Error> check_attributes(const token::KeyPair& key, const KeyPlan& plan, const std::string& where) {
    if (key.algorithm != plan.algorithm) {
        return attribute_differs(
            key,
            fmt::format("the key is {}, the farm asks for {}",
                        key.algorithm ? to_name(*key.algorithm) : "of another kind", to_name(plan.algorithm)),
            where);
    }
    std::string differing;
    for (const auto& claim : key.attributes) {
        if (claim.verdict != token::Verdict::differs) continue;
        differing += (differing.empty() ? "" : "; ") + describe(claim);
    }
    if (differing.empty()) return std::nullopt;
    return attribute_differs(key, differing, where);
}

/// What CKA_LOCAL and its companions must say, and what the token said instead.
std::string origin_problem(const token::KeyPair& key, const KeyPlan& plan, bool local_must_hold) {
    std::vector<std::string> wrong;
    if (local_must_hold && !key.local) wrong.emplace_back("CKA_LOCAL");
    if (!key.always_sensitive) wrong.emplace_back("CKA_ALWAYS_SENSITIVE");
    if (plan.private_key == PrivateKeyPolicy::non_exportable && !key.never_extractable)
        wrong.emplace_back("CKA_NEVER_EXTRACTABLE");
    return join(wrong, ", ");
}

/// A token may say of no key that it was made inside it; then the evidence from when it was made is what tells.
std::string way_out_of_origin(const token::KeyPair& key, const std::string& wrong) {
    if (wrong != "CKA_LOCAL") return way_out(key);
    return std::string("if this program made the key, the evidence beside its request vouches for it: name that ") +
           "folder with --out; if not, " + way_out(key);
}

}  // namespace

token::KeyTemplate key_template(const RequestPlan& request, const KeyIdentity& identity) {
    const KeyPlan& key = request.key;
    return {
        .algorithm = key.algorithm,
        .decrypt = facts(key.algorithm).family == KeyFamily::rsa && key.purpose == KeyPurpose::exchange,
        .extractable = key.private_key != PrivateKeyPolicy::non_exportable,
        .wrap_with_trusted = !key.wrapping_key.empty(),
        .id = key_id(identity),
        .label = key_label(request, identity),
    };
}

KeyJudgement judge_key(const token::KeyPair& key, const KeyPlan& plan, const std::string& where, bool vouched) {
    KeyJudgement judgement;
    judgement.refusal = check_attributes(key, plan, where);
    if (judgement.refusal) return judgement;
    const bool local_must_hold = !key.generated && !vouched;
    if (const std::string wrong = origin_problem(key, plan, local_must_hold); !wrong.empty()) {
        judgement.refusal = plan::with_hint(
            plan::make_error(
                "policy.not-generated-in-token", ExitCode::rules, where,
                {"The token does not report the key as made inside it and kept there: false for " + wrong}),
            way_out_of_origin(key, wrong));
        return judgement;
    }
    if (!key.local) {
        auto& finding = judgement.findings.emplace_back(
            plan::make_finding("policy.not-generated-in-token", where,
                               {"The token reports CKA_LOCAL false for a key that this program had it generate"}));
        finding.severity = Severity::warning;
        finding.fix = "Ask the token's vendor; the evidence records what the token said.";
    }
    return judgement;
}

KeyJudgement judge_copy(const token::KeyPair& key, const KeyPlan& plan, const std::string& where) {
    KeyJudgement judgement;
    judgement.refusal = check_attributes(key, plan, where);
    if (judgement.refusal) {
        judgement.refusal->hint =
            key.generated
                ? "the copy was destroyed again; the token can't hold one under this policy. Let it make the key "
                  "(key.generate_on), or give each member a key of its own (key.sharing)"
                : "destroy the copy with the token's own tool and distribute again";
        return judgement;
    }
    if (!key.local) return judgement;
    auto& finding = judgement.findings.emplace_back(
        plan::make_finding("policy.not-generated-in-token", where,
                           {"The token reports CKA_LOCAL true for a key that came from another token"}));
    finding.severity = Severity::warning;
    finding.fix = "Ask the token's vendor; the evidence records that the key is a copy.";
    return judgement;
}

KeyJudgement judge_probe(const token::ProbeOutcome& probe, const std::string& where) {
    KeyJudgement judgement;
    if (probe.verdict == token::ProbeVerdict::refused) return judgement;
    if (probe.verdict == token::ProbeVerdict::wrapped) {
        std::string mechanisms;
        for (const auto& attempt : probe.attempts)
            if (attempt.verdict == token::ProbeVerdict::wrapped)
                mechanisms += (mechanisms.empty() ? "" : ", ") + attempt.mechanism;
        judgement.refusal = plan::make_error("policy.probe-failed", ExitCode::rules, where, {mechanisms});
        return judgement;
    }
    judgement.findings.push_back(plan::make_finding("policy.probe-inconclusive", where, {probe.reason}));
    return judgement;
}

}  // namespace hsmreq::workflow
