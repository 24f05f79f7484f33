// Signatures beside what they sign, in the form that openssl dgst and cosign verify.
#pragma once

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"
#include "x509/certification_request.hpp"

namespace hsmreq::x509 {

/// The token's signature as others expect it, once it has verified over `message`: RSA PKCS #1 v1.5 and Ed25519 octets,
/// for ECDSA the DER of an ECDSA-Sig-Value (RFC 3279, section 2.2.3). Errors: ExitCode::verification.
Result<Bytes> checked_signature(BytesView public_key_der, BytesView message, const RawSignature& signature);

/// True when such a signature, with SHA-256 for RSA and ECDSA, verifies. Errors: ExitCode::input when the key is none
/// that can verify.
Result<bool> verify_detached(BytesView public_key_der, BytesView message, BytesView signature);

}  // namespace hsmreq::x509
