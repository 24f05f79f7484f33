// Handshakes in memory with software keys: what a client accepts, and what it says when it does not.
#include "x509/tls_handshake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "hsmreq/inspect.hpp"
#include "unit/x509/issued.hpp"
#include "unit/x509/samples.hpp"

namespace hsmreq::x509 {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Handshakes : public testing::Test {
protected:
    const EVP_PKEY* root_key = software_key(KeyAlgorithm::ec_p384);
    const EVP_PKEY* middle_key = software_key(KeyAlgorithm::ec_p521);
    const EVP_PKEY* leaf_key = software_key(KeyAlgorithm::ec_p256);
    Bytes root = issue({.subject = "root", .key = root_key, .signer = root_key, .ca = true});
    TrustStore roots = TrustStore::of(inspect_certificates(root).value()).value();

    [[nodiscard]] Draft leaf(const std::string& names = "DNS:a.example,DNS:b.example") const {
        return {.key = leaf_key, .signer = root_key, .names = names};
    }

    [[nodiscard]] Result<HandshakeFacts> shake(const std::vector<Bytes>& certificates,
                                               const std::vector<std::string>& names,
                                               TlsVersion version = TlsVersion::tls13,
                                               const EVP_PKEY* key = nullptr) const {
        return shake_hands_in_memory({.key = {const_cast<EVP_PKEY*>(key == nullptr ? leaf_key : key), {}},
                                      .certificates = certificates,
                                      .roots = roots,
                                      .names = names,
                                      .time = now,
                                      .version = version});
    }
};

TEST_F(Handshakes, NameWhatTheClientSaw) {
    struct Row {
        KeyAlgorithm algorithm;
        TlsVersion version;
        const char* protocol;
        const char* signature;
    };
    constexpr Row rows[] = {
        {KeyAlgorithm::ec_p256, TlsVersion::tls12, "TLSv1.2", "ecdsa_secp256r1_sha256"},
        {KeyAlgorithm::ec_p256, TlsVersion::tls13, "TLSv1.3", "ecdsa_secp256r1_sha256"},
        {KeyAlgorithm::ec_p384, TlsVersion::tls13, "TLSv1.3", "ecdsa_secp384r1_sha384"},
        {KeyAlgorithm::ec_p521, TlsVersion::tls13, "TLSv1.3", "ecdsa_secp521r1_sha512"},
        {KeyAlgorithm::rsa_2048, TlsVersion::tls12, "TLSv1.2", "rsa_pkcs1_sha256"},
        {KeyAlgorithm::rsa_2048, TlsVersion::tls13, "TLSv1.3", "rsa_pss_rsae_sha256"},
        {KeyAlgorithm::ed25519, TlsVersion::tls12, "TLSv1.2", "ed25519"},
        {KeyAlgorithm::ed25519, TlsVersion::tls13, "TLSv1.3", "ed25519"},
    };
    for (const auto& row : rows) {
        auto draft = leaf();
        draft.key = software_key(row.algorithm);
        const auto shaken = shake({issue(draft)}, {"a.example"}, row.version, draft.key);
        ASSERT_TRUE(shaken.ok()) << facts(row.algorithm).name << ": " << shaken.error().what;
        EXPECT_EQ(shaken->protocol, row.protocol);
        EXPECT_EQ(shaken->signature_algorithm, row.signature);
        EXPECT_EQ(shaken->server_name, "a.example");
        EXPECT_FALSE(shaken->cipher.empty());
        EXPECT_FALSE(shaken->group.empty()) << row.protocol;
    }
}

TEST_F(Handshakes, FailForWhatAClientDoesNotBelieve) {
    struct Row {
        const char* what;
        std::function<void(Draft&)> change;
    };
    const Row rows[] = {
        {"certificate has expired", [](Draft& draft) { draft.ends = -10; }},
        {"certificate is not yet valid", [](Draft& draft) { draft.begins = 10; }},
        {"unable to get local issuer certificate", [](Draft& draft) { draft.issuer = "nobody"; }},
        {"certificate signature failure", [&](Draft& draft) { draft.signer = middle_key; }},
        {"unsuitable certificate purpose", [](Draft& draft) { draft.purpose = "clientAuth"; }},
        {"not that of the private key", [&](Draft& draft) { draft.key = middle_key; }},
    };
    for (const auto& row : rows)
        for (const auto version : {TlsVersion::tls12, TlsVersion::tls13}) {
            auto draft = leaf();
            row.change(draft);
            const auto shaken = shake({issue(draft)}, {"a.example"}, version);
            ASSERT_FALSE(shaken.ok()) << row.what;
            EXPECT_EQ(shaken.error().code, ExitCode::verification);
            EXPECT_THAT(shaken.error().what, HasSubstr(to_text(version)));
            // Some of these have other words in newer releases of OpenSSL, and the same beginning.
            EXPECT_THAT(shaken.error().what, HasSubstr(row.what));
        }
}

TEST_F(Handshakes, NeedTheIntermediatesFromTheServer) {
    const Bytes middle = issue({.subject = "middle", .key = middle_key, .signer = root_key, .ca = true});
    auto draft = leaf();
    draft.issuer = "middle";
    draft.signer = middle_key;
    EXPECT_FALSE(shake({issue(draft)}, {"a.example"}).ok());
    EXPECT_TRUE(shake({issue(draft), middle}, {"a.example"}).ok());
    EXPECT_TRUE(shake({issue(draft), root, middle}, {"a.example"}).ok());
}

TEST_F(Handshakes, AreForEveryNameAndNameThoseThatAreMissing) {
    const Bytes certificate = issue(leaf("DNS:a.example,DNS:*.w.example,IP:192.0.2.1,IP:2001:db8::1"));
    struct Row {
        std::vector<std::string> names;
        std::vector<std::string> missing;
    };
    const Row rows[] = {
        {{"a.example", "A.Example", "x.w.example", "*.w.example", "192.0.2.1", "2001:db8::1"}, {}},
        {{"192.0.2.1"}, {}},
        {{"*.w.example"}, {}},
        {{"b.example", "a.example"}, {"b.example"}},
        {{"a.example", "w.example", "x.y.w.example", "*.example"}, {"w.example", "x.y.w.example", "*.example"}},
        {{"a.example", "192.0.2.2"}, {"192.0.2.2"}},
        {{"leaf"}, {"leaf"}},  // the common name counts for nothing
        {{std::string("a.example\0.evil", 15)}, {std::string("a.example\0.evil", 15)}},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(names_not_covered(certificate, row.names), row.missing);
        const auto shaken = shake({certificate}, row.names);
        EXPECT_EQ(shaken.ok(), row.missing.empty());
        if (row.missing.empty()) continue;
        EXPECT_EQ(shaken.error().code, ExitCode::verification);
        EXPECT_THAT(shaken.error().what, HasSubstr("refuses the certificate for"));
    }
    EXPECT_THAT(names_not_covered(text_bytes("no certificate"), {"a.example"}), ElementsAre("a.example"));
}

TEST_F(Handshakes, CountNoCommonNameWithoutAlternativeNames) {
    auto draft = leaf("");
    draft.subject = "a.example";
    EXPECT_FALSE(shake({issue(draft)}, {"a.example"}).ok());
}

TEST_F(Handshakes, LetTheOwnerOfTheKeySayWhyItDidNotSign) {
    const Bytes certificate = issue(leaf());
    const auto public_half = decode_der<KeyPtr>(d2i_PUBKEY, spki_of(leaf_key));
    int asked = 0;
    const HandshakeInput input{.key = {public_half.get(),
                                       [&]() -> std::optional<Error> {
                                           ++asked;
                                           return Error{.code = ExitCode::token, .what = "it is gone"};
                                       }},
                               .certificates = {certificate},
                               .roots = roots,
                               .names = {"a.example"},
                               .time = now};
    const auto shaken = shake_hands_in_memory(input);
    ASSERT_FALSE(shaken.ok());
    EXPECT_EQ(shaken.error().what, "it is gone");
    EXPECT_EQ(asked, 1);
}

TEST_F(Handshakes, LeaveNothingInTheErrorQueue) {
    EXPECT_FALSE(shake({issue(leaf())}, {"c.example"}).ok());
    EXPECT_FALSE(shake({text_bytes("nonsense")}, {"c.example"}).ok());
    EXPECT_EQ(ERR_peek_error(), 0UL);
}

}  // namespace
}  // namespace hsmreq::x509
