#include "base/clock.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace hsmreq {
namespace {

TEST(ParseDate, ReadsCalendarDays) {
    using namespace std::chrono;
    EXPECT_EQ(parse_date("2026-11-23"), 2026y / November / 23);
    EXPECT_EQ(parse_date("2028-02-29"), 2028y / February / 29);
}

TEST(ParseDate, RefusesEverythingElse) {
    for (const auto* text : {"", "2026-11-3", "2026-11-31", "2027-02-29", "2026-00-10", "2026-13-01", "2026-01-00",
                             "26-11-2023", "2026/11/23", "2026-11-23T", "+026-11-23", "2026--1-23", "2026-11- 3"})
        EXPECT_EQ(parse_date(text), std::nullopt) << text;
}

TEST(Date, TextSurvivesTheRoundTrip) {
    for (const auto* text : {"2026-03-05", "0999-12-31"}) EXPECT_EQ(to_text(parse_date(text).value()), text);
}

TEST(Timestamp, IsRfc3339InUtcWithSeconds) {
    const auto before = today();
    const auto text = timestamp();
    const auto after = today();
    EXPECT_TRUE(std::regex_match(text, std::regex(R"(\d{4}-\d\d-\d\dT[0-2]\d:[0-5]\d:[0-5]\dZ)"))) << text;
    const auto day = parse_date(text.substr(0, 10));
    ASSERT_TRUE(day);
    EXPECT_TRUE(before <= *day && *day <= after) << text;
}

}  // namespace
}  // namespace hsmreq
