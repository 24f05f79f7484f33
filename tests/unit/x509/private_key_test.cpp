// A key on its way out of a token: what opens, and what is refused.
#include "x509/private_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "samples.hpp"

namespace hsmreq::x509 {
namespace {

using CipherContextPtr = Owner<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

Secret secret_of(BytesView bytes) {
    Secret secret(bytes.size());
    secret.append(bytes);
    return secret;
}

Bytes bytes_of(const Secret& secret) {
    return {secret.reveal().begin(), secret.reveal().end()};
}

Bytes pkcs8_of(const EVP_PKEY* key) {
    const Pkcs8Ptr info(EVP_PKEY2PKCS8(key));
    return encode_der(i2d_PKCS8_PRIV_KEY_INFO, info.get());
}

Bytes wrap(BytesView key, BytesView plain, bool padded) {
    const CipherContextPtr context(EVP_CIPHER_CTX_new());
    EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    EVP_EncryptInit_ex(context.get(), padded ? EVP_aes_256_wrap_pad() : EVP_aes_256_wrap(), nullptr, key.data(),
                       nullptr);
    Bytes wrapped(plain.size() + 16);
    int size = 0;
    EVP_EncryptUpdate(context.get(), wrapped.data(), &size, plain.data(), static_cast<int>(plain.size()));
    wrapped.resize(static_cast<std::size_t>(size));
    return wrapped;
}

void expect_refused(const Result<Secret>& result) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ExitCode::verification);
}

TEST(UnwrapByAes, OpensTheVectorOfRfc3394) {
    const Bytes key = from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").value();
    const Bytes wrapped =
        from_hex("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21").value();
    const auto unwrapped = unwrap_by_aes(secret_of(key), wrapped, false);
    ASSERT_TRUE(unwrapped.ok()) << unwrapped.error().what;
    EXPECT_EQ(to_hex(unwrapped->reveal()), "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
}

class WrappedKeys : public testing::Test {
protected:
    Secret key = make_aes_key().value();
    Bytes plain = pkcs8_of(software_key(KeyAlgorithm::ec_p256));
};

TEST_F(WrappedKeys, OpenWithPaddingWhateverTheirLength) {
    for (std::size_t size = plain.size() - 9; size <= plain.size(); ++size) {
        const BytesView part = BytesView(plain).first(size);
        const auto unwrapped = unwrap_by_aes(key, wrap(key.reveal(), part, true), true);
        ASSERT_TRUE(unwrapped.ok()) << size;
        EXPECT_EQ(bytes_of(*unwrapped), Bytes(part.begin(), part.end()));
    }
}

TEST_F(WrappedKeys, AreRefusedWithOneBitChangedAnywhere) {
    const Bytes wrapped = wrap(key.reveal(), plain, true);
    for (std::size_t i = 0; i < wrapped.size(); ++i) {
        Bytes changed = wrapped;
        changed[i] ^= 1;
        expect_refused(unwrap_by_aes(key, changed, true));
    }
}

TEST_F(WrappedKeys, AreRefusedUnderAnotherKeyOrTheOtherStandard) {
    const Bytes wrapped = wrap(key.reveal(), plain, true);
    expect_refused(unwrap_by_aes(make_aes_key().value(), wrapped, true));
    expect_refused(unwrap_by_aes(key, wrapped, false));
}

TEST_F(WrappedKeys, AreRefusedAtImpossibleLengths) {
    const Bytes wrapped = wrap(key.reveal(), plain, true);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{8}, wrapped.size() - 1})
        expect_refused(unwrap_by_aes(key, BytesView(wrapped).first(size), true));
    expect_refused(unwrap_by_aes(key, Bytes(128 * 1024), true));
    expect_refused(unwrap_by_aes(secret_of(Bytes(16)), wrapped, true));
}

TEST(ATransferPair, DecryptsWhatIsForItWithEitherHash) {
    const auto pair = TransferPair::make();
    ASSERT_TRUE(pair.ok());
    const auto der = encode_public_key(pair->public_key());
    const auto key = decode_der<KeyPtr>(d2i_PUBKEY, der.value());
    EXPECT_EQ(EVP_PKEY_get_bits(key.get()), 3072);
    const BytesView message = as_bytes("an AES key of thirty-two octets!");
    for (const auto digest : {OaepDigest::sha256, OaepDigest::sha1}) {
        const EVP_MD* hash = digest == OaepDigest::sha256 ? EVP_sha256() : EVP_sha1();
        const KeyContextPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
        EVP_PKEY_encrypt_init(context.get());
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING);
        EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), hash);
        EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), hash);
        Bytes encrypted(384);
        std::size_t size = encrypted.size();
        ASSERT_EQ(EVP_PKEY_encrypt(context.get(), encrypted.data(), &size, message.data(), message.size()), 1);
        const auto decrypted = pair->decrypt(encrypted, digest);
        ASSERT_TRUE(decrypted.ok());
        EXPECT_EQ(as_text(decrypted->reveal()), as_text(message));
        encrypted[100] ^= 1;
        expect_refused(pair->decrypt(encrypted, digest));
    }
    expect_refused(pair->decrypt({}, OaepDigest::sha256));
}

TEST(APrivateKey, OfEachAlgorithmComesWithItsPublicKey) {
    for (const auto& row : key_algorithms) {
        const auto* key = software_key(row.id);
        const auto loaded = PrivateKey::from_pkcs8(secret_of(pkcs8_of(key)));
        ASSERT_TRUE(loaded.ok()) << row.name << loaded.error().what;
        EXPECT_EQ(loaded->public_key_der(), spki_of(key)) << row.name;
        EXPECT_EQ(loaded->is_rsa(), row.family == KeyFamily::rsa);
    }
}

TEST(APrivateKey, MayBeFilledUpWithZerosToABlock) {
    Bytes der = pkcs8_of(software_key(KeyAlgorithm::rsa_2048));
    der.resize(der.size() + 7);
    EXPECT_TRUE(PrivateKey::from_pkcs8(secret_of(der)).ok());
    der.resize(der.size() + 1);
    EXPECT_FALSE(PrivateKey::from_pkcs8(secret_of(der)).ok());
    der.resize(der.size() - 1);
    der.back() = 1;
    EXPECT_FALSE(PrivateKey::from_pkcs8(secret_of(der)).ok());
}

TEST(APrivateKey, IsRefusedWhenItsNumbersDoNotBelongTogether) {
    Bytes der = pkcs8_of(software_key(KeyAlgorithm::rsa_2048));
    der[der.size() / 2] ^= 0x10;
    const auto loaded = PrivateKey::from_pkcs8(secret_of(der));
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code, ExitCode::verification);
}

TEST(APrivateKey, IsRefusedWhenItIsNone) {
    const Bytes whole = pkcs8_of(software_key(KeyAlgorithm::ec_p256));
    for (const Bytes& der :
         {Bytes{}, Bytes(40), Bytes(whole.begin(), whole.begin() + 60), spki_of(software_key(KeyAlgorithm::ec_p256))})
        EXPECT_EQ(PrivateKey::from_pkcs8(secret_of(der)).error().code, ExitCode::verification);
}

}  // namespace
}  // namespace hsmreq::x509
