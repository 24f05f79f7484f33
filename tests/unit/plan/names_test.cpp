#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farms.hpp"

namespace hsmreq::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(CombinedNames, FollowTheOrderOfReasons) {
    const auto plan = plan_of(contoso());
    ASSERT_EQ(plan.requests.size(), 1U);
    EXPECT_EQ(plan.requests[0].name, "reverse-proxy");
    EXPECT_EQ(plan.requests[0].subject.common_name, "webext.contoso.com");
    EXPECT_THAT(names_with_reasons(plan.requests[0]),
                ElementsAre("webext.contoso.com: subject, pool", "webdirext.contoso.com: director",
                            "meet.contoso.com: meet", "meet.fabrikam.com: meet", "dialin.contoso.com: dialin",
                            "officewebapps01.contoso.com: office-web-apps", "lyncdiscover.contoso.com: autodiscover",
                            "lyncdiscover.fabrikam.com: autodiscover"));
    EXPECT_THAT(besides_client_auth(plan), IsEmpty());
}

TEST(CombinedNames, PutAnotherCommonNameFirst) {
    Farm farm = contoso();
    farm.certificate.common_name = "Meet.Contoso.com";
    const auto plan = plan_of(farm);
    EXPECT_EQ(plan.requests[0].subject.common_name, "meet.contoso.com");
    const auto names = names_with_reasons(plan.requests[0]);
    EXPECT_EQ(names[0], "meet.contoso.com: subject, meet");
    EXPECT_EQ(names[1], "webext.contoso.com: pool");
}

TEST(CombinedNames, ListEveryPool) {
    Farm farm = contoso();
    farm.pools.push_back({"webext2.contoso.com", "", {}, ":443"});
    const auto names = names_with_reasons(plan_of(farm).requests[0]);
    EXPECT_EQ(names[0], "webext.contoso.com: subject, pool");
    EXPECT_EQ(names[1], "webext2.contoso.com: pool");
}

TEST(CombinedNames, WithEdgeBeginWithTheAccessEdge) {
    Farm farm = contoso_with_edge();
    farm.edge->online_sip_domains = {"online.contoso.com", "contoso.com"};
    farm.edge->xmpp_domains = {"contoso.com"};
    farm.certificate.extra_names = {"extra.contoso.com", "webconf.contoso.com"};
    const auto plan = plan_of(farm);
    EXPECT_EQ(plan.requests[0].name, "reverse-proxy");
    EXPECT_EQ(plan.requests[0].subject.common_name, "access.contoso.com");
    EXPECT_THAT(names_with_reasons(plan.requests[0]),
                ElementsAre("access.contoso.com: subject, edge-access", "webext.contoso.com: pool",
                            "webdirext.contoso.com: director", "meet.contoso.com: meet", "meet.fabrikam.com: meet",
                            "dialin.contoso.com: dialin", "officewebapps01.contoso.com: office-web-apps",
                            "lyncdiscover.contoso.com: autodiscover", "lyncdiscover.fabrikam.com: autodiscover",
                            "webconf.contoso.com: edge-web-conferencing, extra", "sip.contoso.com: edge-sip",
                            "sip.fabrikam.com: edge-sip", "sip.online.contoso.com: edge-sip", "contoso.com: edge-xmpp",
                            "extra.contoso.com: extra"));
}

TEST(CombinedNames, CanHaveAnotherRequestName) {
    Farm farm = contoso();
    farm.certificate.name = "proxy";
    EXPECT_EQ(plan_of(farm).requests[0].name, "proxy");
}

Farm two_pools() {
    Farm farm = contoso();
    farm.certificate.layout = Layout::per_pool;
    farm.pools.push_back({"WebExt2.contoso.com", "", {"rp02"}, ":444"});
    return farm;
}

TEST(PerPoolNames, GiveTheSharedNamesToTheFirstPool) {
    const auto plan = plan_of(two_pools());
    ASSERT_EQ(plan.requests.size(), 2U);
    EXPECT_EQ(plan.requests[0].name, "webext.contoso.com");
    EXPECT_EQ(plan.requests[1].name, "webext2.contoso.com");
    EXPECT_EQ(plan.requests[0].subject_alternative_names.size(), 8U);
    EXPECT_THAT(names_with_reasons(plan.requests[1]), ElementsAre("webext2.contoso.com: subject, pool"));
    EXPECT_THAT(plan.requests[0].members, ElementsAre("rp01", "rp02"));
    EXPECT_THAT(plan.requests[1].members, ElementsAre("rp02"));
}

TEST(PerPoolNames, CanGiveTheSharedNamesToEveryPool) {
    Farm farm = two_pools();
    farm.certificate.shared_names = SharedNames::every_pool;
    const auto plan = plan_of(farm);
    EXPECT_EQ(plan.requests[1].subject_alternative_names.size(), 8U);
    EXPECT_THAT(name_values(plan.requests[1]), Contains("meet.fabrikam.com"));
    EXPECT_THAT(name_values(plan.requests[1]), Not(Contains("webext.contoso.com")));
}

struct UrlLayout {
    const char* name;
    std::vector<MeetUrls> meet;
    std::vector<std::string> dialin;
    std::vector<std::string> names;
};

void PrintTo(const UrlLayout& layout, std::ostream* out) {
    *out << layout.name;
}

class SimpleUrlLayouts : public testing::TestWithParam<UrlLayout> {};

TEST_P(SimpleUrlLayouts, GiveEachHostOnce) {
    Farm farm = contoso();
    farm.simple_urls.meet = GetParam().meet;
    farm.simple_urls.dialin = GetParam().dialin;
    const auto plan = plan_of(farm);
    std::vector<std::string> names;
    for (const auto& name : plan.requests[0].subject_alternative_names)
        if (name.reasons[0] == "meet" || name.reasons[0] == "dialin") names.push_back(name.value);
    EXPECT_EQ(names, GetParam().names);
    EXPECT_THAT(besides_client_auth(plan), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Layouts, SimpleUrlLayouts,
                         testing::Values(UrlLayout{"OneHostPerDomain",
                                                   {{"contoso.com", {"https://meet.contoso.com"}},
                                                    {"fabrikam.com", {"https://meet.fabrikam.com/"}}},
                                                   {"https://dialin.contoso.com"},
                                                   {"meet.contoso.com", "meet.fabrikam.com", "dialin.contoso.com"}},
                                         UrlLayout{"PathsOnOneHostPerDomain",
                                                   {{"contoso.com", {"https://lync.contoso.com/Meet"}},
                                                    {"fabrikam.com", {"https://lync.fabrikam.com/Meet"}}},
                                                   {"https://lync.contoso.com/Dialin"},
                                                   {"lync.contoso.com", "lync.fabrikam.com"}},
                                         UrlLayout{"OneHostForAll",
                                                   {{"contoso.com", {"HTTPS://Lync.contoso.com/contoso.com/Meet"}},
                                                    {"fabrikam.com", {"https://lync.contoso.com/fabrikam.com/Meet"}}},
                                                   {"https://lync.contoso.com/Dialin"},
                                                   {"lync.contoso.com"}}),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST(SiteUrls, FollowThoseOfTheOrganisation) {
    Farm farm = contoso();
    farm.simple_urls.sites = {
        {"Redmond", {"https://meetus.contoso.com", "https://meetus.fabrikam.com"}, {"https://dialin.contoso.com"}}};
    const auto plan = plan_of(farm);
    const auto names = name_values(plan.requests[0]);
    EXPECT_THAT(std::vector(names.begin() + 2, names.begin() + 7),
                ElementsAre("meet.contoso.com", "meet.fabrikam.com", "meetus.contoso.com", "meetus.fabrikam.com",
                            "dialin.contoso.com"));
    EXPECT_THAT(besides_client_auth(plan), IsEmpty());
}

TEST(SiteUrls, CanServeASipDomainAlone) {
    Farm farm = contoso();
    farm.simple_urls.meet = {{"contoso.com", {"https://meet.contoso.com"}}};
    farm.simple_urls.sites = {{"Redmond", {"https://lync.contoso.com/fabrikam.com/Meet"}, {}}};
    EXPECT_THAT(besides_client_auth(plan_of(farm)), IsEmpty());
}

TEST(Autodiscover, NeedsNoNameOverHttp) {
    Farm farm = contoso();
    farm.mobility.over = AutodiscoverOver::http;
    EXPECT_THAT(name_values(plan_of(farm).requests[0]), Not(Contains("lyncdiscover.contoso.com")));
}

TEST(Autodiscover, NeedsNoNameWhenOff) {
    Farm farm = contoso();
    farm.mobility.autodiscover = false;
    EXPECT_THAT(name_values(plan_of(farm).requests[0]), Not(Contains("lyncdiscover.contoso.com")));
}

TEST(Autodiscover, CanCoverChosenDomains) {
    Farm farm = contoso();
    farm.mobility.domains = {"fabrikam.com"};
    const auto names = name_values(plan_of(farm).requests[0]);
    EXPECT_THAT(names, Contains("lyncdiscover.fabrikam.com"));
    EXPECT_THAT(names, Not(Contains("lyncdiscover.contoso.com")));
}

TEST(ExchangeNames, GoInOnlyWhenAsked) {
    Farm farm = contoso();
    farm.exchange.autodiscover_fqdns = {"autodiscover.contoso.com"};
    farm.exchange.web_services_fqdns = {"mail.contoso.com"};
    EXPECT_THAT(name_values(plan_of(farm).requests[0]), Not(Contains("mail.contoso.com")));
    farm.exchange.on_this_certificate = true;
    const auto names = names_with_reasons(plan_of(farm).requests[0]);
    EXPECT_THAT(names, Contains("autodiscover.contoso.com: exchange"));
    EXPECT_THAT(names, Contains("mail.contoso.com: exchange"));
}

TEST(AdminUrl, IsNeverAName) {
    Farm farm = contoso();
    farm.simple_urls.admin = {"https://admin.contoso.com"};
    EXPECT_THAT(name_values(plan_of(farm).requests[0]), Not(Contains("admin.contoso.com")));
}

TEST(Wildcard, ReplacesSimpleUrlAndAutodiscoverHosts) {
    Farm farm = contoso();
    farm.certificate.wildcard_for = {"contoso.com"};
    farm.simple_urls.dialin = {"https://dialin.eu.contoso.com"};
    EXPECT_THAT(
        names_with_reasons(plan_of(farm).requests[0]),
        ElementsAre("webext.contoso.com: subject, pool", "webdirext.contoso.com: director",
                    "*.contoso.com: meet, autodiscover", "meet.fabrikam.com: meet", "dialin.eu.contoso.com: dialin",
                    "officewebapps01.contoso.com: office-web-apps", "lyncdiscover.fabrikam.com: autodiscover"));
}

TEST(Wildcard, LeavesWhatTheSubjectOrEdgeNeedsWrittenOut) {
    Farm farm = contoso_with_edge();
    farm.certificate.wildcard_for = {"contoso.com"};
    farm.certificate.common_name = "meet.contoso.com";
    const auto names = names_with_reasons(plan_of(farm).requests[0]);
    EXPECT_EQ(names[0], "meet.contoso.com: subject, meet");
    EXPECT_THAT(names, Contains("sip.contoso.com: edge-sip"));
    EXPECT_THAT(names, Contains("*.contoso.com: dialin, autodiscover"));
}

TEST(Wildcard, MeansTheSameWithItsStarWrittenOut) {
    Farm farm = contoso();
    farm.certificate.wildcard_for = {"*.contoso.com"};
    EXPECT_THAT(names_with_reasons(plan_of(farm).requests[0]), Contains("*.contoso.com: meet, dialin, autodiscover"));
}

TEST(GenericRequest, TakesItsFirstNameAsCommonName) {
    Farm farm = generic();
    farm.requests[0].names = {"Shop.example.com", "www.example.com", "shop.example.com"};
    const auto plan = plan_of(farm);
    EXPECT_EQ(plan.requests[0].subject.common_name, "shop.example.com");
    EXPECT_THAT(names_with_reasons(plan.requests[0]),
                ElementsAre("shop.example.com: subject, extra", "www.example.com: extra"));
    EXPECT_THAT(besides_client_auth(plan), ElementsAre("name.duplicate"));
}

TEST(GenericRequest, PutsItsCommonNameFirst) {
    Farm farm = generic();
    farm.requests[0].common_name = "www.example.com";
    EXPECT_THAT(names_with_reasons(plan_of(farm).requests[0]),
                ElementsAre("www.example.com: subject", "shop.example.com: extra"));
}

TEST(GenericRequest, MayHoldAddressesOfAPrivateCa) {
    Farm farm = generic();
    farm.requests[0].names = {"shop.corp", "[2001:DB8::1]", "192.0.2.7"};
    const auto plan = plan_of(farm);
    EXPECT_THAT(name_values(plan.requests[0]), ElementsAre("shop.corp", "2001:db8::1", "192.0.2.7"));
    EXPECT_EQ(plan.requests[0].subject_alternative_names[1].type, NameType::ip);
    EXPECT_THAT(besides_client_auth(plan), IsEmpty());
}

TEST(FurtherRequests, ComeBehindThePlannedOnes) {
    Farm farm = contoso();
    farm.requests = {entry("wiki", {"wiki.contoso.com"})};
    const auto plan = plan_of(farm);
    ASSERT_EQ(plan.requests.size(), 2U);
    EXPECT_EQ(plan.requests[0].name, "reverse-proxy");
    EXPECT_THAT(names_with_reasons(plan.requests[1]), ElementsAre("wiki.contoso.com: subject, extra"));
}

TEST(UnicodeNames, BecomeALabels) {
    Farm farm = generic();
    farm.requests[0].names = {"b\u00fccher.example.com"};
    EXPECT_EQ(plan_of(farm).requests[0].subject.common_name, "xn--bcher-kva.example.com");
}

TEST(ManyNames, ArePlannedOnceEach) {
    Farm farm = generic();
    auto& names = farm.requests[0].names;
    names.clear();
    constexpr std::size_t count = 100'000;
    for (std::size_t i = 0; i < count; ++i) names.push_back("h" + std::to_string(i % (count / 2)) + ".example.com");
    EXPECT_EQ(plan_of(farm).requests[0].subject_alternative_names.size(), count / 2);
}

}  // namespace
}  // namespace hsmreq::test
