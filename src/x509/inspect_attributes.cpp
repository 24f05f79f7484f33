#include <fmt/format.h>

#include <cstdint>
#include <set>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "x509/inspection.hpp"
#include "x509/object_names.hpp"

namespace hsmreq::x509 {
namespace {

std::optional<std::string> text_of(const ASN1_TYPE& value) {
    const auto utf8 = utf8_of(value);
    return utf8 ? std::optional(printable(*utf8)) : std::nullopt;
}

std::optional<std::int64_t> integer_of(const ASN1_TYPE& value) {
    std::int64_t number = 0;
    if (ASN1_TYPE_get(&value) != V_ASN1_INTEGER || ASN1_INTEGER_get_int64(&number, value.value.integer) != 1)
        return std::nullopt;
    return number;
}

/// The elements of a SEQUENCE; null when the value is none or has another number of them.
SequencePtr elements_of(const ASN1_TYPE& value, int count) {
    if (ASN1_TYPE_get(&value) != V_ASN1_SEQUENCE) return nullptr;
    auto elements = decode_der<SequencePtr>(d2i_ASN1_SEQUENCE_ANY, bytes_of(value.value.sequence));
    if (elements && sk_ASN1_TYPE_num(elements.get()) != count) elements.reset();
    return elements;
}

/// What Windows writes about the machine ([MS-WCCE], section 2.2.2.7.4): client, machine, user and process.
std::optional<std::string> client_information(const ASN1_TYPE& value) {
    const auto fields = elements_of(value, 4);
    if (!fields) return std::nullopt;
    const auto client = integer_of(*sk_ASN1_TYPE_value(fields.get(), 0));
    const auto machine = text_of(*sk_ASN1_TYPE_value(fields.get(), 1));
    const auto user = text_of(*sk_ASN1_TYPE_value(fields.get(), 2));
    const auto process = text_of(*sk_ASN1_TYPE_value(fields.get(), 3));
    if (!client || !machine || !user || !process) return std::nullopt;
    return fmt::format("client {}, machine {}, user {}, process {}", *client, *machine, *user, *process);
}

/// [MS-WCCE], section 2.2.2.7.2: key specification, provider, and a signature that nobody fills.
std::optional<std::string> cryptographic_provider(const ASN1_TYPE& value) {
    const auto fields = elements_of(value, 3);
    if (!fields) return std::nullopt;
    const auto key_specification = integer_of(*sk_ASN1_TYPE_value(fields.get(), 0));
    const auto provider = text_of(*sk_ASN1_TYPE_value(fields.get(), 1));
    if (!key_specification || !provider) return std::nullopt;
    return fmt::format("key specification {}, provider {}", *key_specification, *provider);
}

struct Reader {
    std::string_view oid;
    std::optional<std::string> (*read)(const ASN1_TYPE& value);
};

constexpr Reader readers[] = {
    {oid::challenge_password, [](const ASN1_TYPE&) { return std::optional<std::string>("present, not shown"); }},
    {oid::unstructured_name, text_of},
    {oid::os_version, text_of},
    {oid::client_information, client_information},
    {oid::cryptographic_provider, cryptographic_provider},
};

std::string value_text(std::string_view identifier, const ASN1_TYPE& value) {
    for (const auto& reader : readers)
        if (reader.oid == identifier)
            if (auto text = reader.read(value)) return std::move(*text);
    return to_hex(encode_der(i2d_ASN1_TYPE, &value));
}

bool is_extension_request(std::string_view identifier) {
    return identifier == oid::extension_request || identifier == oid::microsoft_extension_request;
}

/// The identifiers that came by so far.
struct Seen {
    std::set<std::string> attributes;
    std::set<std::string> extensions;
};

/// The names of the extensions asked for, which the inspection now holds.
std::string read_extension_request(const RequestAttribute& attribute, const ASN1_TYPE& value, Seen& seen,
                                   RequestInspection& inspection) {
    ExtensionsPtr extensions;
    if (ASN1_TYPE_get(&value) == V_ASN1_SEQUENCE)
        extensions = decode_der<ExtensionsPtr>(d2i_X509_EXTENSIONS, bytes_of(value.value.sequence));
    if (!extensions) {
        inspection.problems.push_back(fmt::format("{} could not be decoded", attribute.name));
        return to_hex(encode_der(i2d_ASN1_TYPE, &value));
    }
    const std::size_t before = inspection.extensions.size();
    describe_extensions(*extensions, seen.extensions, inspection);
    std::vector<std::string> names;
    for (std::size_t i = before; i < inspection.extensions.size(); ++i) names.push_back(inspection.extensions[i].name);
    return join(names, ", ");
}

void describe_attribute(X509_ATTRIBUTE* source, Seen& seen, RequestInspection& inspection) {
    RequestAttribute attribute;
    attribute.oid = oid_of(X509_ATTRIBUTE_get0_object(source));
    if (attribute.oid.empty()) {
        inspection.problems.emplace_back("an attribute's identifier is too long; the attribute is not shown");
        return;
    }
    attribute.name = object_name(attribute.oid);
    std::vector<std::string> values;
    const int count = X509_ATTRIBUTE_count(source);
    for (int i = 0; i < count; ++i) {
        const ASN1_TYPE& value = *X509_ATTRIBUTE_get0_type(source, i);
        values.push_back(is_extension_request(attribute.oid)
                             ? read_extension_request(attribute, value, seen, inspection)
                             : value_text(attribute.oid, value));
    }
    attribute.value = join(values, "; ");
    // All attributes that have a name here are single-valued, and RFC 2986 allows each type once.
    if (!seen.attributes.insert(attribute.oid).second)
        inspection.problems.push_back(fmt::format("attribute {} appears more than once", attribute.name));
    if (count == 0) inspection.problems.push_back(fmt::format("attribute {} has no value", attribute.name));
    if (count > 1 && attribute.name != attribute.oid)
        inspection.problems.push_back(fmt::format("attribute {} has {} values", attribute.name, count));
    inspection.attributes.push_back(std::move(attribute));
}

}  // namespace

void describe_attributes(const X509_REQ& request, RequestInspection& inspection) {
    const int count = X509_REQ_get_attr_count(&request);
    // OpenSSL counts -1 where the field itself is missing, which RFC 2986, section 4.1, does not allow.
    if (count < 0) inspection.problems.emplace_back("the attributes are absent, where an empty set is required");
    Seen seen;
    for (int i = 0; i < count; ++i) describe_attribute(X509_REQ_get_attr(&request, i), seen, inspection);
}

}  // namespace hsmreq::x509
