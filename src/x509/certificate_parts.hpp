// The parts of a certificate that others want in DER, and its file.
#pragma once

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::x509 {

/// In DER, as the certificate has them.
struct CertificateParts {
    Bytes subject;
    Bytes issuer;
    Bytes serial_number;  ///< an INTEGER, tag and length included
};

/// Errors: ExitCode::input for DER that is no certificate.
Result<CertificateParts> certificate_parts(BytesView certificate_der);

/// A CERTIFICATE block (RFC 7468, section 5).
Bytes certificate_to_pem(BytesView certificate_der);

}  // namespace hsmreq::x509
