// Findings where the farm's other answers, the date or the place of a setting matter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farms.hpp"
#include "plan/rules.hpp"

namespace hsmreq::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Findings, AllHaveTheirLine) {
    Farm farm = contoso();
    farm.lines = {{"pool[0].external_web_fqdn", 12}, {"simple_urls.meet_pattern", 20}, {"member", 30}};
    farm.pools[0].external_web_fqdn = "web_ext.contoso.com";
    farm.simple_urls.meet[1].urls = {"http://meet.fabrikam.com"};
    const auto plan = plan_of(farm);
    EXPECT_EQ(findings(plan, "name.underscore")[0].where, "pool[0].external_web_fqdn, line 12");
    EXPECT_EQ(findings(plan, "name.simple-url-not-https")[0].where, "simple_urls.meet.\"fabrikam.com\"[0], line 20");
}

TEST(Findings, OfAnEntryPointToWhereTheSettingIsWritten) {
    Farm farm = generic();
    farm.requests[0].key.algorithm = KeyAlgorithm::ed25519;
    farm.lines = {{"key.algorithm", 5}, {"request[0]", 9}};
    EXPECT_EQ(findings(plan_of(farm), "key.ed25519-libp11")[0].where, "key.algorithm, line 5");
    farm.lines["request[0].key.algorithm"] = 11;
    EXPECT_EQ(findings(plan_of(farm), "key.ed25519-libp11")[0].where, "request[0].key.algorithm, line 11");
}

TEST(Findings, OfABadNameAreFewAndEscaped) {
    Farm farm = contoso();
    farm.certificate.extra_names = {"evil\x1b[2J\x07.com", std::string(100'000, '=')};
    const auto found = findings(plan_of(farm), "name.not-ldh");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_THAT(found[0].message, AllOf(HasSubstr("evil\\x1b[2J\\x07.com"), Not(HasSubstr("\x1b"))));
    EXPECT_LT(found[1].message.size(), 300U);
    EXPECT_TRUE(refuses(found));
}

TEST(Ed25519, IsAWarningWhenAllowed) {
    Farm farm = generic();
    farm.requests[0].key.algorithm = KeyAlgorithm::ed25519;
    const auto plan = make_plan(farm, {november_2026, true});
    ASSERT_EQ(findings(plan, "key.ed25519-libp11").size(), 1U);
    EXPECT_FALSE(refuses(plan.findings));
}

TEST(ClientAuthRule, IsAnErrorOnlyOnceTheCaRefuses) {
    Farm farm = contoso();
    farm.certificate.extended_key_usage = {{"serverAuth", "clientAuth"}};
    farm.ca = CertificateAuthority::google;
    EXPECT_EQ(findings(plan_of(farm, day(2026, 4, 12)), "usage.client-auth-public-ca")[0].severity, Severity::warning);
    EXPECT_EQ(findings(plan_of(farm, day(2026, 4, 13)), "usage.client-auth-public-ca")[0].severity, Severity::error);
    farm.ca = CertificateAuthority::public_ca;
    EXPECT_EQ(findings(plan_of(farm, day(2028, 1, 1)), "usage.client-auth-public-ca")[0].severity, Severity::warning);
    farm.ca = CertificateAuthority::private_ca;
    EXPECT_THAT(besides_client_auth(plan_of(farm)), IsEmpty());
}

TEST(SharedKey, MayStayInOneNetworkToken) {
    Farm farm = contoso();
    farm.key.sharing = Sharing::shared;
    farm.members[1].uri = farm.members[0].uri;
    EXPECT_THAT(besides_client_auth(plan_of(farm)), IsEmpty());
}

TEST(SharedKey, MadeOnAWorkstationCannotReachTheServer) {
    Farm farm = contoso();
    farm.members = {workstation("ws"), member("rp01")};
    farm.key.sharing = Sharing::shared;
    EXPECT_THAT(finding_ids(plan_of(farm)), Contains("policy.shared-key-cannot-travel"));
    farm.key.generate_on = "rp01";
    EXPECT_THAT(besides_client_auth(plan_of(farm)), IsEmpty());
}

TEST(ExistingKeys, MayShareALabelTemplate) {
    Farm farm = single_member();
    farm.requests = {entry("wiki", {"a.contoso.com"})};
    farm.requests[0].key.label = "{farm}.reverse-proxy.{member}.g{generation}";
    farm.requests[0].key.uri = "pkcs11:object=old";
    EXPECT_THAT(besides_client_auth(plan_of(farm)), IsEmpty());
}

TEST(PrivateCa, MayCertifyInternalNames) {
    Farm farm = contoso();
    farm.ca = CertificateAuthority::private_ca;
    farm.certificate.extra_names = {"pool01.contoso.local"};
    EXPECT_THAT(besides_client_auth(plan_of(farm)), IsEmpty());
}

}  // namespace
}  // namespace hsmreq::test
