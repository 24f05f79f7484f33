// A file that may hold certificates, down to the DER of each.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::x509 {

inline constexpr std::size_t certificate_file_limit = std::size_t{1} << 20;
inline constexpr std::size_t most_certificates = 250;

/// One certificate of a file and the label of the PEM block it came in, "" for DER.
struct CertificateInFile {
    std::string pem_label;
    Bytes der;
};

/// True when the file has a PEM block that is meant to hold certificates, or is a certificate or a PKCS#7 message in
/// DER. What is in it may still be malformed.
bool holds_certificates(BytesView file);

/// True when the file has a PEM block that is meant to hold a certification request.
bool holds_request_in_pem(BytesView file);

/// The certificates in the order of the file: PEM blocks of certificates and of PKCS#7 or CMS messages, or one of
/// either in DER. A block labelled as one may hold the other, as Windows' web enrolment writes it.
/// Errors: ExitCode::input.
Result<std::vector<CertificateInFile>> read_certificate_file(BytesView file);

/// The certificates in PEM, each below a line that names it: what proxies read as the file of those they trust.
Bytes write_certificate_bundle(const std::vector<CertificateInspection>& certificates);

}  // namespace hsmreq::x509
