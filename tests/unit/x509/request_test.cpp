// Requests built, signed and verified: every algorithm and hash, every field of a plan.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "unit/x509/samples.hpp"

namespace hsmreq::x509 {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class EveryAlgorithm : public testing::TestWithParam<std::tuple<KeyAlgorithm, Hash>> {};

TEST_P(EveryAlgorithm, IsSignedVerifiedAndReadBack) {
    const auto [algorithm, hash] = GetParam();
    const RequestPlan plan = sample_plan(algorithm, hash);
    const Bytes der = signed_request(plan);
    const auto verified = verify_request(der, plan, spki_of(software_key(algorithm)));
    ASSERT_TRUE(verified) << verified.error().what;
    const auto request = inspect_request(der);
    ASSERT_TRUE(request);
    EXPECT_TRUE(request->signature_valid);
    EXPECT_EQ(request->public_key_algorithm, facts(algorithm).name);
    EXPECT_EQ(request->version, 0);
    EXPECT_THAT(request->problems, IsEmpty());
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_P(EveryAlgorithm, SignatureWithOneBitChangedDoesNotVerify) {
    const auto [algorithm, hash] = GetParam();
    const auto* key = software_key(algorithm);
    const Bytes message = text_bytes("what the token signs");
    RawSignature signature = raw_signature(key, algorithm, hash, message);
    EXPECT_TRUE(verify_signature(spki_of(key), message, signature).value());
    signature.value.back() ^= 1U;
    EXPECT_FALSE(verify_signature(spki_of(key), message, signature).value());
}

TEST_P(EveryAlgorithm, SignatureOfWrongLengthIsRefused) {
    const auto [algorithm, hash] = GetParam();
    const RequestPlan plan = sample_plan(algorithm, hash);
    const auto* key = software_key(algorithm);
    const Bytes info = encode_request_info(plan, spki_of(key)).value();
    RawSignature signature = raw_signature(key, algorithm, hash, info);
    signature.value.pop_back();
    EXPECT_EQ(assemble_request(info, signature).error().code, ExitCode::verification);
    signature.value.insert(signature.value.end(), 2, 0);
    EXPECT_EQ(assemble_request(info, signature).error().code, ExitCode::verification);
    signature.value.clear();
    EXPECT_EQ(assemble_request(info, signature).error().code, ExitCode::verification);
}

TEST_P(EveryAlgorithm, PublicKeySurvivesTheWayThroughNumbers) {
    const auto algorithm = std::get<0>(GetParam());
    const Bytes der = spki_of(software_key(algorithm));
    const auto key = decode_public_key(der);
    ASSERT_TRUE(key) << key.error().what;
    EXPECT_EQ(key->family, facts(algorithm).family);
    EXPECT_EQ(encode_public_key(*key).value(), der);
}

INSTANTIATE_TEST_SUITE_P(
    Request, EveryAlgorithm,
    testing::Values(std::tuple{KeyAlgorithm::rsa_2048, Hash::sha256}, std::tuple{KeyAlgorithm::rsa_2048, Hash::sha384},
                    std::tuple{KeyAlgorithm::rsa_2048, Hash::sha512}, std::tuple{KeyAlgorithm::rsa_3072, Hash::sha256},
                    std::tuple{KeyAlgorithm::rsa_4096, Hash::sha512}, std::tuple{KeyAlgorithm::ec_p256, Hash::sha256},
                    std::tuple{KeyAlgorithm::ec_p256, Hash::sha512}, std::tuple{KeyAlgorithm::ec_p384, Hash::sha256},
                    std::tuple{KeyAlgorithm::ec_p384, Hash::sha384}, std::tuple{KeyAlgorithm::ec_p521, Hash::sha384},
                    std::tuple{KeyAlgorithm::ec_p521, Hash::sha512}, std::tuple{KeyAlgorithm::ed25519, Hash::sha256}),
    [](const auto& row) {
        std::string name(facts(std::get<0>(row.param)).name);
        std::replace(name.begin(), name.end(), '-', '_');
        return name + "_" + std::string(facts(std::get<1>(row.param)).name);
    });

TEST(Request, EcdsaNumbersWithLeadingZerosBecomeShortIntegers) {
    // A raw signature whose r is 1 and whose s has its top bit set: DER needs 1 and 33 octets for them.
    const RequestPlan plan = sample_plan();
    const Bytes info = encode_request_info(plan, spki_of(software_key(KeyAlgorithm::ec_p256))).value();
    Bytes raw(64, 0);
    raw[31] = 1;
    raw[32] = 0x80;
    const Bytes der = assemble_request(info, {KeyFamily::ec, Hash::sha256, raw}).value();
    Bytes expected{0x03, 0x29, 0x00, 0x30, 0x26, 0x02, 0x01, 0x01, 0x02, 0x21, 0x00, 0x80};
    expected.insert(expected.end(), 31, 0);
    ASSERT_GT(der.size(), expected.size());
    EXPECT_EQ(Bytes(der.end() - static_cast<std::ptrdiff_t>(expected.size()), der.end()), expected);
}

TEST(Request, EcdsaSignatureWithAZeroIsRefused) {
    const Bytes info = encode_request_info(sample_plan(), spki_of(software_key(KeyAlgorithm::ec_p256))).value();
    Bytes raw(64, 0);
    raw[0] = 1;
    EXPECT_THAT(assemble_request(info, {KeyFamily::ec, Hash::sha256, raw}).error().what, HasSubstr("zero"));
}

TEST(Request, SignatureOfAnotherFamilyIsRefused) {
    const Bytes info = encode_request_info(sample_plan(), spki_of(software_key(KeyAlgorithm::ec_p256))).value();
    EXPECT_EQ(assemble_request(info, {KeyFamily::ed25519, Hash::sha256, Bytes(64, 1)}).error().code,
              ExitCode::verification);
}

RequestPlan full_plan() {
    RequestPlan plan = sample_plan(KeyAlgorithm::rsa_2048);
    plan.subject.fields = {.country = "DE",
                           .state = "Baden-W\xc3\xbcrttemberg",
                           .locality = "K\xc3\xb6ln, \"am Rhein\"",
                           .organization = "Contoso + Söhne; <AG>",
                           .organizational_unit = "#IT"};
    plan.subject_alternative_names.push_back({NameType::dns, "*.contoso.com", {"extra"}});
    plan.subject_alternative_names.push_back({NameType::ip, "192.0.2.7", {"extra"}});
    plan.subject_alternative_names.push_back({NameType::ip, "2001:DB8:0::7", {"extra"}});
    plan.key_usage = {KeyUsageBit::digital_signature, KeyUsageBit::key_encipherment};
    plan.extended_key_usage.push_back("1.3.6.1.4.1.311.99.1");
    plan.subject_key_identifier = true;
    plan.ad_cs_template = "WebServer";
    return plan;
}

TEST(Request, CarriesEveryFieldOfThePlan) {
    const RequestPlan plan = full_plan();
    const Bytes der = signed_request(plan);
    const auto verified = verify_request(der, plan, spki_of(software_key(KeyAlgorithm::rsa_2048)));
    ASSERT_TRUE(verified) << verified.error().what;
    const auto request = inspect_request(der).value();
    std::vector<std::string> subject;
    for (const auto& attribute : request.subject)
        subject.push_back(attribute.type + "=" + attribute.value + " " + attribute.encoding);
    EXPECT_THAT(subject, ElementsAre("C=DE PrintableString", "ST=Baden-Württemberg UTF8String",
                                     "L=Köln, \"am Rhein\" UTF8String", "O=Contoso + Söhne; <AG> UTF8String",
                                     "OU=#IT UTF8String", "CN=webext.contoso.com UTF8String"));
    EXPECT_EQ(request.subject_text,
              "CN=webext.contoso.com,OU=\\#IT,O=Contoso \\+ Söhne\\; \\<AG\\>,L=Köln\\, \\\"am "
              "Rhein\\\",ST=Baden-Württemberg,C=DE");
    std::vector<std::string> names;
    for (const auto& name : request.subject_alternative_names) names.push_back(name.type + ":" + name.value);
    EXPECT_THAT(names, ElementsAre("dns:webext.contoso.com", "dns:meet.contoso.com", "dns:*.contoso.com",
                                   "ip:192.0.2.7", "ip:2001:db8::7"));
    std::vector<std::string> extensions;
    for (const auto& one : request.extensions) extensions.push_back(one.name + (one.critical ? "!" : ""));
    EXPECT_THAT(extensions, ElementsAre("subjectAltName", "keyUsage!", "extendedKeyUsage", "subjectKeyIdentifier",
                                        "certificateTemplateName"));
    EXPECT_EQ(request.key_usage->second, (std::vector<std::string>{"digitalSignature", "keyEncipherment"}));
    EXPECT_EQ(request.extended_key_usage->second.back(), "1.3.6.1.4.1.311.99.1");
    EXPECT_EQ(request.extensions.back().value,
              (Bytes{0x1e, 0x12, 0, 'W', 0, 'e', 0, 'b', 0, 'S', 0, 'e', 0, 'r', 0, 'v', 0, 'e', 0, 'r'}));
}

TEST(Request, SubjectKeyIdentifierIsTheSha1OfTheKeyBits) {
    const auto request = inspect_request(signed_request(full_plan())).value();
    const auto info = decode_der<PublicKeyInfoPtr>(d2i_X509_PUBKEY, request.public_key_der);
    const unsigned char* key = nullptr;
    int size = 0;
    X509_PUBKEY_get0_param(nullptr, &key, &size, nullptr, info.get());
    Bytes expected(20);
    EVP_Digest(key, static_cast<std::size_t>(size), expected.data(), nullptr, EVP_sha1(), nullptr);
    EXPECT_EQ(request.extensions[3].value, (Bytes{0x04, 0x14} + expected));
}

TEST(Request, PlanWithoutExtensionsHasAnEmptyAttributeSet) {
    RequestPlan plan = sample_plan();
    plan.subject_alternative_names.clear();
    plan.key_usage.clear();
    plan.extended_key_usage.clear();
    const Bytes der = signed_request(plan);
    EXPECT_TRUE(verify_request(der, plan, spki_of(software_key(KeyAlgorithm::ec_p256))));
    const auto request = inspect_request(der).value();
    EXPECT_THAT(request.attributes, IsEmpty());
    EXPECT_THAT(request.problems, IsEmpty());
}

struct Refused {
    const char* what;
    void (*change)(RequestPlan& plan);
};

class RefusedValue : public testing::TestWithParam<Refused> {};

TEST_P(RefusedValue, NeverReachesARequest) {
    RequestPlan plan = sample_plan();
    GetParam().change(plan);
    const auto info = encode_request_info(plan, spki_of(software_key(KeyAlgorithm::ec_p256)));
    ASSERT_FALSE(info) << GetParam().what;
    EXPECT_EQ(info.error().code, ExitCode::verification);
    EXPECT_EQ(info.error().what, printable(info.error().what));
}

void set_name(RequestPlan& plan, std::string name) {
    plan.subject_alternative_names[1].value = std::move(name);
}

INSTANTIATE_TEST_SUITE_P(
    Request, RefusedValue,
    testing::Values(Refused{"comma", [](RequestPlan& p) { set_name(p, "a.example,DNS:b.example"); }},
                    Refused{"nul", [](RequestPlan& p) { set_name(p, std::string("a.example\0.b", 12)); }},
                    Refused{"newline", [](RequestPlan& p) { set_name(p, "a.example\nDNS.2=b"); }},
                    Refused{"quote", [](RequestPlan& p) { set_name(p, "\"a.example\""); }},
                    Refused{"prefix", [](RequestPlan& p) { set_name(p, "DNS:a.example"); }},
                    Refused{"section", [](RequestPlan& p) { set_name(p, "@section"); }},
                    Refused{"variable", [](RequestPlan& p) { set_name(p, "${ENV::HOME}"); }},
                    Refused{"not ascii", [](RequestPlan& p) { set_name(p, "m\xc3\xbcnchen.example"); }},
                    Refused{"empty name", [](RequestPlan& p) { set_name(p, ""); }},
                    Refused{"address of another form",
                            [](RequestPlan& p) {
                                p.subject_alternative_names[1] = {NameType::ip, "192.0.2", {}};
                            }},
                    Refused{"address with nul",
                            [](RequestPlan& p) {
                                p.subject_alternative_names[1] = {NameType::ip, std::string("::1\0x", 5), {}};
                            }},
                    Refused{"nul in the common name",
                            [](RequestPlan& p) { p.subject.common_name = std::string("a\0b", 3); }},
                    Refused{"long common name", [](RequestPlan& p) { p.subject.common_name.assign(65, 'a'); }},
                    Refused{"country of three letters", [](RequestPlan& p) { p.subject.fields.country = "DEU"; }},
                    Refused{"country that is no letters", [](RequestPlan& p) { p.subject.fields.country = "D1"; }},
                    Refused{"escape in a field", [](RequestPlan& p) { p.subject.fields.state = "a\x1b[2J"; }},
                    Refused{"field that is not utf-8", [](RequestPlan& p) { p.subject.fields.locality = "\xff"; }},
                    Refused{"long organization", [](RequestPlan& p) { p.subject.fields.organization.assign(65, 'o'); }},
                    Refused{"purpose in words", [](RequestPlan& p) { p.extended_key_usage = {"serverAuth"}; }},
                    Refused{"purpose with a space", [](RequestPlan& p) { p.extended_key_usage = {"1.3 6"}; }},
                    Refused{"purpose that is no identifier", [](RequestPlan& p) { p.extended_key_usage = {"9.9"}; }},
                    Refused{"control character in the template",
                            [](RequestPlan& p) { p.ad_cs_template = std::string("Web\0Server", 10); }},
                    Refused{"template beyond the BMP", [](RequestPlan& p) { p.ad_cs_template = "\xf0\x9f\x98\x80"; }}));

TEST(PublicKeys, ThatCannotBeOneAreRefused) {
    const PublicKey rsa = decode_public_key(spki_of(software_key(KeyAlgorithm::rsa_2048))).value();
    const PublicKey ec = decode_public_key(spki_of(software_key(KeyAlgorithm::ec_p256))).value();
    const PublicKey edwards = decode_public_key(spki_of(software_key(KeyAlgorithm::ed25519))).value();
    std::vector<PublicKey> keys(9, rsa);
    keys[0].modulus.clear();
    keys[1].modulus.back() &= 0xfeU;
    keys[2].public_exponent = {1};
    keys[3].public_exponent = rsa.modulus;
    keys[4].modulus.resize(128);
    keys[5] = keys[6] = keys[7] = ec;
    keys[5].point.back() ^= 1U;
    keys[6].curve_oid = "1.3.132.0.10";
    keys[7].point = Bytes{0};
    keys[8] = edwards;
    keys[8].point.pop_back();
    for (std::size_t i = 0; i < keys.size(); ++i)
        EXPECT_EQ(encode_public_key(keys[i]).error().code, ExitCode::verification) << i;
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Pem, HasThePlainHeaderAndLinesOf64) {
    const Bytes der = signed_request(sample_plan());
    const std::string pem(as_text(to_pem(der)));
    EXPECT_TRUE(pem.starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
    EXPECT_TRUE(pem.ends_with("\n-----END CERTIFICATE REQUEST-----\n"));
    EXPECT_EQ(pem.find('\r'), std::string::npos);
    EXPECT_EQ(pem.find('\n', 36) - 36, 64U);
    EXPECT_EQ(inspect_request(as_bytes(pem)).value().der, der);
}

}  // namespace
}  // namespace hsmreq::x509
