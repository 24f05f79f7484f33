// From what is there to a state and the next step.
#include "workflow/status_item.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hsmreq::workflow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::sys_seconds now{std::chrono::seconds(1'800'000'000)};
constexpr std::chrono::days day{1};

struct Life {
    std::chrono::days begun{10};
    std::chrono::days left{80};
};

HeldCertificate certificate(const Life& life, const std::string& key = "k", const std::string& name = "web.example") {
    HeldCertificate held;
    held.content.der_sha256 = key + std::to_string(life.left.count());
    held.content.public_key_sha256 = key;
    held.content.not_before = now - life.begun;
    held.content.not_after = now + life.left;
    held.content.subject_alternative_names = {{"dns", name}};
    held.sources = {"token"};
    return held;
}

GenerationFacts generation(unsigned number, std::vector<HeldCertificate> certificates = {}) {
    GenerationFacts facts;
    facts.generation = number;
    facts.public_key_sha256 = "k";
    facts.sources = {"token"};
    facts.request_file = "web.csr";
    facts.certificates = std::move(certificates);
    return facts;
}

StatusItem judge(const std::vector<GenerationFacts>& generations, std::optional<std::chrono::days> warn_days = {}) {
    RequestPlan request;
    request.name = "web";
    request.subject.common_name = "web.example";
    request.subject_alternative_names = {{NameType::dns, "web.example", {"subject"}}};
    Yardstick yardstick{.ca = CertificateAuthority::private_ca, .now = now, .warn_days = warn_days};
    StatusItem item;
    item.request = "web";
    item.member = item.token_member = "rp01";
    conclude(generations, request, yardstick, item);
    return item;
}

struct Row {
    const char* what;
    std::vector<GenerationFacts> generations;
    StatusState state;
    unsigned generation;
    unsigned pending;
    bool due;
    const char* next;
};

TEST(StatusItem, FollowsFromTheGenerations) {
    GenerationFacts key_alone = generation(1);
    key_alone.request_file.clear();
    GenerationFacts unasked = generation(2);
    unasked.request_file.clear();
    GenerationFacts gone = generation(1, {certificate({})});
    gone.private_key = KeyPresence::gone;
    const Life old{std::chrono::days(70), std::chrono::days(20)};
    const Life over{std::chrono::days(90), std::chrono::days(-1)};
    const Life future{std::chrono::days(-1), std::chrono::days(80)};
    const Row rows[] = {
        {"nothing", {}, StatusState::no_request, 0, 0, false, "request"},
        {"a key alone", {key_alone}, StatusState::no_request, 1, 0, false, "request"},
        {"a request", {generation(1)}, StatusState::waiting, 1, 0, false, "install"},
        {"a certificate", {generation(1, {certificate({})})}, StatusState::valid, 1, 0, false, ""},
        {"an old one", {generation(1, {certificate(old)})}, StatusState::valid, 1, 0, true, "renew"},
        {"one that is over", {generation(1, {certificate(over)})}, StatusState::expired, 1, 0, true, "renew"},
        {"one of the future", {generation(1, {certificate(future)})}, StatusState::not_yet_valid, 1, 0, false, ""},
        {"a successor waits",
         {generation(1, {certificate(old)}), generation(2)},
         StatusState::renewal_pending,
         1,
         2,
         false,
         "install"},
        {"a successor without a request",
         {generation(1, {certificate(old)}), unasked},
         StatusState::renewal_pending,
         1,
         2,
         false,
         "renew"},
        {"one that is over, and a successor",
         {generation(1, {certificate(over)}), generation(2)},
         StatusState::expired,
         1,
         2,
         false,
         "install"},
        {"two in turn",
         {generation(1, {certificate(old)}), generation(2, {certificate({})})},
         StatusState::valid,
         2,
         0,
         false,
         "retire"},
        {"the first retired", {gone, generation(2, {certificate({})})}, StatusState::valid, 2, 0, false, ""},
        {"for another key", {generation(1, {certificate({}, "other")})}, StatusState::waiting, 1, 0, false, "install"},
    };
    for (const auto& row : rows) {
        const auto item = judge(row.generations);
        EXPECT_EQ(item.state, row.state) << row.what;
        EXPECT_EQ(item.generation, row.generation) << row.what;
        EXPECT_EQ(item.pending_generation, row.pending) << row.what;
        EXPECT_EQ(item.due, row.due) << row.what;
        EXPECT_EQ(item.next, row.next) << row.what;
    }
}

TEST(StatusItem, IsDueByTheDaysThatAreGiven) {
    const std::vector<GenerationFacts> all{
        generation(1, {certificate({std::chrono::days(10), std::chrono::days(20)})})};
    EXPECT_FALSE(judge(all).due) << "more than a third is left";
    EXPECT_FALSE(judge(all, 20 * day).due);
    EXPECT_TRUE(judge(all, 21 * day).due);
}

TEST(StatusItem, IsDueForANameUnlessARequestHasIt) {
    auto facts = generation(1, {certificate({}, "k", "other.example")});
    auto item = judge({facts});
    EXPECT_TRUE(item.due);
    EXPECT_THAT(item.missing_names, ElementsAre("web.example"));
    EXPECT_THAT(item.unexpected_names, ElementsAre("other.example"));
    facts.request.emplace().subject_alternative_names = {{"dns", "web.example"}};
    item = judge({facts});
    EXPECT_FALSE(item.due);
    EXPECT_EQ(item.next, "install");
}

TEST(StatusItem, TakesTheCertificateThatLastsLongest) {
    const auto item =
        judge({generation(1, {certificate({}), certificate({std::chrono::days(1), std::chrono::days(89)})})});
    ASSERT_NE(item.certificate(), nullptr);
    EXPECT_EQ(item.certificate()->days_left, 89);
    ASSERT_EQ(item.findings.size(), 1U);
    EXPECT_EQ(item.findings[0].id, "status.certificates-differ");
}

TEST(StatusItem, HasNoFindingsWhenAllIsWell) {
    EXPECT_THAT(judge({generation(1, {certificate({})})}).findings, IsEmpty());
}

}  // namespace
}  // namespace hsmreq::workflow
