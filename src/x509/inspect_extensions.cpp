#include <fmt/format.h>

#include "hsmreq/names.hpp"
#include "x509/der_rules.hpp"
#include "x509/extension_text.hpp"
#include "x509/inspection.hpp"
#include "x509/names.hpp"
#include "x509/object_names.hpp"

namespace hsmreq::x509 {
namespace {

bool read_subject_alternative_name(const ExtensionInfo& extension, SubjectInspection& inspection) {
    const auto names = decode_der<GeneralNamesPtr>(d2i_GENERAL_NAMES, extension.value);
    if (!names) return false;
    const int count = sk_GENERAL_NAME_num(names.get());
    if (count == 0) inspection.problems.emplace_back("subjectAltName is empty");
    for (int i = 0; i < count; ++i)
        inspection.subject_alternative_names.push_back(
            read_general_name(*sk_GENERAL_NAME_value(names.get(), i), inspection.problems));
    return true;
}

bool read_key_usage(const ExtensionInfo& extension, SubjectInspection& inspection) {
    const auto value = decode_der<BitStringPtr>(d2i_ASN1_BIT_STRING, extension.value);
    if (!value) return false;
    std::vector<std::string> bits;
    for (const auto& [bit, name] : named<KeyUsageBit>)
        if (ASN1_BIT_STRING_get_bit(value.get(), static_cast<int>(bit))) bits.emplace_back(name);
    constexpr int defined_octets = 2;
    constexpr std::uint8_t last_defined_bit = 0x80;  // decipherOnly, the ninth
    const BytesView octets = bytes_of(value.get());
    if (octets.size() > defined_octets || (octets.size() == defined_octets && (octets[1] & ~last_defined_bit) != 0))
        inspection.problems.emplace_back("keyUsage has bits that no standard defines");
    if (bits.empty()) inspection.problems.emplace_back("keyUsage is empty");
    inspection.key_usage.emplace(extension.critical, std::move(bits));
    return true;
}

bool read_extended_key_usage(const ExtensionInfo& extension, SubjectInspection& inspection) {
    const auto value = decode_der<ExtendedKeyUsagePtr>(d2i_EXTENDED_KEY_USAGE, extension.value);
    if (!value) return false;
    std::vector<std::string> purposes;
    if (!der_violation(extension.value).empty()) return false;
    for (int i = 0; i < sk_ASN1_OBJECT_num(value.get()); ++i)
        purposes.push_back(oid_of(sk_ASN1_OBJECT_value(value.get(), i)));
    if (purposes.empty()) inspection.problems.emplace_back("extendedKeyUsage is empty");
    inspection.extended_key_usage.emplace(extension.critical, std::move(purposes));
    return true;
}

struct Reader {
    std::string_view oid;
    bool (*read)(const ExtensionInfo& extension, SubjectInspection& inspection);
};

constexpr Reader readers[] = {
    {oid::subject_alternative_name, read_subject_alternative_name},
    {oid::key_usage, read_key_usage},
    {oid::extended_key_usage, read_extended_key_usage},
};

void describe_extension(X509_EXTENSION* extension, std::set<std::string>& seen, SubjectInspection& inspection) {
    ExtensionInfo info;
    info.oid = oid_of(X509_EXTENSION_get_object(extension));
    if (info.oid.empty()) {
        inspection.problems.emplace_back("an extension's identifier is too long; the extension is not shown");
        return;
    }
    info.name = object_name(info.oid);
    info.critical = X509_EXTENSION_get_critical(extension) != 0;
    const BytesView value = bytes_of(X509_EXTENSION_get_data(extension));
    info.value.assign(value.begin(), value.end());
    info.text = extension_text(info.oid, info.value).value_or("");

    if (!seen.insert(info.oid).second) {
        inspection.problems.push_back(fmt::format("{} appears more than once; the first is shown", info.name));
    } else {
        for (const auto& reader : readers)
            if (reader.oid == info.oid && !reader.read(info, inspection))
                inspection.problems.push_back(fmt::format("{} could not be decoded", info.name));
    }
    inspection.extensions.push_back(std::move(info));
}

}  // namespace

void describe_extensions(const X509_EXTENSIONS& extensions, std::set<std::string>& seen,
                         SubjectInspection& inspection) {
    for (int i = 0; i < sk_X509_EXTENSION_num(&extensions); ++i)
        describe_extension(sk_X509_EXTENSION_value(&extensions, i), seen, inspection);
}

}  // namespace hsmreq::x509
