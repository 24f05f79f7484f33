#include "x509/subject.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"
#include "base/try.hpp"

namespace hsmreq::x509 {
namespace {

struct AttributeFacts {
    std::string_view type;
    int nid;
    int string_type;
    std::string_view encoding;
    std::size_t maximum;  ///< characters (RFC 5280, appendix A.1, upper bounds)
    const std::string& (*value)(const Subject&);
};

constexpr std::array<AttributeFacts, 6> attribute_table{{
    {"C", NID_countryName, V_ASN1_PRINTABLESTRING, "PrintableString", 2,
     [](const Subject& s) -> const std::string& { return s.fields.country; }},
    {"ST", NID_stateOrProvinceName, V_ASN1_UTF8STRING, "UTF8String", 128,
     [](const Subject& s) -> const std::string& { return s.fields.state; }},
    {"L", NID_localityName, V_ASN1_UTF8STRING, "UTF8String", 128,
     [](const Subject& s) -> const std::string& { return s.fields.locality; }},
    {"O", NID_organizationName, V_ASN1_UTF8STRING, "UTF8String", 64,
     [](const Subject& s) -> const std::string& { return s.fields.organization; }},
    {"OU", NID_organizationalUnitName, V_ASN1_UTF8STRING, "UTF8String", 64,
     [](const Subject& s) -> const std::string& { return s.fields.organizational_unit; }},
    {"CN", NID_commonName, V_ASN1_UTF8STRING, "UTF8String", 64,
     [](const Subject& s) -> const std::string& { return s.common_name; }},
}};

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::size_t count_characters(const std::string& utf8) {
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

Status check_value(const AttributeFacts& attribute, const std::string& value) {
    const auto refuse = [&](const std::string& why) {
        return Error{ExitCode::verification, fmt::format("the subject's {} {}", attribute.type, why), "", ""};
    };
    if (printable(value) != value) return refuse("holds control characters or bytes that are not UTF-8");
    if (attribute.nid == NID_countryName && (value.size() != 2 || !is_letter(value[0]) || !is_letter(value[1])))
        return refuse("is not a country code of two letters");
    if (count_characters(value) > attribute.maximum)
        return refuse(fmt::format("is longer than {} characters", attribute.maximum));
    return {};
}

}  // namespace

std::vector<NameAttribute> planned_attributes(const Subject& subject) {
    std::vector<NameAttribute> attributes;
    for (const auto& row : attribute_table)
        if (const std::string& value = row.value(subject); !value.empty())
            attributes.push_back({std::string(row.type), value, std::string(row.encoding)});
    return attributes;
}

Result<NamePtr> build_subject(const Subject& subject) {
    NamePtr name(X509_NAME_new());
    if (!name) return openssl_error(ExitCode::internal, "the subject could not be built");
    for (const auto& row : attribute_table) {
        const std::string& value = row.value(subject);
        if (value.empty()) continue;
        TRY(check_value(row, value));
        if (X509_NAME_add_entry_by_NID(name.get(), row.nid, row.string_type, as_bytes(value).data(),
                                       static_cast<int>(value.size()), -1, 0) != 1)
            return openssl_error(ExitCode::internal, fmt::format("the subject's {} could not be built", row.type));
    }
    return name;
}

}  // namespace hsmreq::x509
