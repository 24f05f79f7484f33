#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farms.hpp"

namespace hsmreq::test {
namespace {

using testing::HasSubstr;

Farm with_underscores() {
    Farm farm = contoso();
    farm.certificate.extra_names = {"a_b.contoso.com", "c_d.contoso.com"};
    return farm;
}

TEST(Waiver, AcceptsEveryNameUnlessItNamesOne) {
    Farm farm = with_underscores();
    farm.rules.accept = {{"name.underscore", "", "old phones", ""}};
    auto plan = plan_of(farm);
    EXPECT_FALSE(refuses(plan.findings));
    EXPECT_EQ(findings(plan, "name.underscore")[1].accepted, "old phones");
    farm.rules.accept[0].name = "C_D.contoso.com";
    plan = plan_of(farm);
    EXPECT_TRUE(refuses(plan.findings));
    EXPECT_EQ(findings(plan, "name.underscore")[0].accepted, "");
    EXPECT_EQ(findings(plan, "name.underscore")[1].accepted, "old phones");
}

TEST(Waiver, EndsAfterItsDay) {
    Farm farm = with_underscores();
    farm.rules.accept = {{"name.underscore", "", "old phones", "2026-11-23"}};
    EXPECT_FALSE(refuses(plan_of(farm, day(2026, 11, 23)).findings));
    const auto plan = plan_of(farm, day(2026, 11, 24));
    EXPECT_TRUE(refuses(plan.findings));
    EXPECT_THAT(findings(plan, "name.underscore")[0].message, HasSubstr("accepted only until 2026-11-23"));
}

TEST(Waiver, ThatActsPrevailsOverAnExpiredOne) {
    Farm farm = with_underscores();
    farm.rules.accept = {{"name.underscore", "", "old", "2020-01-01"}, {"name.underscore", "", "new", "2030-01-01"}};
    EXPECT_EQ(findings(plan_of(farm), "name.underscore")[0].accepted, "new");
}

TEST(Waiver, NeverCoversKeysAndPolicy) {
    Farm farm = contoso();
    farm.key.sharing = Sharing::shared;
    farm.key.algorithm = KeyAlgorithm::ed25519;
    farm.rules.accept = {{"policy.shared-key-cannot-travel", "", "please", ""}, {"key.ed25519-public-ca", "", "x", ""}};
    const auto plan = plan_of(farm);
    for (const auto* id : {"policy.shared-key-cannot-travel", "key.ed25519-public-ca"}) {
        EXPECT_EQ(findings(plan, id)[0].accepted, "");
        EXPECT_THAT(findings(plan, id)[0].message, HasSubstr("can't be accepted"));
    }
}

TEST(Waiver, ForAnotherFindingDoesNothing) {
    Farm farm = with_underscores();
    farm.rules.accept = {{"name.idn", "", "reason", ""}};
    EXPECT_TRUE(refuses(plan_of(farm).findings));
}

}  // namespace
}  // namespace hsmreq::test
