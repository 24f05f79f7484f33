// Public keys between OpenSSL's form, DER and plain numbers.
#pragma once

#include <string>

#include "hsmreq/public_key.hpp"
#include "hsmreq/result.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// The key of a SubjectPublicKeyInfo. Errors: ExitCode::verification when it is malformed.
Result<KeyPtr> load_public_key(BytesView public_key_der);

/// The two parts of a SubjectPublicKeyInfo (RFC 5280, section 4.1). The key is not decoded: OpenSSL 3 searches all its
/// decoders for that, which costs more than all else that a request asks of the processor.
struct KeyInfoParts {
    AlgorithmPtr algorithm;
    Bytes key;  ///< content of the BIT STRING
};

/// Errors: ExitCode::verification when it is malformed.
Result<KeyInfoParts> split_key_info(BytesView public_key_der);

/// A key of any kind, as far as it can be told.
struct KeyDescription {
    std::string algorithm;   ///< "rsa-2048", "ec-p256", "ed25519", or the algorithm's name and size
    PublicKey key;           ///< numbers that are not of a kind named in PublicKey stay empty
    bool decoded = false;    ///< OpenSSL understood the key
    bool supported = false;  ///< RSA, one of the three named curves, or Ed25519
};

/// Never fails: what cannot be told stays empty.
KeyDescription describe_key(X509_PUBKEY* info);

/// SHA-1 over the key's BIT STRING (RFC 5280, section 4.2.1.2, method 1). Errors: ExitCode::internal.
Result<Bytes> subject_key_identifier(BytesView public_key_der);

}  // namespace hsmreq::x509
