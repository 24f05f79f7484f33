// Names and usages of a certreq file, in the text forms and as DER.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "farm/der.hpp"
#include "farm/inf_draft.hpp"

namespace hsmreq::farm {
namespace {

constexpr std::string_view subject_alternative_name = "2.5.29.17";
constexpr std::string_view key_usage_extension = "2.5.29.15";
constexpr std::string_view extended_key_usage_extension = "2.5.29.37";

struct Reason {
    std::string_view name;
    std::string_view reason;
};

constexpr std::array<Reason, 7> other_extensions{{
    {"2.5.29.14", "The subject key identifier follows certificate.default_extensions."},
    {"2.5.29.19", "Basic constraints are the CA's business; none are asked for."},
    {"2.5.29.32", "Certificate policies are the CA's business; none are asked for."},
    {"1.3.6.1.4.1.311.21.10", "Application policies repeat the extended key usage for Windows; that is in the file."},
    {"1.3.6.1.4.1.311.21.7", "A template goes by name here: certificate.ad_cs_template."},
    {"1.3.6.1.4.1.311.20.2", "Write the template's name into certificate.ad_cs_template."},
    {"1.3.6.1.5.5.7.1.24", "OCSP must-staple can't be asked for here."},
}};

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_oid(std::string_view text) {
    if (text.size() < 3 || text.find('.') == text.npos || text.back() == '.') return false;
    char before = '.';
    for (const char c : text) {
        if (c != '.' && (c < '0' || c > '9')) return false;
        if (c == '.' && before == '.') return false;
        before = c;
    }
    return true;
}

/// One name of the text form, such as dns=www.contoso.com.
void take_name(InfDraft& draft, const InfEntry& entry, std::string_view type, std::string_view value) {
    auto& result = draft.result;
    const std::string kind = to_lower(trimmed(type));
    const std::string text(trimmed(value));
    if (text.empty() || !draft.seen.insert(kind + '=' + to_lower(text)).second) return;
    if (kind == "dns" || kind == "dnsname") {
        result.dns_names.push_back(text);
    } else if (kind == "ipaddress" || kind == "ip") {
        result.ip_addresses.push_back(text);
    } else {
        result.other_names.push_back({kind, text});
        draft.leave_out(entry, kind + '=' + text, "A TLS server's certificate has DNS names and IP addresses only.");
    }
}

/// Each `_continue_` line begins a name of its own, whether or not the line before ended in '&', unless it has no '='.
void take_names(InfDraft& draft, const InfEntry& entry, const std::vector<std::string>& lines) {
    std::vector<std::string> items;
    for (const std::string_view line : lines) {
        bool first = true;
        for (std::string_view rest = line; !rest.empty() || first; first = false) {
            const auto end = rest.find_first_of("&\r\n");
            const auto item = trimmed(rest.substr(0, end));
            if (first && item.find('=') == item.npos && !items.empty() && !item.empty())
                items.back() += item;
            else if (!item.empty())
                items.emplace_back(item);
            if (end == rest.npos) break;
            rest.remove_prefix(end + 1);
        }
    }
    for (const std::string_view item : items) {
        const auto equals = item.find('=');
        if (equals == item.npos)
            draft.leave_out(entry, std::string(item), "It is not TYPE=VALUE, such as dns=www.contoso.com.");
        else
            take_name(draft, entry, item.substr(0, equals), item.substr(equals + 1));
    }
}

void take_oids(InfDraft& draft, const InfEntry& entry, std::string_view list) {
    draft.extended_key_usage_where = draft.where(entry);
    while (!list.empty()) {
        const auto end = list.find_first_of(",;& \t");
        auto item = trimmed(list.substr(0, end));
        if (to_lower(item.substr(0, 4)) == "oid=") item.remove_prefix(4);
        if (!item.empty() && !is_oid(item))
            draft.leave_out(entry, std::string(item), "It is not the dotted OID of an extended key usage.");
        else if (!item.empty() && draft.seen.insert(std::string(item)).second)
            draft.result.extended_key_usage.emplace_back(item);
        if (end == list.npos) break;
        list.remove_prefix(end + 1);
    }
}

/// A context-specific GeneralName (RFC 5280, section 4.2.1.6).
void take_general_name(InfDraft& draft, const InfEntry& entry, const DerElement& name) {
    const std::string text(as_text(name.content));
    // These three are IA5Strings; an address is four octets.
    const bool plain = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
    if (!plain && name.tag != 0x87)
        return draft.leave_out(entry, printable(text), "No DNS name, e-mail address or URL has such characters.");
    if (name.tag == 0x82) return take_name(draft, entry, "dns", text);
    if (name.tag == 0x81) return take_name(draft, entry, "email", text);
    if (name.tag == 0x86) return take_name(draft, entry, "url", text);
    if (name.tag != 0x87 || name.content.size() != 4)
        return draft.leave_out(entry, "a name of type " + std::to_string(name.tag & 0x1fU),
                               "A TLS server's certificate has DNS names and IP addresses only.");
    std::string address;
    for (const auto octet : name.content) address += (address.empty() ? "" : ".") + std::to_string(octet);
    take_name(draft, entry, "ipaddress", address);
}

bool take_der_names(InfDraft& draft, const InfEntry& entry, BytesView content) {
    const auto names = der_elements(content);
    if (names)
        for (const auto& name : *names) take_general_name(draft, entry, name);
    return names.has_value();
}

bool take_der_oids(InfDraft& draft, const InfEntry& entry, BytesView content) {
    const auto oids = der_elements(content);
    if (!oids) return false;
    for (const auto& oid : *oids)
        if (const auto text = oid.tag == 0x06 ? dotted_oid(oid.content) : std::nullopt) take_oids(draft, entry, *text);
    return true;
}

/// The content of a BIT STRING: the number of unused bits, then the bits.
bool take_der_key_usage(InfDraft& draft, const InfEntry& entry, BytesView content) {
    if (content.size() < 2 || content.size() > 3) return false;
    const unsigned second = content.size() == 3 ? content[2] : 0U;
    draft.result.key_usage = key_usage_bits(content[1] | second << 8U);
    draft.key_usage_where = draft.where(entry);
    return true;
}

struct BinaryExtension {
    std::string_view oid;
    unsigned tag;
    bool (*take)(InfDraft&, const InfEntry&, BytesView);
};
constexpr std::array<BinaryExtension, 3> binary_extensions{{
    {subject_alternative_name, 0x30, take_der_names},
    {extended_key_usage_extension, 0x30, take_der_oids},
    {key_usage_extension, 0x03, take_der_key_usage},
}};

/// An extension's value as base64 or, behind {hex}, hexadecimal DER.
bool take_binary(InfDraft& draft, const InfEntry& entry, const std::optional<Bytes>& value) {
    const auto elements = value ? der_elements(*value) : std::nullopt;
    if (!elements || elements->size() != 1) return false;
    for (const auto& row : binary_extensions)
        if (row.oid == entry.name && row.tag == elements->front().tag)
            return row.take(draft, entry, elements->front().content);
    return false;
}

/// The word in braces that a value begins with, in lower case; taken off the value.
std::string take_form(std::string& value) {
    const auto end = value.find('}');
    if (!value.starts_with('{') || end == value.npos) return {};
    auto form = to_lower(trimmed(std::string_view(value).substr(1, end - 1)));
    value.erase(0, end + 1);
    return form;
}

void take_critical(InfDraft& draft, const InfEntry& entry) {
    const auto list = entry.value();
    for (std::string_view rest = list; !rest.empty();) {
        const auto end = rest.find_first_of(",; ");
        if (const auto oid = trimmed(rest.substr(0, end)); !oid.empty())
            draft.critical.emplace(std::string(oid), draft.where(entry));
        if (end == rest.npos) break;
        rest.remove_prefix(end + 1);
    }
}

void take_known_extension(InfDraft& draft, const InfEntry& entry) {
    auto values = entry.values;
    const auto form = take_form(values.front());
    if (form == "text" && entry.name == subject_alternative_name) return take_names(draft, entry, values);
    std::string whole;
    for (const auto& value : values) whole += value;
    if (form == "text" && entry.name == extended_key_usage_extension) {
        for (const auto& value : values) take_oids(draft, entry, value);
        return;
    }
    const auto binary = form == "hex" ? from_hexadecimal(whole) : from_base64(whole);
    if (form != "text" && take_binary(draft, entry, binary)) return;
    // Some write the text without {text} in front.
    if (form.empty() && entry.name == subject_alternative_name && whole.find('=') != whole.npos &&
        whole.find('.') != whole.npos)
        return take_names(draft, entry, values);
    if (form.empty() && entry.name == extended_key_usage_extension && is_oid(whole.substr(0, whole.find(','))))
        return take_oids(draft, entry, whole);
    draft.leave_out(entry, "Its value is neither {text} nor DER in base64 or {hex}.");
}

}  // namespace

std::vector<KeyUsageBit> key_usage_bits(unsigned value) {
    std::vector<KeyUsageBit> bits;
    for (unsigned number = 0; number < 8; ++number)
        if ((value & (0x80U >> number)) != 0) bits.push_back(static_cast<KeyUsageBit>(number));
    if ((value & 0x8000U) != 0) bits.push_back(KeyUsageBit::decipher_only);
    return bits;
}

void read_extension(InfDraft& draft, const InfEntry& entry) {
    if (entry.name == "critical") return take_critical(draft, entry);
    if (entry.name == "oid") return take_oids(draft, entry, entry.value());
    for (const auto& row : binary_extensions)
        if (row.oid == entry.name) return take_known_extension(draft, entry);
    const auto* const row = std::ranges::find(other_extensions, entry.name, &Reason::name);
    draft.leave_out(
        entry, std::string(row == other_extensions.end() ? "This extension can't be asked for here." : row->reason));
}

void read_extended_key_usage_entry(InfDraft& draft, const InfEntry& entry) {
    if (entry.name == "oid") return take_oids(draft, entry, entry.value());
    if (entry.name != "critical") return draft.leave_out(entry, "Only OID = and Critical = mean something here.");
    if (is_true(entry.value())) draft.critical.emplace(extended_key_usage_extension, draft.where(entry));
}

void read_request_attribute(InfDraft& draft, const InfEntry& entry) {
    // The form of the command line, SAN:dns=…, is also seen in files.
    const auto colon = entry.key.find(':');
    const std::string name = to_lower(trimmed(std::string_view(entry.key).substr(0, colon)));
    auto values = entry.values;
    if (colon != std::string::npos) {
        const auto rest = trimmed(std::string_view(entry.key).substr(colon + 1));
        const bool pair = !values.front().empty();
        values.front() = std::string(rest) + (pair ? "=" + values.front() : "");
    }
    if (name == "san") return take_names(draft, entry, values);
    std::string whole;
    for (const auto& value : values) whole += value;
    if (name == "certificatetemplate" && draft.result.certificate_template.empty())
        draft.result.certificate_template = trimmed(whole);
    else
        draft.leave_out(entry, "An attribute for a Windows CA; hand it in with the request, if the CA needs it.");
}

}  // namespace hsmreq::farm
