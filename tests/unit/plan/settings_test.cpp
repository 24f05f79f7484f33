#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farms.hpp"
#include "plan/ca_profiles.hpp"
#include "plan/extended_key_usage.hpp"

namespace hsmreq::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string server_auth(plan::server_auth_oid);
const std::string client_auth(plan::client_auth_oid);

TEST(KeyUsage, FollowsTheKeyFamily) {
    Farm farm = contoso();
    EXPECT_THAT(plan_of(farm).requests[0].key_usage,
                ElementsAre(KeyUsageBit::digital_signature, KeyUsageBit::key_encipherment));
    for (const auto algorithm : {KeyAlgorithm::ec_p256, KeyAlgorithm::ec_p521, KeyAlgorithm::ed25519}) {
        farm.key.algorithm = algorithm;
        EXPECT_THAT(plan_of(farm).requests[0].key_usage, ElementsAre(KeyUsageBit::digital_signature));
    }
}

TEST(KeyUsage, AsWrittenHasEachBitOnceInOrder) {
    Farm farm = contoso();
    farm.certificate.key_usage = {
        {KeyUsageBit::key_encipherment, KeyUsageBit::digital_signature, KeyUsageBit::key_encipherment}};
    EXPECT_THAT(plan_of(farm).requests[0].key_usage,
                ElementsAre(KeyUsageBit::digital_signature, KeyUsageBit::key_encipherment));
    farm.certificate.key_usage = std::vector<KeyUsageBit>{};
    EXPECT_THAT(plan_of(farm).requests[0].key_usage, IsEmpty());
}

struct ClientAuthEnd {
    CertificateAuthority ca;
    Date last_day;
    Date first_day_without;
};

class ClientAuth : public testing::TestWithParam<ClientAuthEnd> {};

TEST_P(ClientAuth, GoesInByDefaultWhileTheCaIssuesIt) {
    Farm farm = contoso();
    farm.ca = GetParam().ca;
    const auto before = plan_of(farm, GetParam().last_day);
    EXPECT_THAT(before.requests[0].extended_key_usage, ElementsAre(server_auth, client_auth));
    EXPECT_THAT(findings(before, "usage.client-auth-dropped"), IsEmpty());
    const auto after = plan_of(farm, GetParam().first_day_without);
    EXPECT_THAT(after.requests[0].extended_key_usage, ElementsAre(server_auth));
    ASSERT_EQ(findings(after, "usage.client-auth-dropped").size(), 1U);
    EXPECT_EQ(findings(after, "usage.client-auth-dropped")[0].severity, Severity::info);
}

INSTANTIATE_TEST_SUITE_P(
    PublicCas, ClientAuth,
    testing::Values(ClientAuthEnd{CertificateAuthority::public_ca, day(2027, 3, 14), day(2027, 3, 15)},
                    ClientAuthEnd{CertificateAuthority::lets_encrypt, day(2026, 7, 7), day(2026, 7, 8)},
                    ClientAuthEnd{CertificateAuthority::google, day(2026, 4, 12), day(2026, 4, 13)},
                    ClientAuthEnd{CertificateAuthority::digicert, day(2027, 2, 28), day(2027, 3, 1)},
                    ClientAuthEnd{CertificateAuthority::sectigo, day(2026, 5, 14), day(2026, 5, 15)}));

TEST(ExtendedKeyUsage, OfAPrivateCaKeepsClientAuth) {
    Farm farm = contoso();
    farm.ca = CertificateAuthority::private_ca;
    const auto plan = plan_of(farm, day(2035, 1, 1));
    EXPECT_THAT(plan.requests[0].extended_key_usage, ElementsAre(server_auth, client_auth));
    EXPECT_THAT(besides_client_auth(plan), IsEmpty());
}

TEST(ExtendedKeyUsage, OfAGenericFarmIsServerAuth) {
    EXPECT_THAT(plan_of(generic()).requests[0].extended_key_usage, ElementsAre(server_auth));
}

TEST(ExtendedKeyUsage, AsWrittenKeepsItsOrder) {
    Farm farm = generic();
    farm.requests[0].certificate.extended_key_usage = {{"1.2.3.4", "serverAuth", "1.3.6.1.5.5.7.3.1", "clientAuth"}};
    EXPECT_THAT(plan_of(farm).requests[0].extended_key_usage, ElementsAre("1.2.3.4", server_auth, client_auth));
    farm.requests[0].certificate.extended_key_usage = std::vector<std::string>{};
    EXPECT_THAT(plan_of(farm).requests[0].extended_key_usage, IsEmpty());
}

TEST(SubjectKeyIdentifier, FollowsTheCaUnlessTheFileDecides) {
    Farm farm = contoso();
    EXPECT_FALSE(plan_of(farm).requests[0].subject_key_identifier);
    farm.certificate.default_extensions = DefaultExtensions::add;
    EXPECT_TRUE(plan_of(farm).requests[0].subject_key_identifier);
    farm = generic();
    EXPECT_TRUE(plan_of(farm).requests[0].subject_key_identifier);
    farm.requests[0].certificate.default_extensions = DefaultExtensions::suppress;
    EXPECT_FALSE(plan_of(farm).requests[0].subject_key_identifier);
}

TEST(KeyPurpose, FollowsTheFamily) {
    Farm farm = contoso();
    EXPECT_EQ(plan_of(farm).requests[0].key.purpose, KeyPurpose::exchange);
    farm.key.purpose = KeyPurpose::signature;
    EXPECT_EQ(plan_of(farm).requests[0].key.purpose, KeyPurpose::signature);
    farm.key.algorithm = KeyAlgorithm::ec_p256;
    farm.key.purpose = KeyPurpose::exchange;
    EXPECT_EQ(plan_of(farm).requests[0].key.purpose, KeyPurpose::signature);
}

TEST(RequestPlan, CarriesWhatTheFileSays) {
    Farm farm = contoso();
    farm.certificate.subject.organization = "Contoso";
    farm.certificate.description = "for the proxies";
    farm.certificate.file_format = FileFormat::binary;
    farm.certificate.ad_cs_template = "WebServer";
    farm.key.algorithm = KeyAlgorithm::rsa_4096;
    farm.key.hash = Hash::sha384;
    farm.key.wrapping_key = "pkcs11:object=wrap";
    farm.key.private_key = PrivateKeyPolicy::wrap_only;
    const auto plan = plan_of(farm);
    const auto& request = plan.requests[0];
    EXPECT_EQ(plan.farm, "contoso");
    EXPECT_EQ(plan.farm_file, "contoso.toml");
    EXPECT_EQ(plan.date, november_2026);
    EXPECT_EQ(request.subject.fields.organization, "Contoso");
    EXPECT_EQ(request.friendly_name, "Reverse Proxy Listener for Lync Server");
    EXPECT_EQ(request.description, "for the proxies");
    EXPECT_EQ(request.file_format, FileFormat::binary);
    EXPECT_EQ(request.file_name, "{request}.{member}");
    EXPECT_EQ(request.ad_cs_template, "WebServer");
    EXPECT_EQ(request.key.algorithm, KeyAlgorithm::rsa_4096);
    EXPECT_EQ(request.key.hash, Hash::sha384);
    EXPECT_EQ(request.key.private_key, PrivateKeyPolicy::wrap_only);
    EXPECT_EQ(request.key.sharing, Sharing::per_member);
    EXPECT_EQ(request.key.wrapping_key, "pkcs11:object=wrap");
}

TEST(CaProfiles, HaveARowForEachCa) {
    for (const auto& [ca, name] : named<CertificateAuthority>) EXPECT_EQ(plan::profile(ca).id, ca) << name;
}

}  // namespace
}  // namespace hsmreq::test
