// A public key in a file of its own: PEM as in RFC 7468, section 13.
#pragma once

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::x509 {

/// PEM with the label "PUBLIC KEY", LF line ends.
Bytes public_key_to_pem(BytesView public_key_der);

/// The SubjectPublicKeyInfo of a file that holds one public key in PEM (text around it is allowed) or DER, written as
/// DER writes it. Errors: ExitCode::input.
Result<Bytes> read_public_key_file(BytesView file);

}  // namespace hsmreq::x509
