#include "x509/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "x509/extensions.hpp"

namespace hsmreq::x509 {
namespace {

// X.680's own names, which OpenSSL prints in capitals.
constexpr std::array<std::pair<int, const char*>, 8> string_types{{
    {V_ASN1_UTF8STRING, "UTF8String"},
    {V_ASN1_PRINTABLESTRING, "PrintableString"},
    {V_ASN1_T61STRING, "TeletexString"},
    {V_ASN1_IA5STRING, "IA5String"},
    {V_ASN1_NUMERICSTRING, "NumericString"},
    {V_ASN1_VISIBLESTRING, "VisibleString"},
    {V_ASN1_UNIVERSALSTRING, "UniversalString"},
    {V_ASN1_BMPSTRING, "BMPString"},
}};

std::string string_type_name(int type) {
    for (const auto& [known, name] : string_types)
        if (known == type) return name;
    return ASN1_tag2str(type);
}

std::string attribute_type(const ASN1_OBJECT* object) {
    const int nid = OBJ_obj2nid(object);
    return nid == NID_undef ? shown_oid_of(object) : OBJ_nid2sn(nid);
}

NameAttribute read_attribute(const X509_NAME_ENTRY* entry, std::vector<std::string>& problems) {
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
    NameAttribute attribute;
    attribute.type = attribute_type(X509_NAME_ENTRY_get_object(entry));
    attribute.encoding = string_type_name(ASN1_STRING_type(value));
    if (const auto text = utf8_of(value)) {
        attribute.value = printable(*text);
    } else {
        attribute.value = to_hex(bytes_of(value));
        problems.push_back(fmt::format("the subject's {} is not text", attribute.type));
    }
    return attribute;
}

std::string other_name_text(const OTHERNAME& name) {
    const std::string type = oid_of(name.type_id);
    if (const auto text = utf8_of(*name.value)) return fmt::format("{}:{}", type, printable(*text));
    return fmt::format("{}:{}", type, to_hex(encode_der(i2d_ASN1_TYPE, name.value)));
}

/// The text of an IA5String, whose characters are those that a name can be made of or the reader is told.
std::string ia5_text(const ASN1_STRING* string, std::vector<std::string>& problems) {
    const std::string_view text = as_text(bytes_of(string));
    if (text.empty()) problems.emplace_back("an empty name in subjectAltName");
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; }))
        problems.push_back(fmt::format("characters that belong in no name: {}", printable(text)));
    return printable(text);
}

}  // namespace

std::vector<NameAttribute> read_attributes_of_name(const X509_NAME* name, std::vector<std::string>& problems) {
    std::vector<NameAttribute> attributes;
    for (int i = 0; i < X509_NAME_entry_count(name); ++i)
        attributes.push_back(read_attribute(X509_NAME_get_entry(name, i), problems));
    return attributes;
}

std::string rfc4514_text(const X509_NAME* name) {
    const OutputPtr output(BIO_new(BIO_s_mem()));
    // RFC 4514 lets UTF-8 stand as it is, where RFC 2253's flags would escape it.
    constexpr unsigned long flags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    char* text = nullptr;
    if (!output || X509_NAME_print_ex(output.get(), name, 0, flags) < 0) return "";
    const long size = BIO_get_mem_data(output.get(), &text);
    return printable(std::string_view(text, static_cast<std::size_t>(size)));
}

AlternativeName read_general_name(const GENERAL_NAME& name, std::vector<std::string>& problems) {
    const auto text = [&](const ASN1_STRING* string) { return ia5_text(string, problems); };
    switch (name.type) {
        case GEN_DNS:
            return {"dns", text(name.d.dNSName)};
        case GEN_EMAIL:
            return {"email", text(name.d.rfc822Name)};
        case GEN_URI:
            return {"uri", text(name.d.uniformResourceIdentifier)};
        case GEN_IPADD: {
            const BytesView octets = bytes_of(name.d.iPAddress);
            if (auto address = address_text(octets)) return {"ip", std::move(*address)};
            problems.push_back(fmt::format("an IP address of {} octets in subjectAltName", octets.size()));
            return {"ip", to_hex(octets)};
        }
        case GEN_DIRNAME:
            return {"directory", rfc4514_text(name.d.directoryName)};
        case GEN_RID:
            return {"registered-id", oid_of(name.d.registeredID)};
        case GEN_OTHERNAME:
            return {"other", other_name_text(*name.d.otherName)};
        default:
            return {"other", to_hex(encode_der(i2d_GENERAL_NAME, &name))};
    }
}

}  // namespace hsmreq::x509
