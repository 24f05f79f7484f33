// Certificates for tests, self-signed by a key in software that nobody keeps.
#pragma once

#include <stdexcept>
#include <string>

#include "hsmreq/bytes.hpp"
#include "token/certificates.hpp"
#include "x509/certificate_parts.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::test {

/// DER of a certificate for /CN=name that is valid for an hour; `padding` octets in its subject make it longer.
inline Bytes self_signed_certificate(const std::string& name, long serial = 1, std::size_t padding = 0) {
    using namespace x509;
    const KeyPtr key(EVP_EC_gen("P-256"));
    const CertificatePtr certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    const auto add = [&](const char* type, const std::string& value) {
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), type, MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1, 0);
    };
    add("CN", name);
    for (; padding > 0; padding -= std::min<std::size_t>(padding, 60))
        add("OU", std::string(std::min<std::size_t>(padding, 60), 'x'));
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    if (X509_sign(certificate.get(), key.get(), EVP_sha256()) <= 0) throw std::runtime_error("signature");
    return encode_der(i2d_X509, certificate.get());
}

/// The template of an object that holds it.
inline token::CertificateTemplate certificate_template(const Bytes& der, const Bytes& id, const std::string& label) {
    const auto parts = x509::certificate_parts(der).value();
    using namespace std::chrono_literals;
    return {.value = der,
            .subject = parts.subject,
            .issuer = parts.issuer,
            .serial_number = parts.serial_number,
            .start_date = 2026y / 11 / 3,
            .end_date = 2027y / 1 / 31,
            .category = token::CertificateCategory::token_user,
            .id = id,
            .label = label};
}

}  // namespace hsmreq::test
