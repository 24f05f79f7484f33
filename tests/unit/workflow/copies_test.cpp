#include "workflow/copies.hpp"

#include <gtest/gtest.h>

#include "workflow/key_policy.hpp"

namespace hsmreq::workflow {
namespace {

/// "shared" on rp01 for all, "own" a key each, "kept" shared and not exportable, "found" an existing key; rp04 has no
/// token, ws is a workstation.
struct Sample {
    Farm farm;
    Plan plan;

    Sample() {
        for (const char* name : {"rp01", "rp02", "rp03", "rp04", "ws"}) {
            Member member;
            member.name = name;
            member.uri = std::string("pkcs11:token=") + name;
            if (member.name == "rp04") member.receives = Receives::pfx, member.uri.clear();
            farm.members.push_back(member);
        }
        plan.farm_file = "farm.toml";
        add("shared", Sharing::shared, PrivateKeyPolicy::wrap_only);
        add("own", Sharing::per_member, PrivateKeyPolicy::non_exportable);
        plan.items = {{0, "", "rp01"}, {1, "rp01", "rp01"}, {1, "rp02", "rp02"}};
    }

    void add(const char* name, Sharing sharing, PrivateKeyPolicy policy) {
        RequestPlan request;
        request.name = name;
        request.key.sharing = sharing;
        request.key.private_key = policy;
        request.members = {"rp01", "rp02", "rp03", "rp04"};
        plan.requests.push_back(request);
    }
};

std::vector<std::string> members(const Result<std::vector<PlannedCopy>>& copies) {
    std::vector<std::string> found;
    for (const auto& copy : *copies) found.push_back(copy.member);
    return found;
}

TEST(SelectCopies, TakesEveryOtherMemberWithAToken) {
    const Sample sample;
    const auto copies = select_copies(sample.farm, sample.plan, {});
    ASSERT_TRUE(copies.ok());
    EXPECT_EQ(members(copies), (std::vector<std::string>{"rp02", "rp03"}));
    EXPECT_EQ(copies->front().item, 0U);
}

TEST(SelectCopies, FromAWorkstationGoesToAllThatServe) {
    Sample sample;
    sample.plan.items[0].token_member = "ws";
    EXPECT_EQ(members(select_copies(sample.farm, sample.plan, {})), (std::vector<std::string>{"rp01", "rp02", "rp03"}));
}

TEST(SelectCopies, NarrowsByRequestMemberAndShard) {
    const Sample sample;
    RequestOptions options;
    options.only = {"shared/rp03"};
    EXPECT_EQ(members(select_copies(sample.farm, sample.plan, options)), std::vector<std::string>{"rp03"});
    options.only = {"shared"};
    options.member = "rp02";
    EXPECT_EQ(members(select_copies(sample.farm, sample.plan, options)), std::vector<std::string>{"rp02"});
    options = {};
    options.shard = Shard{2, 2};
    EXPECT_EQ(members(select_copies(sample.farm, sample.plan, options)), std::vector<std::string>{"rp03"});
}

struct RefusedCase {
    const char* name;
    std::string only;
    std::string member;
    Sharing sharing;
    PrivateKeyPolicy policy;
    ExitCode code;
};
class Refused : public testing::TestWithParam<RefusedCase> {};

TEST_P(Refused, SaysWhy) {
    Sample sample;
    sample.plan.requests[0].key.sharing = GetParam().sharing;
    sample.plan.requests[0].key.private_key = GetParam().policy;
    RequestOptions options;
    if (!GetParam().only.empty()) options.only = {GetParam().only};
    options.member = GetParam().member;
    const auto copies = select_copies(sample.farm, sample.plan, options);
    ASSERT_FALSE(copies.ok());
    EXPECT_EQ(copies.error().code, GetParam().code);
    EXPECT_FALSE(copies.error().hint.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, Refused,
    testing::Values(
        RefusedCase{"a_key_each_by_name", "own", "", Sharing::shared, PrivateKeyPolicy::wrap_only, ExitCode::rules},
        RefusedCase{"nothing_shared_at_all", "", "", Sharing::per_member, PrivateKeyPolicy::wrap_only, ExitCode::rules},
        RefusedCase{"shared_and_kept", "", "", Sharing::shared, PrivateKeyPolicy::non_exportable, ExitCode::rules},
        RefusedCase{"no_such_request", "sharde", "", Sharing::shared, PrivateKeyPolicy::wrap_only, ExitCode::usage},
        RefusedCase{"no_such_member", "", "rp9", Sharing::shared, PrivateKeyPolicy::wrap_only, ExitCode::usage}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(SelectCopies, LeavesAnExistingKeyWhereItIs) {
    Sample sample;
    sample.plan.requests[0].key.uri = "pkcs11:object=found";
    EXPECT_FALSE(select_copies(sample.farm, sample.plan, {}).ok());
    EXPECT_FALSE(shared_item(sample.plan, "shared").ok());
}

TEST(SharedItem, IsTheOneOfThatRequest) {
    const Sample sample;
    const auto item = shared_item(sample.plan, "shared");
    ASSERT_TRUE(item.ok());
    EXPECT_EQ(*item, 0U);
    EXPECT_EQ(shared_item(sample.plan, "own").error().code, ExitCode::rules);
    EXPECT_EQ(shared_item(sample.plan, "none").error().code, ExitCode::usage);
}

token::KeyPair copied_pair() {
    token::KeyPair key;
    key.algorithm = KeyAlgorithm::rsa_2048;
    return key;
}

TEST(JudgeCopy, ExpectsNothingToBeMadeHere) {
    const auto judgement = judge_copy(copied_pair(), {}, "here");
    EXPECT_FALSE(judgement.refusal);
    EXPECT_TRUE(judgement.findings.empty());
}

TEST(JudgeCopy, WarnsOfATokenThatSaysItMadeIt) {
    auto key = copied_pair();
    key.local = true;
    EXPECT_EQ(judge_copy(key, {}, "here").findings.size(), 1U);
}

TEST(JudgeCopy, RefusesWhatIsLooser) {
    auto key = copied_pair();
    key.attributes.push_back({.object = "private",
                              .attribute = "CKA_EXTRACTABLE",
                              .asked = "false",
                              .read = "true",
                              .verdict = token::Verdict::differs});
    const auto judgement = judge_copy(key, {}, "here");
    ASSERT_TRUE(judgement.refusal);
    EXPECT_EQ(judgement.refusal->finding, "policy.attribute-differs");
}

}  // namespace
}  // namespace hsmreq::workflow
