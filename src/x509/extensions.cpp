#include "x509/extensions.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/try.hpp"
#include "x509/object_names.hpp"
#include "x509/public_key.hpp"

namespace hsmreq::x509 {
namespace {

Error refuse(const std::string& what) {
    return Error{ExitCode::verification, what, "", ""};
}

bool belongs_in_dns_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '*';
}

Result<Bytes> name_octets(const PlannedName& name) {
    if (name.type == NameType::ip) {
        if (auto octets = address_octets(name.value)) return std::move(*octets);
        return refuse(fmt::format("not an IP address: {}", printable(name.value)));
    }
    // A comma, a NUL or a space would mean one thing to us and another to whoever reads the certificate.
    if (name.value.empty() || !std::all_of(name.value.begin(), name.value.end(), belongs_in_dns_name))
        return refuse(fmt::format("not a DNS name: \"{}\"", printable(name.value)));
    const BytesView octets = as_bytes(name.value);
    return Bytes(octets.begin(), octets.end());
}

Result<GeneralNamePtr> build_general_name(const PlannedName& name) {
    TRY_ASSIGN(const Bytes octets, name_octets(name));
    const bool dns = name.type == NameType::dns;
    StringPtr value(ASN1_STRING_type_new(dns ? V_ASN1_IA5STRING : V_ASN1_OCTET_STRING));
    GeneralNamePtr general_name(GENERAL_NAME_new());
    if (!value || !general_name || !ASN1_STRING_set(value.get(), octets.data(), static_cast<int>(octets.size())))
        return openssl_error(ExitCode::internal, fmt::format("the name {} could not be encoded", name.value));
    GENERAL_NAME_set0_value(general_name.get(), dns ? GEN_DNS : GEN_IPADD, value.release());
    return general_name;
}

Result<Bytes> subject_alternative_name(const std::vector<PlannedName>& names) {
    const GeneralNamesPtr general_names(GENERAL_NAMES_new());
    if (!general_names) return openssl_error(ExitCode::internal, "subjectAltName could not be encoded");
    for (const auto& name : names) {
        TRY_ASSIGN(GeneralNamePtr general_name, build_general_name(name));
        if (sk_GENERAL_NAME_push(general_names.get(), general_name.get()) <= 0)
            return openssl_error(ExitCode::internal, "subjectAltName could not be encoded");
        static_cast<void>(general_name.release());
    }
    return encode_der(i2d_GENERAL_NAMES, general_names.get());
}

Result<Bytes> key_usage(const std::vector<KeyUsageBit>& bits) {
    const BitStringPtr value(ASN1_BIT_STRING_new());
    if (!value) return openssl_error(ExitCode::internal, "keyUsage could not be encoded");
    for (const auto bit : bits)
        if (ASN1_BIT_STRING_set_bit(value.get(), static_cast<int>(bit), 1) != 1)
            return openssl_error(ExitCode::internal, "keyUsage could not be encoded");
    return encode_der(i2d_ASN1_BIT_STRING, value.get());
}

Result<Bytes> extended_key_usage(const std::vector<std::string>& purposes) {
    const ExtendedKeyUsagePtr value(EXTENDED_KEY_USAGE_new());
    if (!value) return openssl_error(ExitCode::internal, "extendedKeyUsage could not be encoded");
    for (const auto& purpose : purposes) {
        // OpenSSL takes a space for a dot, and a NUL for the end.
        const bool dotted = purpose.find_first_not_of("0123456789.") == std::string::npos;
        ObjectPtr object(dotted ? OBJ_txt2obj(purpose.c_str(), 1) : nullptr);
        if (!object) return refuse(fmt::format("not an object identifier: {}", printable(purpose)));
        if (sk_ASN1_OBJECT_push(value.get(), object.get()) <= 0)
            return openssl_error(ExitCode::internal, "extendedKeyUsage could not be encoded");
        static_cast<void>(object.release());
    }
    return encode_der(i2d_EXTENDED_KEY_USAGE, value.get());
}

Result<Bytes> certificate_template_name(const std::string& name) {
    if (printable(name) != name)
        return refuse(fmt::format("the template name \"{}\" holds control characters", printable(name)));
    ASN1_STRING* out = nullptr;
    const BytesView octets = as_bytes(name);
    const int type =
        ASN1_mbstring_copy(&out, octets.data(), static_cast<int>(octets.size()), MBSTRING_UTF8, B_ASN1_BMPSTRING);
    const StringPtr value(out);
    if (type != V_ASN1_BMPSTRING)
        return openssl_error(ExitCode::verification,
                             fmt::format("the template name \"{}\" does not fit a BMPString", printable(name)));
    return encode_der(i2d_ASN1_BMPSTRING, value.get());
}

}  // namespace

Result<std::vector<ExtensionInfo>> planned_extensions(const RequestPlan& plan, BytesView public_key_der) {
    std::vector<ExtensionInfo> extensions;
    const auto add = [&](std::string_view identifier, bool critical, Result<Bytes> value) -> Status {
        if (!value) return std::move(value).error();
        const std::string name = object_name(identifier);
        if (value->empty()) return openssl_error(ExitCode::internal, fmt::format("{} could not be encoded", name));
        extensions.push_back({std::string(identifier), name, critical, std::move(*value)});
        return {};
    };
    if (!plan.subject_alternative_names.empty())
        TRY(add(oid::subject_alternative_name, false, subject_alternative_name(plan.subject_alternative_names)));
    if (!plan.key_usage.empty()) TRY(add(oid::key_usage, true, key_usage(plan.key_usage)));
    if (!plan.extended_key_usage.empty())
        TRY(add(oid::extended_key_usage, false, extended_key_usage(plan.extended_key_usage)));
    if (plan.subject_key_identifier) {
        TRY_ASSIGN(const Bytes identifier, subject_key_identifier(public_key_der));
        TRY(add(oid::subject_key_identifier, false, der_element(V_ASN1_OCTET_STRING, identifier)));
    }
    if (!plan.ad_cs_template.empty())
        TRY(add(oid::ad_cs_template, false, certificate_template_name(plan.ad_cs_template)));
    return extensions;
}

Result<ExtensionPtr> build_extension(const ExtensionInfo& extension) {
    const ObjectPtr object(OBJ_txt2obj(extension.oid.c_str(), 1));
    const OctetStringPtr value(ASN1_OCTET_STRING_new());
    ExtensionPtr built;
    if (object && value &&
        ASN1_OCTET_STRING_set(value.get(), extension.value.data(), static_cast<int>(extension.value.size())) == 1)
        built.reset(X509_EXTENSION_create_by_OBJ(nullptr, object.get(), extension.critical ? 1 : 0, value.get()));
    if (!built) return openssl_error(ExitCode::internal, extension.name + " could not be encoded");
    return built;
}

std::optional<Bytes> address_octets(const std::string& text) {
    // inet_pton stops at a NUL, so a text with one would be taken for what precedes it.
    if (text.find('\0') != std::string::npos) return std::nullopt;
    Bytes octets(sizeof(in6_addr));
    if (inet_pton(AF_INET6, text.c_str(), octets.data()) == 1) return octets;
    octets.resize(sizeof(in_addr));
    if (inet_pton(AF_INET, text.c_str(), octets.data()) == 1) return octets;
    return std::nullopt;
}

std::optional<std::string> address_text(BytesView octets) {
    if (octets.size() != sizeof(in_addr) && octets.size() != sizeof(in6_addr)) return std::nullopt;
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = octets.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
    if (!inet_ntop(family, octets.data(), text.data(), text.size())) return std::nullopt;
    return std::string(text.data());
}

}  // namespace hsmreq::x509
