// Which keys on which tokens a proof is about.
#include <gtest/gtest.h>

#include "workflow/prove_items.hpp"

namespace hsmreq::workflow {
namespace {

/// "shared" on rp01 for all, "own" a key each, "found" an existing key of all; rp03 has no token.
struct Sample {
    Farm farm;
    Plan plan;

    Sample() {
        for (const char* name : {"rp01", "rp02", "rp03"}) {
            Member member;
            member.name = name;
            member.uri = std::string("pkcs11:token=") + name;
            if (member.name == "rp03") member.receives = Receives::pfx, member.uri.clear();
            farm.members.push_back(member);
        }
        add("shared", Sharing::shared);
        add("own", Sharing::per_member);
        add("found", Sharing::shared);
        plan.requests.back().key.uri = "pkcs11:object=found";
        plan.items = {{0, "", "rp01"}, {1, "rp01", "rp01"}, {1, "rp02", "rp02"}, {2, "", "rp01"}};
    }

    void add(const char* name, Sharing sharing) {
        RequestPlan request;
        request.name = name;
        request.key.sharing = sharing;
        request.members = {"rp01", "rp02", "rp03"};
        plan.requests.push_back(request);
    }

    [[nodiscard]] std::string select(const RequestOptions& options) const {
        const auto targets = select_proofs(farm, plan, options);
        if (!targets) return std::to_string(static_cast<int>(targets.error().code));
        std::string text;
        for (const auto& target : *targets)
            text += plan.requests[plan.items[target.item].request].name + "/" + target.member + " ";
        return text;
    }
};

TEST(SelectProofs, TakesEachKeyAndThenItsCopies) {
    EXPECT_EQ(Sample().select({}), "shared/rp01 shared/rp02 own/rp01 own/rp02 found/rp01 ");
}

TEST(SelectProofs, NarrowsByRequestMemberAndShard) {
    struct Row {
        RequestOptions options;
        const char* expected;
    };
    RequestOptions only;
    only.only = {"own", "shared/rp02"};
    RequestOptions member;
    member.member = "rp02";
    RequestOptions shard;
    shard.shard = Shard{2, 2};
    RequestOptions unknown_request;
    unknown_request.only = {"wed"};
    RequestOptions unknown_member;
    unknown_member.member = "rp09";
    const Row rows[] = {{only, "shared/rp02 own/rp01 own/rp02 "},
                        {member, "shared/rp02 own/rp02 "},
                        {shard, "shared/rp02 own/rp02 "},
                        {unknown_request, "2"},
                        {unknown_member, "2"}};
    for (const auto& row : rows) EXPECT_EQ(Sample().select(row.options), row.expected);
}

TEST(ProofsOf, KeepTheGenerationThatWasAskedFor) {
    const Sample sample;
    for (const auto& target : proofs_of(sample.farm, sample.plan, 0, 4)) EXPECT_EQ(target.generation, 4U);
}

}  // namespace
}  // namespace hsmreq::workflow
