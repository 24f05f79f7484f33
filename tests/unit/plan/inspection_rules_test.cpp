#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "plan/rules.hpp"

namespace hsmreq::test {
namespace {

using testing::EndsWith;
using testing::Not;

TEST(InspectionRules, HaveAllThatAFindingNeeds) {
    std::set<std::string_view> ids;
    for (const auto& rule : plan::inspection_rules()) {
        EXPECT_TRUE(ids.insert(rule.id).second) << rule.id << " is there twice";
        EXPECT_FALSE(rule.message.empty()) << rule.id;
        EXPECT_THAT(std::string(rule.message), Not(EndsWith("."))) << rule.id;
        EXPECT_THAT(std::string(rule.fix), EndsWith(".")) << rule.id;
        EXPECT_FALSE(rule.source.empty()) << rule.id;
    }
}

TEST(InspectionFinding, IsTheRowWithItsWordsFilledIn) {
    const auto finding = plan::make_finding("cert.expires-soon", "web.pem", {"2026-12-01", "7"});
    EXPECT_EQ(finding.id, "cert.expires-soon");
    EXPECT_EQ(finding.severity, Severity::warning);
    EXPECT_EQ(finding.message, "The certificate expires on 2026-12-01, in 7 days");
    EXPECT_EQ(finding.where, "web.pem");
    EXPECT_EQ(finding.fix, "Renew it now.");
    EXPECT_FALSE(finding.source.empty());
}

TEST(InspectionFinding, OfAnUnknownIdIsAnErrorThatSaysSo) {
    const auto finding = plan::make_finding("key.nonsense", "web.pem", {});
    EXPECT_EQ(finding.id, "key.nonsense");
    EXPECT_EQ(finding.severity, Severity::error);
    EXPECT_FALSE(finding.message.empty());
    EXPECT_FALSE(finding.fix.empty());
}

}  // namespace
}  // namespace hsmreq::test
