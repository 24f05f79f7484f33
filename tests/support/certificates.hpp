// Certificates for tests, self-signed by a key in software that nobody keeps.
#pragma once

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

#include "hsmreq/bytes.hpp"
#include "token/certificates.hpp"
#include "x509/certificate_parts.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::test {

/// What a certificate is to be.
struct CertificateWish {
    std::string name;
    long serial = 1;
    std::size_t padding = 0;  ///< octets in its subject that make it longer
    long begins = -60;        ///< seconds from now
    EVP_PKEY* key = nullptr;  ///< null for a key that nobody keeps
    bool ca = false;
};

/// DER of a certificate for /CN=name that is valid until an hour from now, signed by its own key.
inline Bytes self_signed_certificate(const CertificateWish& wish) {
    using namespace x509;
    const KeyPtr made(wish.key == nullptr ? EVP_EC_gen("P-256") : nullptr);
    EVP_PKEY* const key = wish.key == nullptr ? made.get() : wish.key;
    const CertificatePtr certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), wish.serial);
    const auto add = [&](const char* type, const std::string& value) {
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), type, MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1, 0);
    };
    add("CN", wish.name);
    for (std::size_t left = wish.padding; left > 0; left -= std::min<std::size_t>(left, 60))
        add("OU", std::string(std::min<std::size_t>(left, 60), 'x'));
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), wish.begins);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key);
    const ExtensionPtr constraints(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, wish.ca ? "critical,CA:TRUE" : "CA:FALSE"));
    X509_add_ext(certificate.get(), constraints.get(), -1);
    if (X509_sign(certificate.get(), key, EVP_sha256()) <= 0) throw std::runtime_error("signature");
    return encode_der(i2d_X509, certificate.get());
}

inline Bytes self_signed_certificate(const std::string& name, long serial = 1, std::size_t padding = 0) {
    return self_signed_certificate(CertificateWish{.name = name, .serial = serial, .padding = padding});
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
