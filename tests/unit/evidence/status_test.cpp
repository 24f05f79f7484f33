// The status as metrics: escaping, one line for a series, nothing for what is not known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/documents.hpp"
#include "unit/evidence/samples.hpp"

namespace hsmreq::evidence {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::sys_seconds now{std::chrono::seconds(1'800'000'000)};

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

TEST(Metrics, TellACertificateByItsGeneration) {
    const auto text = status_metrics(samples::status(), now);
    EXPECT_THAT(text, HasSubstr("# TYPE hsmreq_certificate_not_after_timestamp_seconds gauge\n"));
    EXPECT_THAT(text, HasSubstr("hsmreq_certificate_not_after_timestamp_seconds{farm=\"contoso\",request=\"reverse-"
                                "proxy\",member=\"rp01\",generation=\"2\"} 1799999999\n"));
    EXPECT_THAT(text, HasSubstr("hsmreq_renewal_due{farm=\"contoso\",request=\"reverse-proxy\",member=\"rp01\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("state=\"expired\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("hsmreq_status_timestamp_seconds{farm=\"contoso\"} 1800000000\n"));
}

TEST(Metrics, EscapeLabelValues) {
    auto summary = samples::status();
    summary.items[0].request = "a\\b\"c\nd";
    EXPECT_THAT(status_metrics(summary, now), HasSubstr("request=\"a\\\\b\\\"c\\nd\""));
}

TEST(Metrics, HaveNoSeriesTwice) {
    auto summary = samples::status();
    summary.items.push_back(summary.items.front());
    EXPECT_EQ(occurrences(status_metrics(summary, now), "hsmreq_renewal_due{"), 1U);
}

TEST(Metrics, OfNoItemsAreTheTimeAlone) {
    auto summary = samples::status();
    summary.items.clear();
    const auto text = status_metrics(summary, now);
    EXPECT_THAT(text, Not(HasSubstr("hsmreq_renewal_due")));
    EXPECT_EQ(occurrences(text, "# TYPE"), 1U);
}

TEST(StatusItem, HasTheCertificateOfTheGenerationInService) {
    auto summary = samples::status();
    StatusItem& item = summary.items[0];
    ASSERT_NE(item.certificate(), nullptr);
    EXPECT_EQ(item.certificate()->serial, "4002");
    item.generations.back().public_key_sha256 = std::string(64, 'f');
    EXPECT_EQ(item.certificate(), nullptr) << "one for another key";
    item.generation = 0;
    EXPECT_EQ(item.certificate(), nullptr);
}

}  // namespace
}  // namespace hsmreq::evidence
