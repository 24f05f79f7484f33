// Signature algorithms, and the octets of a token turned into what X.509 carries.
#pragma once

#include <string>
#include <string_view>

#include "hsmreq/algorithm.hpp"
#include "x509/certification_request.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// RFC 8017 A.2.4, RFC 5758 3.2, RFC 8410 3.
struct SignatureAlgorithm {
    KeyFamily family;
    Hash hash;  ///< no meaning for Ed25519
    int nid;
    std::string_view name;
    int parameters;  ///< ASN.1 type of the AlgorithmIdentifier's parameters; V_ASN1_UNDEF when absent
};

const SignatureAlgorithm& signature_algorithm(KeyFamily family, Hash hash);

/// The hash that a signature is made over, in OpenSSL's short form ("SHA256", "SHA1"); "" when the algorithm is unknown
/// or has none to choose (Ed25519).
std::string signature_hash(const X509_ALGOR& algorithm);

/// The content of the signature's BIT STRING: ECDSA's r || s becomes an ECDSA-Sig-Value (RFC 3279, section 2.2.3).
/// Errors: ExitCode::verification when the octets can't be a signature by this key.
Result<Bytes> encode_signature(const EVP_PKEY& key, const RawSignature& signature);

}  // namespace hsmreq::x509
