// PKCS#10 (RFC 2986): encode what is to be signed, assemble the request, and compare one with the plan.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/public_key.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::x509 {

/// DER of the SubjectPublicKeyInfo (RFC 5280, 4.1; RFC 3279, 5480, 8410). The point or modulus is checked to be a
/// valid key of its kind. Errors: ExitCode::verification.
Result<Bytes> encode_public_key(const PublicKey& key);

/// DER of the CertificationRequestInfo (RFC 2986, 4.1): version, subject, key, and the extension request as planned.
/// Every name goes in as a value, never through a configuration string. Errors: ExitCode::internal or verification.
Result<Bytes> encode_request_info(const RequestPlan& plan, BytesView public_key_der);

/// A raw signature as the token gave it: RSA octets, ECDSA r || s, or EdDSA octets.
struct RawSignature {
    KeyFamily family = KeyFamily::rsa;
    Hash hash = Hash::sha256;
    Bytes value;
};

/// DER of the CertificationRequest made of the info and the signature; ECDSA's r and s become an ECDSA-Sig-Value.
/// Errors: ExitCode::verification when the signature's form can't be that of the family.
Result<Bytes> assemble_request(BytesView request_info, const RawSignature& signature);

/// Parses the DER again, verifies its signature with OpenSSL and compares key, algorithm, subject, names, extensions
/// and attributes with the plan, each as it must be encoded. Errors: ExitCode::verification naming the first
/// difference.
Status verify_request(BytesView der, const RequestPlan& plan, BytesView public_key_der);

/// The differences between a parsed request and the plan, each a phrase for people ("name missing: meet.contoso.com").
/// Empty when they agree. The public key and the signature's value are not part of it; the order of names and of
/// purposes, the case of DNS names and the string types of the subject mean the same to a reader and do not count.
std::vector<std::string> differences(const RequestInspection& request, const RequestPlan& plan);

/// PEM with the plain "CERTIFICATE REQUEST" label, LF line ends.
Bytes to_pem(BytesView request_der);

/// True when `signature` over `message` verifies under the key. For proving that a private key found in a token belongs
/// to a public key read from a file. Errors: ExitCode::verification when the key can't be used at all.
Result<bool> verify_signature(BytesView public_key_der, BytesView message, const RawSignature& signature);

/// The key inside a SubjectPublicKeyInfo as numbers. Errors: ExitCode::input for kinds other than RSA, the three
/// curves and Ed25519.
Result<PublicKey> decode_public_key(BytesView public_key_der);

}  // namespace hsmreq::x509
