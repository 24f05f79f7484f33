// Which certificate is for which key: values in, values out.
#include "workflow/install_match.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hsmreq::workflow {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A farm with the requests "api" and "web", each with a key of its own on rp01 and rp02.
class Matching : public ::testing::Test {
protected:
    Matching() {
        plan.farm = "small";
        for (const char* name : {"api", "web"}) {
            RequestPlan request;
            request.name = name;
            request.subject_alternative_names = {{NameType::dns, std::string(name) + ".example.com", {}}};
            plan.requests.push_back(request);
            for (const char* member : {"rp01", "rp02"})
                plan.items.push_back({plan.requests.size() - 1, member, member});
        }
    }

    void give(const std::string& key, const std::string& serial, bool ca = false, const std::string& name = {}) {
        CertificateInspection certificate;
        certificate.public_key_sha256 = key;
        certificate.subject_text = "CN=" + key;
        certificate.serial = serial;
        certificate.basic_constraints = BasicConstraints{true, ca, std::nullopt};
        if (!name.empty()) certificate.subject_alternative_names.push_back({"dns", name});
        bundle.certificates.push_back({certificate, "given.pem", "given.pem, certificate " + serial});
    }

    FarmKey& hold(std::size_t item, unsigned generation, const std::string& sha256, const std::string& member = {}) {
        const PlanItem& planned = plan.items[item];
        FarmKey key;
        key.item = item;
        key.member = member.empty() ? planned.token_member : member;
        key.copy = key.member != planned.token_member;
        key.identity = {plan.farm, plan.requests[planned.request].name, planned.member, generation};
        key.current = true;
        key.sha256 = sha256;
        return keys.emplace_back(key);
    }

    [[nodiscard]] Matches match() const { return match_certificates({plan, bundle, keys, not_reached, elsewhere}); }

    Plan plan;
    Bundle bundle;
    std::vector<FarmKey> keys;
    std::vector<Error> not_reached;
    std::map<std::string, std::string> elsewhere;
};

TEST_F(Matching, GoesByPublicKeyAndComesOutInPlanOrder) {
    hold(3, 1, "key of web rp02");
    hold(0, 2, "key of api rp01 g2");
    hold(0, 1, "key of api rp01");
    give("key of web rp02", "1");
    give("a CA", "2", true);
    give("key of api rp01 g2", "3");
    give("key of api rp01", "4");
    const auto matches = match();
    ASSERT_THAT(matches.items, SizeIs(3));
    std::vector<std::string> found;
    for (const auto& item : matches.items) {
        EXPECT_FALSE(item.result.error);
        found.push_back(item.result.request + "/" + item.result.member + " g" + std::to_string(item.result.generation) +
                        " by " + item.result.certificate.serial);
    }
    EXPECT_THAT(found, ::testing::ElementsAre("api/rp01 g1 by 4", "api/rp01 g2 by 3", "web/rp02 g1 by 1"));
}

TEST_F(Matching, TakesEveryTokenThatHoldsTheKey) {
    hold(0, 1, "shared");
    hold(0, 1, "shared", "rp02");
    give("shared", "1");
    const auto matches = match();
    ASSERT_THAT(matches.items, SizeIs(1));
    ASSERT_THAT(matches.items[0].task.keys, SizeIs(2));
    EXPECT_FALSE(matches.items[0].task.keys[0].copy);
    EXPECT_TRUE(matches.items[0].task.keys[1].copy);
}

TEST_F(Matching, NamesBothKeysWhereTheyDiffer) {
    hold(0, 1, "ours");
    give("theirs", "1");
    const auto matches = match();
    ASSERT_THAT(matches.items, SizeIs(1));
    const auto& error = matches.items[0].result.error;
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ExitCode::verification);
    EXPECT_EQ(error->finding, "cert.key-mismatch");
    EXPECT_THAT(error->what, HasSubstr("theirs"));
    EXPECT_THAT(error->hint, HasSubstr("ours (api rp01, generation 1)"));
    EXPECT_THAT(matches.items[0].task.keys, IsEmpty());
}

TEST_F(Matching, BlamesTheTokenThatCouldNotBeLookedAt) {
    hold(0, 1, "ours");
    give("theirs", "1");
    not_reached.push_back({.code = ExitCode::not_found, .what = "no token matches", .where = "member rp02"});
    const auto matches = match();
    ASSERT_THAT(matches.items, SizeIs(1));
    EXPECT_EQ(matches.items[0].result.error->code, ExitCode::not_found);
    EXPECT_THAT(matches.items[0].result.error->what, HasSubstr("no token matches"));
}

TEST_F(Matching, PassesOverWhatIsForAnItemThatIsNotSelected) {
    give("elsewhere", "1");
    elsewhere["elsewhere"] = "web rp02";
    const auto matches = match();
    EXPECT_THAT(matches.items, IsEmpty());
    ASSERT_THAT(matches.notices, SizeIs(1));
    EXPECT_THAT(matches.notices[0], HasSubstr("web rp02, which is not selected"));
}

TEST_F(Matching, RefusesTwoCertificatesForOneKey) {
    hold(0, 1, "ours");
    give("ours", "17");
    give("ours", "18");
    const auto matches = match();
    ASSERT_THAT(matches.items, SizeIs(2));
    for (const auto& item : matches.items) {
        ASSERT_TRUE(item.result.error);
        EXPECT_EQ(item.result.error->code, ExitCode::not_found);
        EXPECT_THAT(item.result.error->what, HasSubstr("17"));
        EXPECT_THAT(item.result.error->what, HasSubstr("18"));
    }
}

struct HoldCase {
    const char* name;
    KeyHold hold;
    const char* finding;
};
void PrintTo(const HoldCase& given, std::ostream* stream) {
    *stream << given.name;
}
class Unusable : public Matching, public ::testing::WithParamInterface<HoldCase> {};

TEST_P(Unusable, KeysAreNamedByTheirFinding) {
    hold(0, 1, "ours").hold = GetParam().hold;
    give("ours", "1");
    const auto matches = match();
    ASSERT_THAT(matches.items, SizeIs(1));
    ASSERT_TRUE(matches.items[0].result.error);
    EXPECT_EQ(matches.items[0].result.error->code, ExitCode::not_found);
    EXPECT_EQ(matches.items[0].result.error->finding, GetParam().finding);
    EXPECT_EQ(matches.items[0].result.request, "api");
    EXPECT_THAT(matches.items[0].task.keys, IsEmpty());
}

constexpr HoldCase hold_cases[] = {{"Retired", KeyHold::public_only, "key.missing"},
                                   {"Ambiguous", KeyHold::ambiguous, "key.ambiguous"}};
INSTANTIATE_TEST_SUITE_P(Table, Unusable, ::testing::ValuesIn(hold_cases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Matching, AnExistingKeyOfTwoRequestsGoesToTheOneWhoseNamesFit) {
    hold(0, 1, "one key");
    hold(2, 1, "one key");
    give("one key", "1", false, "web.example.com");
    const auto matches = match();
    ASSERT_THAT(matches.items, SizeIs(1));
    EXPECT_EQ(matches.items[0].result.request, "web");
    EXPECT_THAT(matches.items[0].task.keys, SizeIs(1));
}

}  // namespace
}  // namespace hsmreq::workflow
