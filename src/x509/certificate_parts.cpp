#include "x509/certificate_parts.hpp"

#include <openssl/pem.h>

#include "x509/openssl.hpp"
#include "x509/pem.hpp"

namespace hsmreq::x509 {

Result<CertificateParts> certificate_parts(BytesView certificate_der) {
    const ErrorQueue queue;
    const auto certificate = decode_der<CertificatePtr>(d2i_X509, certificate_der);
    if (!certificate) return openssl_error(ExitCode::input, "the certificate is malformed");
    CertificateParts parts{.subject = encode_der(i2d_X509_NAME, X509_get_subject_name(certificate.get())),
                           .issuer = encode_der(i2d_X509_NAME, X509_get_issuer_name(certificate.get())),
                           .serial_number = encode_der(i2d_ASN1_INTEGER, X509_get_serialNumber(certificate.get()))};
    if (parts.subject.empty() || parts.issuer.empty() || parts.serial_number.empty())
        return openssl_error(ExitCode::input, "the certificate's names or serial number can't be encoded");
    return parts;
}

Bytes certificate_to_pem(BytesView certificate_der) {
    return write_pem_block(PEM_STRING_X509, certificate_der);
}

}  // namespace hsmreq::x509
