// The limits by day, and that no other table says another day.
#include "plan/calendar.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/clock.hpp"
#include "plan/rules.hpp"
#include "unit/plan/farms.hpp"

namespace hsmreq::test {
namespace {

std::vector<CalendarEntry> entries(CertificateAuthority ca, Date date, CalendarTopic topic) {
    auto all = plan::calendar(plan::profile(ca), date);
    std::erase_if(all, [&](const CalendarEntry& entry) { return entry.topic != topic; });
    return all;
}

TEST(ValidityLimit, IsTheOneOfTheDayTheCertificateBegins) {
    struct Row {
        Date begins;
        int days;
    };
    const Row rows[] = {{day(2019, 1, 1), 398},  {day(2026, 3, 14), 398}, {day(2026, 3, 15), 200},
                        {day(2027, 3, 14), 200}, {day(2027, 3, 15), 100}, {day(2029, 3, 14), 100},
                        {day(2029, 3, 15), 47},  {day(2035, 1, 1), 47}};
    for (const auto& row : rows)
        EXPECT_EQ(plan::validity_limit(std::chrono::sys_days(row.begins)), row.days) << to_text(row.begins);
    EXPECT_EQ(plan::validity_limit(std::chrono::sys_days(day(2026, 3, 15)) - std::chrono::seconds(1)), 398);
}

TEST(Calendar, LeavesOutLimitsThatWereReplaced) {
    const auto now = entries(CertificateAuthority::public_ca, day(2027, 3, 15), CalendarTopic::validity);
    ASSERT_EQ(now.size(), 2U);
    EXPECT_TRUE(now[0].past);
    EXPECT_EQ(now[0].days, 100);
    EXPECT_FALSE(now[1].past);
    EXPECT_EQ(now[1].days, 47);
}

TEST(Calendar, CountsRenewalsUpwards) {
    const auto all = entries(CertificateAuthority::public_ca, day(2026, 11, 25), CalendarTopic::validity);
    ASSERT_EQ(all.size(), 3U);
    // 365 / 200, / 100, / 47; and with two thirds of these days in service.
    EXPECT_EQ(all[0].least_renewals, 2U);
    EXPECT_EQ(all[0].usual_renewals, 3U);
    EXPECT_EQ(all[1].least_renewals, 4U);
    EXPECT_EQ(all[1].usual_renewals, 6U);
    EXPECT_EQ(all[2].least_renewals, 8U);
    EXPECT_EQ(all[2].usual_renewals, 12U);
}

TEST(Calendar, HasTheOwnDayOfACaAndTheCommonOne) {
    const auto all = entries(CertificateAuthority::digicert, day(2027, 3, 1), CalendarTopic::client_auth);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].from, day(2027, 3, 1));
    EXPECT_TRUE(all[0].past);
    EXPECT_EQ(all[1].from, day(2027, 3, 15));
    EXPECT_FALSE(all[1].past);
    EXPECT_EQ(entries(CertificateAuthority::public_ca, day(2027, 3, 1), CalendarTopic::client_auth).size(), 1U);
}

TEST(Calendar, IsEmptyForAPrivateCa) {
    EXPECT_TRUE(plan::calendar(plan::profile(CertificateAuthority::private_ca), november_2026).empty());
}

TEST(Calendar, IsInTheOrderOfTheDays) {
    for (const auto& row : plan::ca_profiles) {
        const auto all = plan::calendar(row, november_2026);
        EXPECT_TRUE(std::ranges::is_sorted(all, {}, &CalendarEntry::from)) << row.name;
        for (const auto& entry : all) EXPECT_FALSE(entry.source.empty()) << row.name;
    }
}

TEST(Calendar, AgreesWithTheDaysThatTheRulesShow) {
    const std::string validity = to_text(plan::validity_limits[2].from);
    const std::string client_auth = to_text(*plan::profile(CertificateAuthority::public_ca).client_auth_ends);
    for (const auto& rule : plan::all_rules()) {
        if (rule.id == "cert.validity-too-long") {
            EXPECT_EQ(rule.date, validity);
        }
        if (rule.id.starts_with("usage.client-auth")) {
            EXPECT_EQ(rule.date, client_auth) << rule.id;
        }
    }
}

}  // namespace
}  // namespace hsmreq::test
