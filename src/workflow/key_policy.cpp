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
    return {.code = ExitCode::rules,
            .what = what,
            .where = where,
            .hint = way_out(key),
            .finding = "policy.attribute-differs"};
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
    return attribute_differs(key, "attributes differ from the policy: " + differing, where);
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
        judgement.refusal = Error{
            .code = ExitCode::rules,
            .what = "the token does not report the key as made inside it and kept there: false for " + wrong,
            .where = where,
            .hint = way_out(key),
            .finding = "policy.not-generated-in-token",
        };
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
        judgement.refusal->hint = key.generated
                                      ? "the copy was destroyed again; the token can't hold one under this policy"
                                      : "destroy the copy with the token's own tool and distribute again";
        return judgement;
    }
    if (!key.local) return judgement;
    judgement.findings.push_back({
        .id = "policy.not-generated-in-token",
        .severity = Severity::warning,
        .message = "the token reports CKA_LOCAL true for a key that came from another token",
        .where = where,
        .fix = "ask the token's vendor; the evidence records that the key is a copy",
        .source = "PKCS#11, section 4.9, CKA_LOCAL",
    });
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
        judgement.refusal = Error{
            .code = ExitCode::rules,
            .what = fmt::format("the token wrapped a key that it reports as not extractable ({})", mechanisms),
            .where = where,
            .hint = "don't trust this token with a key that must not leave it; update its firmware or ask the vendor",
            .finding = "policy.probe-failed",
        };
        return judgement;
    }
    judgement.findings.push_back(plan::make_finding("policy.probe-inconclusive", where, {probe.reason}));
    return judgement;
}

}  // namespace hsmreq::workflow
