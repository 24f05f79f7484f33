#include "x509/interim_certificate.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/try.hpp"
#include "x509/extensions.hpp"
#include "x509/object_names.hpp"
#include "x509/public_key.hpp"
#include "x509/subject.hpp"

namespace hsmreq::x509 {
namespace {

// Machines whose clocks lag a little are to take it at once.
constexpr std::chrono::minutes clock_tolerance{5};
constexpr std::size_t serial_size = 16;
constexpr std::size_t longest_common_name = 64;  // RFC 5280, appendix A.1

const EVP_MD* hash_for(const KeyPlan& key) {
    if (facts(key.algorithm).family == KeyFamily::ed25519) return nullptr;
    return EVP_get_digestbyname(std::string(facts(key.hash).name).c_str());
}

Subject marked_subject(const RequestPlan& plan) {
    Subject subject;
    subject.fields.organization = interim_mark;
    // Clients go by subjectAltName; a name that is too long for the subject is in there all the same.
    if (plan.subject.common_name.size() <= longest_common_name) subject.common_name = plan.subject.common_name;
    return subject;
}

/// As planned, but not issued by the template of any CA, and always marked as no CA's certificate.
Result<std::vector<ExtensionInfo>> interim_extensions(const InterimInput& input) {
    RequestPlan plan = input.plan;
    plan.ad_cs_template.clear();
    plan.subject_key_identifier = true;
    TRY_ASSIGN(auto extensions, planned_extensions(plan, input.public_key_der));
    extensions.insert(extensions.begin(), {std::string(oid::basic_constraints), object_name(oid::basic_constraints),
                                           true, der_element(V_ASN1_SEQUENCE, {})});
    return extensions;
}

Status set_serial(X509& certificate) {
    std::array<unsigned char, serial_size> octets{};
    if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1)
        return openssl_error(ExitCode::internal, "OpenSSL has no random numbers");
    // Positive, and as long as any other (RFC 5280, section 4.1.2.2).
    octets[0] = static_cast<unsigned char>((octets[0] & 0x3f) | 0x40);
    const BignumPtr number(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
    if (!number || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) == nullptr)
        return openssl_error(ExitCode::internal, "the serial number could not be set");
    return {};
}

Status set_times(X509& certificate, std::chrono::sys_seconds now) {
    using std::chrono::system_clock;
    const auto from = system_clock::to_time_t(now - clock_tolerance);
    const auto to = system_clock::to_time_t(now + interim_lifetime);
    if (ASN1_TIME_set(X509_getm_notBefore(&certificate), from) == nullptr ||
        ASN1_TIME_set(X509_getm_notAfter(&certificate), to) == nullptr)
        return openssl_error(ExitCode::internal, "the validity could not be set");
    return {};
}

Status fill_in(X509& certificate, const InterimInput& input) {
    if (X509_set_version(&certificate, X509_VERSION_3) != 1)
        return openssl_error(ExitCode::internal, "the certificate could not be built");
    TRY(set_serial(certificate));
    TRY(set_times(certificate, input.now));
    TRY_ASSIGN(const NamePtr name, build_subject(marked_subject(input.plan)));
    TRY_ASSIGN(const KeyPtr public_key, load_public_key(input.public_key_der));
    if (X509_set_subject_name(&certificate, name.get()) != 1 || X509_set_issuer_name(&certificate, name.get()) != 1 ||
        X509_set_pubkey(&certificate, public_key.get()) != 1)
        return openssl_error(ExitCode::internal, "the certificate could not be built");
    TRY_ASSIGN(const auto extensions, interim_extensions(input));
    for (const auto& extension : extensions) {
        TRY_ASSIGN(const ExtensionPtr built, build_extension(extension));
        if (X509_add_ext(&certificate, built.get(), -1) != 1)
            return openssl_error(ExitCode::internal, extension.name + " could not be added");
    }
    return {};
}

bool is_signed_by(BytesView certificate_der, BytesView public_key_der) {
    const auto certificate = decode_der<CertificatePtr>(d2i_X509, certificate_der);
    const auto key = load_public_key(public_key_der);
    return certificate && key && X509_verify(certificate.get(), key->get()) == 1;
}

}  // namespace

Result<Bytes> issue_interim_certificate(const InterimInput& input) {
    const ErrorQueue queue;
    const CertificatePtr certificate(X509_new());
    if (!certificate) return openssl_error(ExitCode::internal, "the certificate could not be built");
    TRY(fill_in(*certificate, input));
    if (X509_sign(certificate.get(), input.key.key, hash_for(input.plan.key)) <= 0) {
        if (input.key.fault)
            if (auto fault = input.key.fault()) return std::move(*fault);
        return openssl_error(ExitCode::verification, "the interim certificate could not be signed");
    }
    Bytes der = encode_der(i2d_X509, certificate.get());
    if (!is_signed_by(der, input.public_key_der))
        return Error{.code = ExitCode::verification,
                     .what = "the signature on the interim certificate does not verify under the token's public key"};
    return der;
}

bool is_interim(const CertificateInspection& certificate) {
    return certificate.self_issued && std::ranges::any_of(certificate.subject, [](const NameAttribute& attribute) {
               return attribute.type == "O" && attribute.value == interim_mark;
           });
}

bool interim_stands(const CertificateInspection& certificate, const InterimInput& input) {
    const ErrorQueue queue;
    const auto wanted = interim_extensions(input);
    if (!wanted || !is_interim(certificate)) return false;
    const auto same = [](const ExtensionInfo& a, const ExtensionInfo& b) {
        return a.oid == b.oid && a.critical == b.critical && a.value == b.value;
    };
    return std::ranges::equal(certificate.extensions, *wanted, same) && certificate.not_before <= input.now &&
           certificate.not_after >= input.now + interim_least_left &&
           is_signed_by(certificate.der, input.public_key_der) &&
           std::ranges::equal(certificate.public_key_der, input.public_key_der);
}

Bytes certificate_to_pem(BytesView der) {
    const ErrorQueue queue;
    const OutputPtr output(BIO_new(BIO_s_mem()));
    char* text = nullptr;
    if (!output || PEM_write_bio(output.get(), PEM_STRING_X509, "", der.data(), static_cast<long>(der.size())) <= 0)
        return {};
    const long size = BIO_get_mem_data(output.get(), &text);
    return Bytes(text, text + size);
}

}  // namespace hsmreq::x509
