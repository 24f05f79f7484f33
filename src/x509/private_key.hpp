// Private keys outside of a token, for the moment that an export takes: the one-time pair that a key leaves its token
// under, and the key itself.
#pragma once

#include "hsmreq/public_key.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/secret.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// The hash of RSA-OAEP and of its MGF1.
enum class OaepDigest { sha256, sha1 };

/// An RSA-3072 pair of one use. Its private numbers are in OpenSSL's locked heap.
class TransferPair {
public:
    /// Errors: ExitCode::internal.
    static Result<TransferPair> make();

    [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
    /// RSAES-OAEP without a label (RFC 8017, section 7.1.2). Errors: ExitCode::verification.
    [[nodiscard]] Result<Secret> decrypt(BytesView ciphertext, OaepDigest digest) const;

private:
    TransferPair(KeyPtr key, PublicKey public_key) : key_(std::move(key)), public_key_(std::move(public_key)) {}
    KeyPtr key_;
    PublicKey public_key_;
};

/// 256 random bits. Errors: ExitCode::internal.
Result<Secret> make_aes_key();

/// What lies under an AES key: by RFC 5649 when it is `padded`, else by RFC 3394. Both carry a check of their own.
/// Errors: ExitCode::verification.
Result<Secret> unwrap_by_aes(const Secret& key, BytesView wrapped, bool padded);

/// An RSA, EC or Ed25519 private key.
class PrivateKey {
public:
    /// The key of a PKCS#8 PrivateKeyInfo (RFC 5208). Up to seven zero bytes may follow it, which fill up a block of
    /// RFC 3394. That its numbers belong together is checked. Errors: ExitCode::verification.
    static Result<PrivateKey> from_pkcs8(const Secret& der);

    /// DER of the SubjectPublicKeyInfo.
    [[nodiscard]] const Bytes& public_key_der() const { return public_key_der_; }
    [[nodiscard]] bool is_rsa() const { return EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA; }
    /// A PrivateKeyInfo of it, as OpenSSL writes it. Null when memory is out.
    [[nodiscard]] Pkcs8Ptr to_pkcs8() const { return Pkcs8Ptr(EVP_PKEY2PKCS8(key_.get())); }

private:
    PrivateKey(KeyPtr key, Bytes public_key_der) : key_(std::move(key)), public_key_der_(std::move(public_key_der)) {}
    KeyPtr key_;
    Bytes public_key_der_;
};

/// The SubjectPublicKeyInfo of a PrivateKeyInfo; empty when it can't be told.
Bytes public_key_of(const PKCS8_PRIV_KEY_INFO& key);

}  // namespace hsmreq::x509
