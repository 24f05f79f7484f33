// Certificates for tests, signed in software by the key that a test names.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include "hsmreq/bytes.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// When these tests take place.
constexpr std::chrono::sys_seconds now{std::chrono::seconds(1'800'000'000)};  // January 2027

inline void add_extension(X509& certificate, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
    const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    if (!extension || X509_add_ext(&certificate, extension.get(), -1) != 1) throw std::runtime_error("extension");
}

/// A certificate before it is signed.
struct Draft {
    std::string subject = "leaf";
    std::string issuer = "root";
    const EVP_PKEY* key = nullptr;
    const EVP_PKEY* signer = nullptr;
    bool ca = false;
    std::string names = {};
    std::string purpose = "serverAuth";  ///< a leaf's extended key usage; "" for none
    long begins = -1000;                 ///< seconds from `now`
    long ends = 1000;
};

inline Bytes issue(const Draft& draft) {
    static long serial = 0;
    const CertificatePtr certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
    const auto set_name = [](X509_NAME* into, const std::string& name) {
        X509_NAME_add_entry_by_txt(into, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1,
                                   -1, 0);
    };
    set_name(X509_get_subject_name(certificate.get()), draft.subject);
    set_name(X509_get_issuer_name(certificate.get()), draft.issuer);
    const auto time = std::chrono::system_clock::to_time_t(now);
    ASN1_TIME_set(X509_getm_notBefore(certificate.get()), time + draft.begins);
    ASN1_TIME_set(X509_getm_notAfter(certificate.get()), time + draft.ends);
    X509_set_pubkey(certificate.get(), const_cast<EVP_PKEY*>(draft.key));
    add_extension(*certificate, NID_basic_constraints, draft.ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!draft.names.empty()) add_extension(*certificate, NID_subject_alt_name, draft.names);
    if (!draft.ca && !draft.purpose.empty()) add_extension(*certificate, NID_ext_key_usage, draft.purpose);
    const auto* hash = EVP_PKEY_get_base_id(draft.signer) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
    if (X509_sign(certificate.get(), const_cast<EVP_PKEY*>(draft.signer), hash) <= 0)
        throw std::runtime_error("signature");
    return encode_der(i2d_X509, certificate.get());
}

}  // namespace hsmreq::x509
