#include "workflow/selection.hpp"

#include <gtest/gtest.h>

namespace hsmreq::workflow {
namespace {

/// Two requests on two members each, then a shared one.
Plan plan_of_five() {
    Plan plan;
    plan.farm_file = "farm.toml";
    for (const char* name : {"alpha", "beta", "gamma"}) {
        RequestPlan request;
        request.name = name;
        plan.requests.push_back(request);
    }
    plan.items = {{0, "rp01", "rp01"}, {0, "rp02", "rp02"}, {1, "rp01", "rp01"}, {1, "rp02", "rp02"}, {2, "", "rp01"}};
    return plan;
}

struct Case {
    const char* name;
    std::vector<std::string> only;
    std::string member;
    std::optional<Shard> shard;
    std::vector<std::size_t> expected;
};

class SelectItems : public testing::TestWithParam<Case> {};

TEST_P(SelectItems, AnswersInPlanOrder) {
    RequestOptions options;
    options.only = GetParam().only;
    options.member = GetParam().member;
    options.shard = GetParam().shard;
    const auto selected = select_items(plan_of_five(), options);
    ASSERT_TRUE(selected.ok());
    EXPECT_EQ(*selected, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Table, SelectItems,
                         testing::Values(Case{"everything", {}, "", {}, {0, 1, 2, 3, 4}},
                                         Case{"one_request", {"beta"}, "", {}, {2, 3}},
                                         Case{"one_item", {"alpha/rp02"}, "", {}, {1}},
                                         Case{"repeated_in_any_order", {"gamma", "alpha/rp01"}, "", {}, {0, 4}},
                                         Case{"one_members_tokens", {}, "rp02", {}, {1, 3}},
                                         Case{"first_shard", {}, "", Shard{1, 2}, {0, 2, 4}},
                                         Case{"second_shard", {}, "", Shard{2, 2}, {1, 3}},
                                         Case{"shard_of_a_selection", {"beta"}, "", Shard{2, 2}, {3}},
                                         Case{"more_shards_than_items", {}, "", Shard{7, 9}, {}}),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(SelectItemsErrors, NearestNameIsSuggested) {
    RequestOptions options;
    options.only = {"alhpa"};
    const auto selected = select_items(plan_of_five(), options);
    ASSERT_FALSE(selected.ok());
    EXPECT_EQ(selected.error().code, ExitCode::usage);
    EXPECT_EQ(selected.error().hint, "did you mean alpha?");
}

TEST(SelectItemsErrors, MemberOfASharedKeyIsNoItem) {
    RequestOptions options;
    options.only = {"gamma/rp01"};
    EXPECT_FALSE(select_items(plan_of_five(), options).ok());
}

TEST(SelectItemsErrors, UnknownMember) {
    RequestOptions options;
    options.member = "rp03";
    const auto selected = select_items(plan_of_five(), options);
    ASSERT_FALSE(selected.ok());
    EXPECT_EQ(selected.error().code, ExitCode::usage);
}

}  // namespace
}  // namespace hsmreq::workflow
