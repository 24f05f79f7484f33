// X.509 certificates (RFC 5280) turned into plain values, and the name check that TLS clients make.
#pragma once

#include <string>

#include "hsmreq/inspect.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// Everything in the certificate; what can't be read is named in CertificateInspection::problems.
CertificateInspection describe_certificate(X509& certificate, BytesView der);

/// True when the certificate is for that host or IP address, wildcards included (RFC 6125, section 6; as
/// `openssl x509 -checkhost` and `-checkip` have it). False for DER that is no certificate.
bool matches_host(BytesView certificate_der, const std::string& host);

}  // namespace hsmreq::x509
