// PKCS#12 and PEM files with a private key: written, read back, and held against what they were to be.
#include "x509/pkcs12.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/text.hpp"
#include "samples.hpp"

namespace hsmreq::x509 {
namespace {

using testing::HasSubstr;

Secret secret_of(std::string_view text) {
    Secret secret(text.size());
    secret.append(as_bytes(text));
    return secret;
}

Bytes certificate_for(const EVP_PKEY* key, const EVP_PKEY* issuer) {
    static long serial = 0;
    const CertificatePtr certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 1000);
    X509_set_pubkey(certificate.get(), const_cast<EVP_PKEY*>(key));
    X509_sign(certificate.get(), const_cast<EVP_PKEY*>(issuer), EVP_sha256());
    return encode_der(i2d_X509, certificate.get());
}

PrivateKey private_key(KeyAlgorithm algorithm) {
    const Pkcs8Ptr info(EVP_PKEY2PKCS8(software_key(algorithm)));
    const Bytes der = encode_der(i2d_PKCS8_PRIV_KEY_INFO, info.get());
    return PrivateKey::from_pkcs8(secret_of(as_text(der))).value();
}

PfxContent content_for(KeyAlgorithm algorithm, KeyProtection protection) {
    const auto* ca = software_key(KeyAlgorithm::ec_p384);
    const bool rsa = facts(algorithm).family == KeyFamily::rsa;
    return {.protection = protection,
            .friendly_name = "Reverse Proxy Listener für Lync",
            .windows_provider = rsa ? "Microsoft RSA SChannel Cryptographic Provider" : "",
            .key_type = rsa ? std::optional(KeyPurpose::exchange) : std::nullopt,
            .certificate = certificate_for(software_key(algorithm), ca),
            .chain = {certificate_for(ca, ca)}};
}

constexpr KeyProtection pfx_protections[] = {KeyProtection::aes_256, KeyProtection::triple_des};

TEST(APfx, IsWhatWasAskedForInEachProtection) {
    const Secret password = secret_of("correct horse battery");
    for (const auto protection : pfx_protections)
        for (const auto algorithm : {KeyAlgorithm::rsa_2048, KeyAlgorithm::ec_p256}) {
            const PfxContent content = content_for(algorithm, protection);
            const auto file = write_pfx(content, private_key(algorithm), password);
            ASSERT_TRUE(file.ok());
            const auto status = check_pfx(file->reveal(), content, password);
            EXPECT_TRUE(status.ok()) << status.error().what;
        }
}

struct Difference {
    const char* said;
    std::function<void(PfxContent&)> change;
};

TEST(APfx, IsToldFromOneThatDiffersInAnything) {
    const PfxContent written = content_for(KeyAlgorithm::rsa_2048, KeyProtection::aes_256);
    const auto file = write_pfx(written, private_key(KeyAlgorithm::rsa_2048), secret_of("correct horse battery"));
    const auto* other = software_key(KeyAlgorithm::ec_p256);
    const Difference differences[] = {
        {"friendly name", [](PfxContent& c) { c.friendly_name = "Another"; }},
        {"friendly name", [](PfxContent& c) { c.friendly_name = ""; }},
        {"provider", [](PfxContent& c) { c.windows_provider = ""; }},
        {"key type", [](PfxContent& c) { c.key_type = KeyPurpose::signature; }},
        {"key type", [](PfxContent& c) { c.key_type.reset(); }},
        {"MAC", [](PfxContent& c) { c.protection = KeyProtection::triple_des; }},
        {"certificates", [](PfxContent& c) { c.chain.clear(); }},
        {"certificates", [](PfxContent& c) { c.chain.push_back(c.certificate); }},
        {"tied together", [&](PfxContent& c) { c.certificate = certificate_for(other, other); }},
    };
    for (const auto& difference : differences) {
        PfxContent wanted = written;
        difference.change(wanted);
        const auto status = check_pfx(file->reveal(), wanted, secret_of("correct horse battery"));
        ASSERT_FALSE(status.ok()) << difference.said;
        EXPECT_EQ(status.error().code, ExitCode::verification);
        EXPECT_THAT(status.error().what, HasSubstr(difference.said));
    }
}

TEST(APfx, OpensWithItsPasswordAlone) {
    const PfxContent content = content_for(KeyAlgorithm::ec_p256, KeyProtection::aes_256);
    const auto file = write_pfx(content, private_key(KeyAlgorithm::ec_p256), secret_of("Пароль на двоих"));
    EXPECT_TRUE(check_pfx(file->reveal(), content, secret_of("Пароль на двоих")).ok());
    for (const char* wrong : {"Пароль на троих", "correct horse battery"})
        EXPECT_THAT(check_pfx(file->reveal(), content, secret_of(wrong)).error().what, HasSubstr("password"));
}

TEST(APfx, ThatWasCutOffOrAlteredIsRefused) {
    const Secret password = secret_of("correct horse battery");
    const PfxContent content = content_for(KeyAlgorithm::ec_p256, KeyProtection::aes_256);
    const auto file = write_pfx(content, private_key(KeyAlgorithm::ec_p256), password);
    const BytesView whole = file->reveal();
    for (const std::size_t size : {std::size_t{0}, whole.size() / 2, whole.size() - 1})
        EXPECT_FALSE(check_pfx(whole.first(size), content, password).ok());
    Bytes altered(whole.begin(), whole.end());
    altered[altered.size() / 2] ^= 1;
    EXPECT_FALSE(check_pfx(altered, content, password).ok());
    altered[altered.size() / 2] ^= 1;
    altered.push_back(0);
    EXPECT_FALSE(check_pfx(altered, content, password).ok());
}

TEST(APfx, OfAnotherKeyThanTheCertificatesIsRefused) {
    const Secret password = secret_of("correct horse battery");
    const PfxContent content = content_for(KeyAlgorithm::ec_p256, KeyProtection::aes_256);
    const auto file = write_pfx(content, private_key(KeyAlgorithm::ec_p384), password);
    EXPECT_THAT(check_pfx(file->reveal(), content, password).error().what, HasSubstr("not the certificate's"));
}

TEST(AKeyPem, HoldsLeafChainAndKeyInThisOrder) {
    const PfxContent content = content_for(KeyAlgorithm::ed25519, KeyProtection::none);
    const auto file = write_key_pem(content, private_key(KeyAlgorithm::ed25519));
    ASSERT_TRUE(file.ok());
    EXPECT_TRUE(check_key_pem(file->reveal(), content).ok());
    const std::string_view text = as_text(file->reveal());
    EXPECT_TRUE(text.starts_with("-----BEGIN CERTIFICATE-----\n"));
    EXPECT_TRUE(text.ends_with("-----END PRIVATE KEY-----\n"));
    EXPECT_LT(text.rfind("BEGIN CERTIFICATE"), text.find("BEGIN PRIVATE KEY"));
}

TEST(AKeyPem, IsToldFromAnother) {
    const PfxContent content = content_for(KeyAlgorithm::ec_p256, KeyProtection::none);
    const auto file = write_key_pem(content, private_key(KeyAlgorithm::ec_p256));
    PfxContent other = content;
    other.chain.clear();
    EXPECT_FALSE(check_key_pem(file->reveal(), other).ok());
    EXPECT_FALSE(check_key_pem(file->reveal().first(file->size() / 2), content).ok());
    EXPECT_FALSE(check_key_pem({}, content).ok());
    const auto foreign = write_key_pem(content, private_key(KeyAlgorithm::ec_p384));
    EXPECT_THAT(check_key_pem(foreign->reveal(), content).error().what, HasSubstr("not the certificate's"));
}

struct Password {
    std::string_view text;
    std::optional<ExitCode> refused;
    bool allow_weak = false;
    bool non_ascii = false;
};

TEST(APassword, IsCountedInCharactersAndMustBeCarriedByPkcs12) {
    using namespace std::string_view_literals;
    const Password passwords[] = {
        {"", ExitCode::login},
        {"", ExitCode::login, true},
        {"eleven char", ExitCode::rules},
        {"eleven char", std::nullopt, true},
        {"twelve chars", std::nullopt},
        {"äöüäöüäöüäö", ExitCode::rules},
        {"äöüäöüäöüäöü", std::nullopt, false, true},
        {"中文密码中文密码中文密码", std::nullopt, false, true},
        {"a tab\tis a control character", ExitCode::login},
        {"a zero\0 byte, which ends some"sv, ExitCode::login},
        {"beyond the BMP \xf0\x9f\x94\x91", ExitCode::login},
        {"half a character \xc3", ExitCode::login},
        {"next line \xc2\x85 of C1", ExitCode::login},
    };
    for (const auto& row : passwords) {
        const auto judgement = judge_password(secret_of(row.text), row.allow_weak);
        ASSERT_EQ(judgement.ok(), !row.refused) << row.text;
        if (row.refused) {
            EXPECT_EQ(judgement.error().code, *row.refused) << row.text;
        } else {
            EXPECT_EQ(judgement->non_ascii, row.non_ascii) << row.text;
            EXPECT_EQ(judgement->short_one, row.allow_weak) << row.text;
        }
        if (row.refused && !row.text.empty()) {
            EXPECT_EQ(judgement.error().what.find(row.text), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace hsmreq::x509
