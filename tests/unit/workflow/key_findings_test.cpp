#include "workflow/key_findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace hsmreq::workflow {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Ca = std::optional<CertificateAuthority>;

constexpr auto error = Severity::error;
constexpr auto warning = Severity::warning;

PublicKey rsa(std::size_t size, Bytes exponent) {
    PublicKey key;
    // 2^n - 1 has small factors, which is one finding that every such key has.
    key.modulus = Bytes(size, 0xff);
    key.public_exponent = std::move(exponent);
    return key;
}

PublicKey ec(const char* oid) {
    PublicKey key;
    key.family = KeyFamily::ec;
    key.curve_oid = oid;
    return key;
}

PublicKey ed25519() {
    PublicKey key;
    key.family = KeyFamily::ed25519;
    key.point = Bytes(32, 7);
    return key;
}

const char* const p256 = "1.2.840.10045.3.1.7";
const char* const p521 = "1.3.132.0.35";
const char* const secp256k1 = "1.3.132.0.10";

struct Case {
    const char* name;
    PublicKey key;
    Ca ca;
    const char* id;  ///< "" when there is no finding
    Severity severity;
    const char* says;
};

class KeyFindings : public testing::TestWithParam<Case> {};

TEST_P(KeyFindings, HaveIdSeverityAndWords) {
    const Case& c = GetParam();
    const auto findings = key_findings(c.key, {.where = "here", .algorithm = "ed448-456", .ca = c.ca});
    ASSERT_TRUE(findings.ok());
    if (*c.id == '\0') {
        EXPECT_THAT(*findings, IsEmpty());
        return;
    }
    const auto found = std::ranges::find(*findings, c.id, &Finding::id);
    ASSERT_NE(found, findings->end());
    EXPECT_EQ(found->severity, c.severity);
    EXPECT_THAT(found->message, AllOf(HasSubstr(c.says), Not(HasSubstr("{}"))));
    EXPECT_EQ(found->where, "here");
    EXPECT_FALSE(found->fix.empty());
    EXPECT_FALSE(found->source.empty());
}

constexpr auto public_ca = CertificateAuthority::public_ca;
constexpr auto private_ca = CertificateAuthority::private_ca;
constexpr auto lets_encrypt = CertificateAuthority::lets_encrypt;

INSTANTIATE_TEST_SUITE_P(
    Table, KeyFindings,
    testing::Values(
        Case{"small_rsa", rsa(128, {1, 0, 1}), {}, "key.rsa-too-small", error, "1024 bits"},
        Case{"small_rsa_at_a_private_ca", rsa(128, {1, 0, 1}), private_ca, "key.rsa-too-small", error, "1024"},
        Case{"huge_rsa", rsa(2049, {1, 0, 1}), {}, "key.rsa-size", warning, "16392 bits"},
        Case{"exponent_one", rsa(256, {1}), {}, "key.rsa-exponent", error, "exponent is 1,"},
        Case{"exponent_three", rsa(256, {3}), {}, "key.rsa-exponent", warning, "exponent is 3,"},
        Case{"small_factor", rsa(256, {1, 0, 1}), {}, "key.rsa-small-factor", error, "divisible by 3,"},
        Case{"p256", ec(p256), {}, "", error, ""}, Case{"p256_at_a_public_ca", ec(p256), public_ca, "", error, ""},
        Case{"p521_at_a_public_ca", ec(p521), public_ca, "", error, ""},
        Case{"p521_at_lets_encrypt", ec(p521), lets_encrypt, "key.curve-not-allowed", error, "Let's Encrypt"},
        Case{"other_curve", ec(secp256k1), {}, "key.curve-not-allowed", warning, "secp256k1"},
        Case{"other_curve_at_a_public_ca", ec(secp256k1), public_ca, "key.curve-not-allowed", error, "secp256k1"},
        Case{"other_curve_at_a_private_ca", ec(secp256k1), private_ca, "", error, ""},
        Case{"explicit_curve_at_a_private_ca", ec(""), private_ca, "key.curve-not-allowed", error, "spelled out"},
        Case{"ed25519", ed25519(), {}, "key.ed25519-public-ca", warning, "a public CA"},
        Case{"ed25519_at_a_public_ca", ed25519(), lets_encrypt, "key.ed25519-public-ca", error, "Let's Encrypt"},
        Case{"ed25519_at_a_private_ca", ed25519(), private_ca, "", error, ""},
        Case{"other_kind", PublicKey{}, {}, "key.algorithm-not-allowed", warning, "ed448-456"},
        Case{"other_kind_at_a_public_ca", PublicKey{}, public_ca, "key.algorithm-not-allowed", error, "ed448-456"},
        Case{"other_kind_at_a_private_ca", PublicKey{}, private_ca, "", error, ""}),
    [](const auto& test_case) { return test_case.param.name; });

TEST(KeyFindings, LeaveKeysOfNoKindAloneWithoutTheirName) {
    EXPECT_THAT(*key_findings(PublicKey{}, {.ca = public_ca}), IsEmpty());
}

std::vector<std::string> ids(const RequestInspection& request) {
    std::vector<std::string> found;
    const auto findings = request_findings(request, {.where = "web.csr"});
    EXPECT_TRUE(findings.ok());
    for (const auto& finding : *findings) found.push_back(finding.id);
    return found;
}

RequestInspection sound_request() {
    RequestInspection request;
    request.public_key = ec(p256);
    request.public_key_decoded = true;
    request.public_key_algorithm = "ec-p256";
    request.signature_hash = "SHA256";
    request.signature_valid = true;
    return request;
}

TEST(RequestFindings, OfASoundRequestAreNone) {
    EXPECT_THAT(ids(sound_request()), IsEmpty());
}

TEST(RequestFindings, NameWhatIsWrong) {
    RequestInspection request = sound_request();
    request.signature_valid = false;
    request.problems = {"the encoding is not DER"};
    request.signature_hash = "SHA1";
    request.public_key = ed25519();
    EXPECT_THAT(ids(request), ElementsAre("csr.bad-signature", "csr.malformed", "key.sha1", "key.ed25519-public-ca"));
}

TEST(RequestFindings, SayNothingOfAKeyThatCouldNotBeRead) {
    RequestInspection request = sound_request();
    request.public_key = {};
    request.public_key_decoded = false;
    EXPECT_THAT(ids(request), IsEmpty());
}

TEST(RequestFindings, TakeOnlyBrokenHashesAmiss) {
    RequestInspection request = sound_request();
    for (const char* hash : {"SHA1", "MD5", "MD4"}) {
        request.signature_hash = hash;
        EXPECT_THAT(ids(request), ElementsAre("key.sha1")) << hash;
    }
    for (const char* hash : {"SHA224", "SHA256", "SHA512", "SHA3-256", ""}) {
        request.signature_hash = hash;
        EXPECT_THAT(ids(request), IsEmpty()) << hash;
    }
}

}  // namespace
}  // namespace hsmreq::workflow
