// Challenges that the private key alone can answer.
#include "x509/decryption_challenge.hpp"

#include <gtest/gtest.h>

#include "unit/x509/samples.hpp"

namespace hsmreq::x509 {
namespace {

Bytes decrypt(const Bytes& ciphertext, const std::string& oaep_hash) {
    const KeyContextPtr context(EVP_PKEY_CTX_new(const_cast<EVP_PKEY*>(software_key(KeyAlgorithm::rsa_2048)), nullptr));
    EVP_PKEY_decrypt_init(context.get());
    EVP_PKEY_CTX_set_rsa_padding(context.get(), oaep_hash.empty() ? RSA_PKCS1_PADDING : RSA_PKCS1_OAEP_PADDING);
    if (!oaep_hash.empty()) {
        EVP_PKEY_CTX_set_rsa_oaep_md_name(context.get(), oaep_hash.c_str(), nullptr);
        EVP_PKEY_CTX_set_rsa_mgf1_md_name(context.get(), oaep_hash.c_str(), nullptr);
    }
    Bytes plain(512);
    std::size_t size = plain.size();
    if (EVP_PKEY_decrypt(context.get(), plain.data(), &size, ciphertext.data(), ciphertext.size()) != 1) return {};
    plain.resize(size);
    return plain;
}

TEST(DecryptionChallenge, IsAnsweredByThePrivateKeyInEveryPadding) {
    const Bytes key = spki_of(software_key(KeyAlgorithm::rsa_2048));
    for (const char* hash : {"", "SHA1", "SHA256"}) {
        const auto first = make_decryption_challenge(key, hash);
        const auto second = make_decryption_challenge(key, hash);
        ASSERT_TRUE(first.ok() && second.ok()) << hash;
        EXPECT_EQ(first->plain.size(), 32U);
        EXPECT_NE(first->plain, second->plain);
        EXPECT_EQ(decrypt(first->ciphertext, hash), first->plain) << hash;
    }
}

TEST(DecryptionChallenge, NeedsAKeyThatCanEncrypt) {
    const auto ec = make_decryption_challenge(spki_of(software_key(KeyAlgorithm::ec_p256)), "");
    ASSERT_FALSE(ec.ok());
    EXPECT_EQ(ec.error().code, ExitCode::verification);
    EXPECT_FALSE(make_decryption_challenge(text_bytes("no key"), "").ok());
}

}  // namespace
}  // namespace hsmreq::x509
