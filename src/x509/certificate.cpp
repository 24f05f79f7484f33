#include <fmt/format.h>

#include <ctime>

#include "base/digest.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "x509/certificate_file.hpp"
#include "x509/der_rules.hpp"
#include "x509/inspection.hpp"
#include "x509/names.hpp"
#include "x509/object_names.hpp"
#include "x509/signature.hpp"

namespace hsmreq {
namespace x509 {
namespace {

using AccessPtr = Owner<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>;
using AuthorityKeyPtr = Owner<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;
using ConstraintsPtr = Owner<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;
using DistributionPointsPtr = Owner<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;
using PoliciesPtr = Owner<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>;

std::string url_of(const GENERAL_NAME& name) {
    return name.type == GEN_URI ? printable(as_text(bytes_of(name.d.uniformResourceIdentifier))) : "";
}

void add_url(const GENERAL_NAME& name, std::vector<std::string>& urls) {
    if (std::string url = url_of(name); !url.empty()) urls.push_back(std::move(url));
}

bool read_basic_constraints(const ExtensionInfo& extension, CertificateInspection& inspection) {
    const auto value = decode_der<ConstraintsPtr>(d2i_BASIC_CONSTRAINTS, extension.value);
    if (!value) return false;
    BasicConstraints constraints{extension.critical, value->ca != 0, std::nullopt};
    if (value->pathlen) constraints.path_length = ASN1_INTEGER_get(value->pathlen);
    inspection.basic_constraints = constraints;
    return true;
}

bool read_subject_key_identifier(const ExtensionInfo& extension, CertificateInspection& inspection) {
    const auto value = decode_der<OctetStringPtr>(d2i_ASN1_OCTET_STRING, extension.value);
    if (!value) return false;
    const BytesView octets = bytes_of(value.get());
    inspection.subject_key_identifier.assign(octets.begin(), octets.end());
    return true;
}

bool read_authority_key_identifier(const ExtensionInfo& extension, CertificateInspection& inspection) {
    const auto value = decode_der<AuthorityKeyPtr>(d2i_AUTHORITY_KEYID, extension.value);
    if (!value) return false;
    if (!value->keyid) return true;
    const BytesView octets = bytes_of(value->keyid);
    inspection.authority_key_identifier.assign(octets.begin(), octets.end());
    return true;
}

bool read_information_access(const ExtensionInfo& extension, CertificateInspection& inspection) {
    const auto value = decode_der<AccessPtr>(d2i_AUTHORITY_INFO_ACCESS, extension.value);
    if (!value) return false;
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(value.get()); ++i) {
        const ACCESS_DESCRIPTION& access = *sk_ACCESS_DESCRIPTION_value(value.get(), i);
        const int method = OBJ_obj2nid(access.method);
        if (method == NID_ad_ca_issuers) add_url(*access.location, inspection.issuer_urls);
        if (method == NID_ad_OCSP) add_url(*access.location, inspection.ocsp_urls);
    }
    return true;
}

bool read_distribution_points(const ExtensionInfo& extension, CertificateInspection& inspection) {
    const auto value = decode_der<DistributionPointsPtr>(d2i_CRL_DIST_POINTS, extension.value);
    if (!value) return false;
    constexpr int full_name = 0;
    for (int i = 0; i < sk_DIST_POINT_num(value.get()); ++i) {
        const DIST_POINT_NAME* point = sk_DIST_POINT_value(value.get(), i)->distpoint;
        if (!point || point->type != full_name) continue;
        for (int n = 0; n < sk_GENERAL_NAME_num(point->name.fullname); ++n)
            add_url(*sk_GENERAL_NAME_value(point->name.fullname, n), inspection.crl_urls);
    }
    return true;
}

bool read_policies(const ExtensionInfo& extension, CertificateInspection& inspection) {
    const auto value = decode_der<PoliciesPtr>(d2i_CERTIFICATEPOLICIES, extension.value);
    if (!value) return false;
    for (int i = 0; i < sk_POLICYINFO_num(value.get()); ++i)
        inspection.policies.push_back(shown_oid_of(sk_POLICYINFO_value(value.get(), i)->policyid));
    return true;
}

/// RFC 6962, section 3.3: a list of opaque timestamps, all lengths in two octets.
bool read_timestamps(const ExtensionInfo& extension, CertificateInspection& inspection) {
    const auto value = decode_der<OctetStringPtr>(d2i_ASN1_OCTET_STRING, extension.value);
    if (!value) return false;
    BytesView list = bytes_of(value.get());
    const auto take_length = [&list]() -> std::optional<std::size_t> {
        if (list.size() < 2) return std::nullopt;
        const std::size_t length = std::size_t{list[0]} << 8U | list[1];
        list = list.subspan(2);
        return length <= list.size() ? std::optional(length) : std::nullopt;
    };
    if (take_length() != list.size()) return false;
    while (!list.empty()) {
        const auto length = take_length();
        if (!length) return false;
        list = list.subspan(*length);
        ++inspection.timestamps;
    }
    return true;
}

struct Reader {
    std::string_view oid;
    bool (*read)(const ExtensionInfo& extension, CertificateInspection& inspection);
};

constexpr Reader readers[] = {
    {oid::basic_constraints, read_basic_constraints},
    {oid::subject_key_identifier, read_subject_key_identifier},
    {oid::authority_key_identifier, read_authority_key_identifier},
    {oid::authority_information_access, read_information_access},
    {oid::crl_distribution_points, read_distribution_points},
    {oid::certificate_policies, read_policies},
    {oid::signed_certificate_timestamps, read_timestamps},
};

/// The extensions that only certificates have; each once, the first of them.
void describe_certificate_extensions(CertificateInspection& inspection) {
    std::set<std::string_view> seen;
    for (const auto& extension : inspection.extensions)
        for (const auto& reader : readers)
            if (reader.oid == extension.oid && seen.insert(extension.oid).second && !reader.read(extension, inspection))
                inspection.problems.push_back(fmt::format("{} could not be decoded", extension.name));
}

std::chrono::sys_seconds time_of(const ASN1_TIME* time, std::string_view what, std::vector<std::string>& problems) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) {
        problems.push_back(fmt::format("{} is not a time", what));
        return {};
    }
    using namespace std::chrono;
    const year_month_day day{year{parts.tm_year + 1900}, month{static_cast<unsigned>(parts.tm_mon) + 1},
                             std::chrono::day{static_cast<unsigned>(parts.tm_mday)}};
    return sys_days{day} + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec};
}

std::string serial_text(const ASN1_INTEGER* serial) {
    const std::string sign = ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ? "-" : "";
    return sign + to_hex(bytes_of(serial));
}

void describe_issuance(X509& certificate, CertificateInspection& inspection) {
    inspection.serial = serial_text(X509_get0_serialNumber(&certificate));
    const X509_NAME* issuer = X509_get_issuer_name(&certificate);
    inspection.issuer = read_attributes_of_name(issuer, inspection.problems);
    inspection.issuer_text = rfc4514_text(issuer);
    inspection.self_issued = X509_NAME_cmp(issuer, X509_get_subject_name(&certificate)) == 0;
    inspection.not_before = time_of(X509_get0_notBefore(&certificate), "notBefore", inspection.problems);
    inspection.not_after = time_of(X509_get0_notAfter(&certificate), "notAfter", inspection.problems);
}

std::string sha1_hex(BytesView der) {
    Bytes value(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    if (EVP_Digest(der.data(), der.size(), value.data(), &size, EVP_sha1(), nullptr) != 1) return "";
    value.resize(size);
    return to_hex(value);
}

}  // namespace

CertificateInspection describe_certificate(X509& certificate, BytesView der) {
    CertificateInspection inspection;
    inspection.der.assign(der.begin(), der.end());
    inspection.der_sha256 = sha256_hex(der);
    inspection.sha1 = sha1_hex(der);
    inspection.version = X509_get_version(&certificate);
    const X509_NAME* subject = X509_get_subject_name(&certificate);
    inspection.subject = read_attributes_of_name(subject, inspection.problems);
    inspection.subject_text = rfc4514_text(subject);
    describe_issuance(certificate, inspection);
    describe_public_key(X509_get_X509_PUBKEY(&certificate), inspection);
    if (const X509_EXTENSIONS* extensions = X509_get0_extensions(&certificate)) {
        std::set<std::string> seen;
        describe_extensions(*extensions, seen, inspection);
        describe_certificate_extensions(inspection);
        if (inspection.version != X509_VERSION_3)
            inspection.problems.emplace_back("there are extensions, but the version is not 3");
    }
    const X509_ALGOR* algorithm = nullptr;
    X509_get0_signature(nullptr, &algorithm, &certificate);
    inspection.signature_algorithm = signature_algorithm_name(algorithm);
    inspection.signature_hash = signature_hash(*algorithm);
    if (X509_ALGOR_cmp(algorithm, X509_get0_tbs_sigalg(&certificate)) != 0)
        inspection.problems.emplace_back("the signature's algorithm is named in two ways");
    if (const std::string violation = der_violation(der); !violation.empty())
        inspection.problems.push_back("the encoding is not DER: " + violation);
    cut_problems(inspection.problems);
    return inspection;
}

}  // namespace x509

Result<std::vector<CertificateInspection>> inspect_certificates(BytesView file) {
    const x509::ErrorQueue queue;
    TRY_ASSIGN(const auto found, x509::read_certificate_file(file));
    std::vector<CertificateInspection> inspections;
    inspections.reserve(found.size());
    for (const auto& [label, der] : found) {
        const auto certificate = x509::decode_der<x509::CertificatePtr>(d2i_X509, der);
        if (!certificate)
            return x509::openssl_error(ExitCode::input,
                                       fmt::format("certificate {} is malformed", inspections.size() + 1));
        inspections.push_back(x509::describe_certificate(*certificate, der));
        inspections.back().pem_label = label;
    }
    return inspections;
}

}  // namespace hsmreq
