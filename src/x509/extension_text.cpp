#include "x509/extension_text.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "hsmreq/plan.hpp"
#include "x509/object_names.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {
namespace {

using PoliciesPtr = Owner<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free>;

std::optional<std::string> octets(BytesView value) {
    const auto string = decode_der<OctetStringPtr>(d2i_ASN1_OCTET_STRING, value);
    return string ? std::optional(to_hex(bytes_of(string.get()))) : std::nullopt;
}

/// Windows writes the extended key usages a second time as certificate policies ([MS-WCCE], section 2.2.2.7.7.3).
std::optional<std::string> policies(BytesView value) {
    const auto list = decode_der<PoliciesPtr>(d2i_CERTIFICATEPOLICIES, value);
    if (!list) return std::nullopt;
    std::vector<std::string> names;
    for (int i = 0; i < sk_POLICYINFO_num(list.get()); ++i)
        names.push_back(extended_key_usage_name(shown_oid_of(sk_POLICYINFO_value(list.get(), i)->policyid)));
    return join(names, ", ");
}

/// The name of a certificate template, a BMPString as Windows writes it ([MS-WCCE], section 2.2.2.7.7.1).
std::optional<std::string> template_name(BytesView value) {
    const auto any = decode_der<TypePtr>(d2i_ASN1_TYPE, value);
    const auto text = any ? utf8_of(*any) : std::nullopt;
    return text ? std::optional(printable(*text)) : std::nullopt;
}

/// SEQUENCE { templateID OBJECT IDENTIFIER, major INTEGER, minor INTEGER OPTIONAL } ([MS-WCCE], section 2.2.2.7.7.2).
std::optional<std::string> template_information(BytesView value) {
    const auto fields = decode_der<SequencePtr>(d2i_ASN1_SEQUENCE_ANY, value);
    const int count = fields ? sk_ASN1_TYPE_num(fields.get()) : 0;
    if (count < 1 || count > 3) return std::nullopt;
    const ASN1_TYPE& identifier = *sk_ASN1_TYPE_value(fields.get(), 0);
    if (ASN1_TYPE_get(&identifier) != V_ASN1_OBJECT) return std::nullopt;
    std::vector<std::string> versions;
    for (int i = 1; i < count; ++i) {
        const ASN1_TYPE& field = *sk_ASN1_TYPE_value(fields.get(), i);
        std::int64_t number = 0;
        if (ASN1_TYPE_get(&field) != V_ASN1_INTEGER || ASN1_INTEGER_get_int64(&number, field.value.integer) != 1)
            return std::nullopt;
        versions.push_back(std::to_string(number));
    }
    const std::string text = "template " + shown_oid_of(identifier.value.object);
    return versions.empty() ? text : text + ", version " + join(versions, ".");
}

/// RFC 7633: the TLS extensions that the server promises; 5 is the certificate status.
std::optional<std::string> tls_features(BytesView value) {
    const auto features = decode_der<SequencePtr>(d2i_ASN1_SEQUENCE_ANY, value);
    if (!features) return std::nullopt;
    constexpr std::int64_t status_request = 5;
    std::vector<std::string> names;
    for (int i = 0; i < sk_ASN1_TYPE_num(features.get()); ++i) {
        const ASN1_TYPE& feature = *sk_ASN1_TYPE_value(features.get(), i);
        std::int64_t number = 0;
        if (ASN1_TYPE_get(&feature) != V_ASN1_INTEGER || ASN1_INTEGER_get_int64(&number, feature.value.integer) != 1)
            return std::nullopt;
        names.push_back(number == status_request ? "status_request (OCSP must staple)" : std::to_string(number));
    }
    return join(names, ", ");
}

std::optional<std::string> constraints(BytesView value) {
    const auto found = decode_der<Owner<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>>(d2i_BASIC_CONSTRAINTS, value);
    if (!found) return std::nullopt;
    const std::string text = found->ca ? "a CA" : "no CA";
    if (!found->pathlen) return text;
    return fmt::format("{}, path length {}", text, ASN1_INTEGER_get(found->pathlen));
}

struct Reader {
    std::string_view oid;
    std::optional<std::string> (*read)(BytesView value);
};

constexpr Reader readers[] = {
    {oid::basic_constraints, constraints}, {oid::subject_key_identifier, octets},
    {oid::application_policies, policies}, {oid::certificate_policies, policies},
    {oid::ad_cs_template, template_name},  {oid::ad_cs_template_information, template_information},
    {oid::tls_feature, tls_features},
};

}  // namespace

std::optional<std::string> extension_text(std::string_view identifier, BytesView value) {
    for (const auto& reader : readers)
        if (reader.oid == identifier) return reader.read(value);
    return std::nullopt;
}

}  // namespace hsmreq::x509
