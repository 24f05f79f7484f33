#include "farm/values.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "farm/reader.hpp"

namespace hsmreq::farm {
namespace {

constexpr std::size_t name_limit = 63;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::optional<Complaint> name_with(std::string_view text, std::string_view marks) {
    const auto allowed = [&](char c) { return is_letter(c) || is_digit(c) || marks.find(c) != marks.npos; };
    const bool fits = !text.empty() && text.size() <= name_limit && std::ranges::all_of(text, allowed);
    if (fits && (is_letter(text.front()) || is_digit(text.front()))) return std::nullopt;
    std::string listed;
    for (const char c : marks) listed += std::string(" ") + c;
    return Complaint{backquoted(text) + " can't be a name here", "A name has 1 to 63 of the characters A-Z a-z 0-9" +
                                                                     listed + " and begins with a letter or digit."};
}

bool is_port(std::string_view text) {
    if (text.empty() || text.size() > 5 || text.front() == '0' || !std::ranges::all_of(text, is_digit)) return false;
    return std::stoul(std::string(text)) <= 65535;
}

/// An address or host name as far as syntax goes: no scheme, path, space; colons only inside brackets.
bool is_host(std::string_view text) {
    if (text.starts_with('[')) {
        const auto inner = text.substr(1, text.size() - 2);
        return text.ends_with(']') && inner.size() >= 2 && inner.find(':') != inner.npos &&
               std::ranges::all_of(inner, [](char c) {
                   return std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == ':' || c == '.';
               });
    }
    return !text.empty() && text.find_first_of(":/[]@?# \t,;{}\"'\\") == text.npos;
}

/// The offset of the colon before the port, npos without one.
std::size_t port_colon(std::string_view text) {
    const auto colon = text.rfind(':');
    const auto bracket = text.rfind(']');
    return colon != text.npos && bracket != text.npos && colon < bracket ? text.npos : colon;
}

std::optional<Complaint> longer_than(std::string_view text, std::size_t limit) {
    const auto count = code_points(text).size();
    if (count <= limit) return std::nullopt;
    return Complaint{"too long: " + std::to_string(count) + " characters",
                     "X.520 allows " + std::to_string(limit) + " characters here."};
}

/// Arcs without leading zeros; the first is 0 to 2, under 0 and 1 the second is below 40 (X.660).
bool is_oid(std::string_view text) {
    constexpr std::size_t oid_limit = 128;
    constexpr std::size_t arc_limit = 9;
    std::size_t arcs = 0;
    unsigned long root = 0;
    if (text.size() > oid_limit) return false;
    for (;;) {
        const auto end = text.find('.');
        const auto arc = text.substr(0, end);
        if (arc.empty() || !std::ranges::all_of(arc, is_digit) || (arc.size() > 1 && arc.front() == '0')) return false;
        if (arcs < 2) {
            if (arc.size() > arc_limit) return false;
            const auto value = std::stoul(std::string(arc));
            if (arcs == 0 && value > 2) return false;
            if (arcs == 1 && root < 2 && value > 39) return false;
            if (arcs == 0) root = value;
        }
        ++arcs;
        if (end == text.npos) return arcs >= 2;
        text.remove_prefix(end + 1);
    }
}

constexpr std::array<std::string_view, 7> usage_words = {
    "serverAuth", "clientAuth", "codeSigning", "emailProtection", "timeStamping", "OCSPSigning", "anyExtendedKeyUsage"};

std::string listed(std::span<const std::string_view> words) {
    std::string text;
    for (const auto word : words) text += (text.empty() ? "" : ", ") + std::string(word);
    return text;
}

/// Each brace belongs to a known placeholder, and no placeholder stands twice.
std::optional<Complaint> placeholders(std::string_view text, std::span<const std::string_view> known) {
    const std::string allowed = "Known here: " + listed(known) + '.';
    std::vector<std::string_view> seen;
    while (!text.empty()) {
        const auto open = text.find_first_of("{}");
        if (open == text.npos) break;
        const auto close = text.find('}', open);
        if (text[open] == '}' || close == text.npos)
            return Complaint{"a brace that is not part of a placeholder", allowed};
        const auto word = text.substr(open, close - open + 1);
        if (std::ranges::find(known, word) == known.end())
            return Complaint{"unknown placeholder " + backquoted(word), allowed};
        if (std::ranges::find(seen, word) != seen.end())
            return Complaint{"the placeholder " + backquoted(word) + " stands twice", "Keep one of them."};
        seen.push_back(word);
        text.remove_prefix(close + 1);
    }
    return std::nullopt;
}

/// True when the text holds the word and neither neighbour goes on with it.
bool has_word(std::string_view text, std::string_view word) {
    const auto goes_on = [&](std::size_t at) {
        return at < text.size() && (is_letter(text[at]) || is_digit(text[at]));
    };
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1))
        if (!goes_on(at - 1) && !goes_on(at + word.size())) return true;
    return false;
}

constexpr std::size_t template_limit = 128;
constexpr std::array<std::string_view, 4> file_name_placeholders = {"{farm}", "{request}", "{member}",
                                                                    "{friendly_name}"};
constexpr std::array<std::string_view, 5> label_placeholders = {"{farm}", "{request}", "{member}", "{generation}",
                                                                "{friendly_name}"};

}  // namespace

std::optional<Complaint> any_text(std::string_view) {
    return std::nullopt;
}

std::optional<Complaint> not_empty(std::string_view text) {
    if (!text.empty()) return std::nullopt;
    return Complaint{"an empty string", "Write the value, or leave it out."};
}

std::optional<Complaint> identifier(std::string_view text) {
    return name_with(text, "._-");
}
std::optional<Complaint> member_name(std::string_view text) {
    return name_with(text, "_-");
}

std::optional<Complaint> host_and_port(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto colon = port_colon(text);
    if (is_host(text.substr(0, colon)) && (colon == text.npos || is_port(text.substr(colon + 1)))) return std::nullopt;
    const bool url = text.find("://") != text.npos;
    return Complaint{backquoted(text) + " is not host[:port]",
                     url ? "Write the host only, without scheme and path: the port says how it is reached."
                         : "Write a host name or address, with :port from 1 to 65535 where it is not the usual one; an "
                           "IPv6 address stands in brackets."};
}

std::optional<Complaint> listen_address(std::string_view text) {
    const auto colon = port_colon(text);
    const bool port = colon != text.npos && is_port(text.substr(colon + 1));
    if (port && (colon == 0 || is_host(text.substr(0, colon)))) return std::nullopt;
    return Complaint{
        backquoted(text) + " is not an address to listen on",
        "Write :443 for every address, or an address and port such as 192.0.2.10:443 or [2001:db8::10]:443."};
}

std::optional<Complaint> country(std::string_view text) {
    if (text.empty() || (text.size() == 2 && std::ranges::all_of(text, is_letter))) return std::nullopt;
    return Complaint{backquoted(text) + " is not a country code",
                     "Write the two letters of ISO 3166-1, such as \"DE\"."};
}

std::optional<Complaint> at_most_64(std::string_view text) {
    return longer_than(text, 64);
}
std::optional<Complaint> at_most_128(std::string_view text) {
    return longer_than(text, 128);
}

std::optional<Complaint> bmp_text(std::string_view text) {
    constexpr std::size_t bmp_bytes = 3;
    if (std::ranges::all_of(code_points(text), [](std::string_view point) { return point.size() <= bmp_bytes; }))
        return std::nullopt;
    return Complaint{"a character that a BMPString can't hold", "Leave out emoji and other characters above U+FFFF."};
}

std::optional<Complaint> extended_key_usage(std::string_view text) {
    if (std::ranges::find(usage_words, text) != usage_words.end() || is_oid(text)) return std::nullopt;
    const auto meant = nearest(text, usage_words);
    return Complaint{backquoted(text) + " is not an extended key usage",
                     (meant.empty() ? "" : "Did you mean " + meant + "? ") + "Known: " + listed(usage_words) +
                         ", or a dotted OID such as 1.3.6.1.5.5.7.3.1."};
}

std::optional<Complaint> file_name_template(std::string_view text) {
    if (text.empty() || text.size() > template_limit)
        return Complaint{"a file name of no use", "It has 1 to 128 characters; the default is {request}.{member}."};
    if (text.find('/') != text.npos || text.find('\\') != text.npos)
        return Complaint{"a file name with a slash", "The folder is the --out flag's; here stands the name alone."};
    if (text.starts_with('.') || text.starts_with('-'))
        return Complaint{"a file name that begins with a dot or dash", "Begin with a letter or a placeholder."};
    return placeholders(text, file_name_placeholders);
}

std::optional<Complaint> label_template(std::string_view text) {
    if (text.empty() || text.size() > template_limit)
        return Complaint{"a label of no use",
                         "It has 1 to 128 characters; the default is {farm}.{request}.{member}.g{generation}."};
    return placeholders(text, label_placeholders);
}

std::optional<Complaint> meet_pattern(std::string_view text) {
    if (text.find("{sip_domain}") != text.npos) return std::nullopt;
    return Complaint{"a pattern without {sip_domain}",
                     "It stands for every SIP domain: \"https://meet.{sip_domain}\" or "
                     "\"https://lync.contoso.com/{sip_domain}/Meet\"."};
}

std::optional<Complaint> acceptable_finding(std::string_view text) {
    const auto dot = text.find('.');
    const auto is_part = [](std::string_view part) {
        return !part.empty() &&
               std::ranges::all_of(part, [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
    };
    if (dot == text.npos || !is_part(text.substr(0, dot)) || !is_part(text.substr(dot + 1)))
        return Complaint{backquoted(text) + " is not a finding's id",
                         "Copy the id that `plan` shows, such as name.wildcard-web-fqdn."};
    for (const std::string_view family : {"policy", "key", "csr"})
        if (text.substr(0, dot) == family)
            return Complaint{"findings of `" + std::string(family) + ".*` are never accepted",
                             "Change the key's settings instead; what protects keys has no exceptions."};
    return std::nullopt;
}

std::optional<Complaint> calendar_day(std::string_view text) {
    if (text.empty() || parse_date(text)) return std::nullopt;
    return Complaint{backquoted(text) + " is not a date", "Write YYYY-MM-DD."};
}

std::optional<Complaint> no_control_characters(std::string_view text) {
    if (std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) return std::nullopt;
    return Complaint{"a control character in the value", "Values are single lines of plain text."};
}

Complaint foreign_complaint(std::string_view value, const Error& error) {
    Complaint complaint{error.what, error.hint};
    if (has_word(complaint.what, value)) complaint.what = "a value that can't stand here";
    if (has_word(complaint.hint, value)) complaint.hint.clear();
    return complaint;
}

}  // namespace hsmreq::farm
