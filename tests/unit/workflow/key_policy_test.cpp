#include "workflow/key_policy.hpp"

#include <gtest/gtest.h>

namespace hsmreq::workflow {
namespace {

token::KeyPair sound_pair(bool generated) {
    token::KeyPair key;
    key.algorithm = KeyAlgorithm::rsa_2048;
    key.local = key.always_sensitive = key.never_extractable = true;
    key.generated = generated;
    return key;
}

KeyPlan plan_with(PrivateKeyPolicy policy) {
    KeyPlan plan;
    plan.private_key = policy;
    return plan;
}

struct OriginCase {
    const char* name;
    PrivateKeyPolicy policy;
    bool generated;
    bool vouched;
    bool local;
    bool always_sensitive;
    bool never_extractable;
    bool refused;
    std::size_t findings;
};

class Origin : public testing::TestWithParam<OriginCase> {};

TEST_P(Origin, IsJudged) {
    const OriginCase& c = GetParam();
    token::KeyPair key = sound_pair(c.generated);
    key.local = c.local;
    key.always_sensitive = c.always_sensitive;
    key.never_extractable = c.never_extractable;
    const auto judgement = judge_key(key, plan_with(c.policy), "here", c.vouched);
    ASSERT_EQ(judgement.refusal.has_value(), c.refused);
    EXPECT_EQ(judgement.findings.size(), c.findings);
    if (c.refused) {
        EXPECT_EQ(judgement.refusal->code, ExitCode::rules);
        EXPECT_EQ(judgement.refusal->finding, "policy.not-generated-in-token");
    }
}

constexpr auto never = PrivateKeyPolicy::non_exportable;
constexpr auto wrap = PrivateKeyPolicy::wrap_only;

INSTANTIATE_TEST_SUITE_P(
    Table, Origin,
    testing::Values(OriginCase{"sound_and_new", never, true, false, true, true, true, false, 0},
                    OriginCase{"sound_and_old", never, false, false, true, true, true, false, 0},
                    OriginCase{"new_but_not_local_warns", never, true, false, false, true, true, false, 1},
                    OriginCase{"old_and_not_local", never, false, false, false, true, true, true, 0},
                    OriginCase{"evidence_vouches_for_local", never, false, true, false, true, true, false, 1},
                    OriginCase{"evidence_vouches_for_nothing_else", never, false, true, false, true, false, true, 0},
                    OriginCase{"was_extractable_once", never, false, false, true, true, false, true, 0},
                    OriginCase{"was_readable_once", never, false, false, true, false, true, true, 0},
                    OriginCase{"wrap_only_may_be_extractable", wrap, false, false, true, true, false, false, 0},
                    OriginCase{"wrap_only_was_readable_once", wrap, false, false, true, false, false, true, 0}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(Attributes, DifferenceIsNamedWithBothValues) {
    token::KeyPair key = sound_pair(true);
    key.attributes.push_back({.object = "private",
                              .attribute = "CKA_EXTRACTABLE",
                              .asked = "false",
                              .read = "true",
                              .verdict = token::Verdict::differs});
    const auto judgement = judge_key(key, plan_with(never), "here", false);
    ASSERT_TRUE(judgement.refusal.has_value());
    EXPECT_EQ(judgement.refusal->finding, "policy.attribute-differs");
    EXPECT_NE(judgement.refusal->what.find("CKA_EXTRACTABLE of the private key: asked false, the token reports true"),
              std::string::npos);
}

TEST(Attributes, AnotherAlgorithmDiffers) {
    token::KeyPair key = sound_pair(false);
    key.algorithm = KeyAlgorithm::rsa_3072;
    const auto judgement = judge_key(key, plan_with(never), "here", false);
    ASSERT_TRUE(judgement.refusal.has_value());
    EXPECT_EQ(judgement.refusal->what,
              "Attributes differ from the policy: the key is rsa-3072, the farm asks for rsa-2048");
}

TEST(Template, FollowsPolicyAndPurpose) {
    RequestPlan request;
    request.key.label = "{farm}.{request}.g{generation}";
    const KeyIdentity identity{"contoso", "web", "", 1};
    EXPECT_TRUE(key_template(request, identity).decrypt);
    EXPECT_FALSE(key_template(request, identity).extractable);
    request.key.purpose = KeyPurpose::signature;
    request.key.private_key = wrap;
    EXPECT_FALSE(key_template(request, identity).decrypt);
    EXPECT_TRUE(key_template(request, identity).extractable);
    EXPECT_FALSE(key_template(request, identity).wrap_with_trusted);
    request.key.wrapping_key = "pkcs11:token=t;object=kek";
    request.key.purpose = KeyPurpose::exchange;
    request.key.algorithm = KeyAlgorithm::ec_p256;
    EXPECT_FALSE(key_template(request, identity).decrypt);
    EXPECT_TRUE(key_template(request, identity).wrap_with_trusted);
}

TEST(Probe, WrappedRefusesAndInconclusiveWarns) {
    token::ProbeOutcome outcome;
    outcome.verdict = token::ProbeVerdict::refused;
    EXPECT_FALSE(judge_probe(outcome, "here").refusal.has_value());
    EXPECT_TRUE(judge_probe(outcome, "here").findings.empty());
    outcome.verdict = token::ProbeVerdict::inconclusive;
    ASSERT_EQ(judge_probe(outcome, "here").findings.size(), 1U);
    EXPECT_EQ(judge_probe(outcome, "here").findings.front().id, "policy.probe-inconclusive");
    outcome.verdict = token::ProbeVerdict::wrapped;
    outcome.attempts = {{"CKM_AES_KEY_WRAP", "CKR_OK", token::ProbeVerdict::wrapped}};
    ASSERT_TRUE(judge_probe(outcome, "here").refusal.has_value());
    EXPECT_EQ(judge_probe(outcome, "here").refusal->finding, "policy.probe-failed");
}

}  // namespace
}  // namespace hsmreq::workflow
