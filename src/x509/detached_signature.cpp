#include "x509/detached_signature.hpp"

#include "base/try.hpp"
#include "x509/public_key.hpp"
#include "x509/signature.hpp"

namespace hsmreq::x509 {

Result<Bytes> checked_signature(BytesView public_key_der, BytesView message, const RawSignature& signature) {
    TRY_ASSIGN(const bool holds, verify_signature(public_key_der, message, signature));
    if (!holds)
        return Error{.code = ExitCode::verification,
                     .what = "the token's signature does not verify under the public key it shows"};
    const ErrorQueue queue;
    TRY_ASSIGN(const KeyPtr key, load_public_key(public_key_der));
    return encode_signature(*key, signature);
}

Result<bool> verify_detached(BytesView public_key_der, BytesView message, BytesView signature) {
    const ErrorQueue queue;
    const Error unusable{.code = ExitCode::input, .what = "the public key can't verify signatures of evidence"};
    const auto key = load_public_key(public_key_der);
    if (!key) return unusable;
    const int type = EVP_PKEY_get_base_id(key->get());
    if (type != EVP_PKEY_RSA && type != EVP_PKEY_EC && type != EVP_PKEY_ED25519) return unusable;
    const EVP_MD* hash = type == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
    const SignatureContextPtr context(EVP_MD_CTX_new());
    if (!context || EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key->get()) != 1) return unusable;
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

}  // namespace hsmreq::x509
