#include "x509/decryption_challenge.hpp"

#include <openssl/rand.h>

#include "base/try.hpp"
#include "x509/openssl.hpp"
#include "x509/public_key.hpp"

namespace hsmreq::x509 {
namespace {

constexpr std::size_t challenge_size = 32;

bool set_padding(EVP_PKEY_CTX* context, const std::string& oaep_hash) {
    if (oaep_hash.empty()) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_oaep_md_name(context, oaep_hash.c_str(), nullptr) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, oaep_hash.c_str(), nullptr) > 0;
}

}  // namespace

Result<DecryptionChallenge> make_decryption_challenge(BytesView public_key_der, const std::string& oaep_hash) {
    const ErrorQueue queue;
    DecryptionChallenge challenge{.plain = Bytes(challenge_size), .ciphertext = {}};
    if (RAND_bytes(challenge.plain.data(), static_cast<int>(challenge_size)) != 1)
        return openssl_error(ExitCode::internal, "OpenSSL has no random numbers");
    TRY_ASSIGN(const KeyPtr key, load_public_key(public_key_der));
    const KeyContextPtr context(EVP_PKEY_CTX_new(key.get(), nullptr));
    std::size_t size = 0;
    if (!context || EVP_PKEY_encrypt_init(context.get()) != 1 || !set_padding(context.get(), oaep_hash) ||
        EVP_PKEY_encrypt(context.get(), nullptr, &size, challenge.plain.data(), challenge_size) != 1)
        return openssl_error(ExitCode::verification, "the public key can't encrypt");
    challenge.ciphertext.resize(size);
    if (EVP_PKEY_encrypt(context.get(), challenge.ciphertext.data(), &size, challenge.plain.data(), challenge_size) !=
        1)
        return openssl_error(ExitCode::verification, "the public key can't encrypt");
    challenge.ciphertext.resize(size);
    return challenge;
}

}  // namespace hsmreq::x509
