// A request compared with a plan: what differs is named, and what means the same is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/x509/samples.hpp"

namespace hsmreq::x509 {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

RequestPlan plan_for_comparison() {
    RequestPlan plan = sample_plan();
    plan.subject.fields.country = "DE";
    plan.subject.fields.organization = "Contoso";
    plan.subject_alternative_names.push_back({NameType::ip, "192.0.2.7", {"extra"}});
    plan.subject_key_identifier = true;
    plan.ad_cs_template = "WebServer";
    return plan;
}

struct Changed {
    const char* name;
    void (*change)(RequestPlan& plan);
    const char* phrase;
};

class Difference : public testing::TestWithParam<Changed> {};

TEST_P(Difference, IsNamedAndDoesNotVerify) {
    const RequestPlan wanted = plan_for_comparison();
    RequestPlan other = wanted;
    GetParam().change(other);
    const Bytes der = signed_request(other);
    const auto phrases = differences(inspect_request(der).value(), wanted);
    EXPECT_THAT(phrases, testing::Contains(HasSubstr(GetParam().phrase)));
    const auto status = verify_request(der, wanted, spki_of(software_key(KeyAlgorithm::ec_p256)));
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ExitCode::verification);
}

INSTANTIATE_TEST_SUITE_P(
    Request, Difference,
    testing::Values(
        Changed{"common_name", [](RequestPlan& p) { p.subject.common_name = "other.contoso.com"; },
                "subject CN is other.contoso.com, not webext.contoso.com"},
        Changed{"field_missing", [](RequestPlan& p) { p.subject.fields.country = ""; }, "subject C missing: DE"},
        Changed{"field_added", [](RequestPlan& p) { p.subject.fields.state = "Bavaria"; }, "subject ST unexpected"},
        Changed{"name_missing",
                [](RequestPlan& p) { p.subject_alternative_names.erase(p.subject_alternative_names.begin() + 1); },
                "name missing: meet.contoso.com"},
        Changed{"name_added",
                [](RequestPlan& p) {
                    p.subject_alternative_names.push_back({NameType::dns, "x.example", {}});
                },
                "name unexpected: x.example"},
        Changed{"name_twice",
                [](RequestPlan& p) { p.subject_alternative_names.push_back(p.subject_alternative_names[1]); },
                "name appears 2 times: meet.contoso.com"},
        Changed{"address_as_dns", [](RequestPlan& p) { p.subject_alternative_names[2].type = NameType::dns; },
                "name missing: 192.0.2.7"},
        Changed{"address", [](RequestPlan& p) { p.subject_alternative_names[2].value = "192.0.2.8"; },
                "name unexpected (ip): 192.0.2.8"},
        Changed{"no_names", [](RequestPlan& p) { p.subject_alternative_names.clear(); }, "name missing: webext"},
        Changed{"usage_added", [](RequestPlan& p) { p.key_usage.push_back(KeyUsageBit::key_agreement); },
                "key usage is digitalSignature, keyAgreement, not digitalSignature"},
        Changed{"usage_missing", [](RequestPlan& p) { p.key_usage.clear(); }, "key usage missing"},
        Changed{"purpose_missing", [](RequestPlan& p) { p.extended_key_usage.pop_back(); },
                "extended key usage is serverAuth, not clientAuth, serverAuth"},
        Changed{"no_purposes", [](RequestPlan& p) { p.extended_key_usage.clear(); }, "extended key usage missing"},
        Changed{"identifier_missing", [](RequestPlan& p) { p.subject_key_identifier = false; },
                "subjectKeyIdentifier missing"},
        Changed{"template_name", [](RequestPlan& p) { p.ad_cs_template = "User"; },
                "certificateTemplateName has another value"},
        Changed{"hash", [](RequestPlan& p) { p.key.hash = Hash::sha384; },
                "the signature algorithm is ecdsa-with-SHA384, not ecdsa-with-SHA256"}),
    [](const auto& row) { return row.param.name; });

TEST(Differences, ExtensionThatIsNotPlannedIsNamed) {
    RequestPlan wanted = plan_for_comparison();
    const Bytes der = signed_request(wanted);
    wanted.subject_key_identifier = false;
    EXPECT_THAT(differences(inspect_request(der).value(), wanted),
                testing::ElementsAre("extension unexpected: subjectKeyIdentifier"));
    wanted.key_usage.clear();
    EXPECT_THAT(differences(inspect_request(der).value(), wanted),
                testing::Contains("key usage unexpected: digitalSignature"));
}

TEST(Differences, OrderOfNamesAndPurposesDoesNotCountButDoesNotVerify) {
    const RequestPlan wanted = plan_for_comparison();
    RequestPlan other = wanted;
    std::swap(other.subject_alternative_names[0], other.subject_alternative_names[1]);
    std::swap(other.extended_key_usage[0], other.extended_key_usage[1]);
    other.subject_alternative_names[0].value = "MEET.contoso.com";
    const Bytes der = signed_request(other);
    EXPECT_THAT(differences(inspect_request(der).value(), wanted), IsEmpty());
    EXPECT_FALSE(verify_request(der, wanted, spki_of(software_key(KeyAlgorithm::ec_p256))));
}

TEST(Differences, AnotherKeyDoesNotVerify) {
    const RequestPlan plan = sample_plan();
    const Bytes der = signed_request(plan);
    const auto status = verify_request(der, plan, spki_of(software_key(KeyAlgorithm::ec_p384)));
    EXPECT_THAT(status.error().what, HasSubstr("the public key is not the token's"));
}

TEST(Differences, KeyOfAnotherSizeDoesNotVerify) {
    RequestPlan plan = sample_plan(KeyAlgorithm::ec_p256);
    const Bytes der = signed_request(plan);
    plan.key.algorithm = KeyAlgorithm::ec_p384;
    const auto status = verify_request(der, plan, spki_of(software_key(KeyAlgorithm::ec_p256)));
    EXPECT_THAT(status.error().what, HasSubstr("the key is ec-p256, not ec-p384"));
}

TEST(Differences, EveryByteOfARequestCounts) {
    const RequestPlan plan = plan_for_comparison();
    const Bytes der = signed_request(plan);
    const Bytes key = spki_of(software_key(KeyAlgorithm::ec_p256));
    ASSERT_TRUE(verify_request(der, plan, key));
    for (std::size_t i = 0; i < der.size(); ++i) {
        Bytes damaged = der;
        damaged[i] ^= 0x04U;
        EXPECT_FALSE(verify_request(damaged, plan, key)) << i;
    }
    EXPECT_FALSE(verify_request(der + Bytes{0}, plan, key));
    EXPECT_FALSE(verify_request(BytesView(der).first(der.size() - 1), plan, key));
    EXPECT_FALSE(verify_request({}, plan, key));
}

const Bytes common_name{0x06, 0x03, 0x55, 0x04, 0x03};
const Bytes organization{0x06, 0x03, 0x55, 0x04, 0x0a};

Bytes info_with_subject(const Bytes& subject) {
    return Bytes{0x02, 0x01, 0x00} + element(0x30, subject) + spki_of(software_key(KeyAlgorithm::ec_p256)) +
           Bytes{0xa0, 0x00};
}

RequestPlan bare_plan() {
    RequestPlan plan = sample_plan();
    plan.subject_alternative_names.clear();
    plan.key_usage.clear();
    plan.extended_key_usage.clear();
    plan.subject.fields.organization = "Contoso";
    plan.subject.common_name = "a.example";
    return plan;
}

TEST(Differences, StringTypeOfTheSubjectDoesNotCountButDoesNotVerify) {
    const Bytes der = signed_info(
        info_with_subject(element(0x31, element(0x30, organization + element(0x13, text_bytes("Contoso")))) +
                          element(0x31, element(0x30, common_name + element(0x0c, text_bytes("a.example"))))));
    EXPECT_THAT(differences(inspect_request(der).value(), bare_plan()), IsEmpty());
    const auto status = verify_request(der, bare_plan(), spki_of(software_key(KeyAlgorithm::ec_p256)));
    EXPECT_THAT(status.error().what, HasSubstr("the subject is encoded otherwise than planned"));
}

TEST(Differences, FieldsInOneSetAreNamed) {
    const Bytes der = signed_info(
        info_with_subject(element(0x31, element(0x30, organization + element(0x0c, text_bytes("Contoso"))) +
                                            element(0x30, common_name + element(0x0c, text_bytes("a.example"))))));
    EXPECT_THAT(differences(inspect_request(der).value(), bare_plan()),
                testing::ElementsAre("the subject's fields are grouped otherwise"));
}

TEST(Differences, OrderOfFieldsAndRepeatedFieldsAreNamed) {
    const Bytes first = element(0x31, element(0x30, organization + element(0x0c, text_bytes("Contoso"))));
    const Bytes second = element(0x31, element(0x30, common_name + element(0x0c, text_bytes("a.example"))));
    EXPECT_THAT(differences(inspect_request(signed_info(info_with_subject(second + first))).value(), bare_plan()),
                testing::ElementsAre("the subject's fields are in another order"));
    EXPECT_THAT(
        differences(inspect_request(signed_info(info_with_subject(first + first + second))).value(), bare_plan()),
        testing::ElementsAre("subject O appears 2 times"));
}

TEST(Differences, AttributeThatIsNotPlannedIsNamed) {
    const Bytes password = element(0x30, Bytes{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x07} +
                                             element(0x31, element(0x13, text_bytes("secret"))));
    RequestPlan plan = bare_plan();
    plan.subject.fields = {};
    const auto request = inspect_request(signed_info(info_start() + element(0xa0, password))).value();
    EXPECT_TRUE(request.signature_valid);
    EXPECT_THAT(differences(request, plan), testing::ElementsAre("attribute unexpected: challengePassword"));
    EXPECT_EQ(request.attributes[0].value.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace hsmreq::x509
