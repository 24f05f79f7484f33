#include "plan/host_name.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <idn2.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/text.hpp"

namespace hsmreq::plan {
namespace {

constexpr std::size_t max_label = 63;  // RFC 1034, 3.1
constexpr std::size_t max_name = 253;  // 255 octets on the wire, in text without the root's dot
constexpr int idn_flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_ldh(char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

struct IdnFree {
    void operator()(char* text) const { idn2_free(text); }
};
using IdnText = std::unique_ptr<char, IdnFree>;

std::optional<std::string> ip_address(std::string_view written) {
    if (written.size() > INET6_ADDRSTRLEN) return std::nullopt;
    const bool bracketed = written.size() > 2 && written.front() == '[' && written.back() == ']';
    const std::string text(bracketed ? written.substr(1, written.size() - 2) : written);
    if (text.find('\0') != std::string::npos) return std::nullopt;
    unsigned char address[sizeof(in6_addr)];
    char canonical[INET6_ADDRSTRLEN];
    for (const int family : {AF_INET, AF_INET6}) {
        if (bracketed && family == AF_INET) continue;
        if (inet_pton(family, text.c_str(), address) != 1) continue;
        if (inet_ntop(family, address, canonical, sizeof canonical)) return canonical;
    }
    return std::nullopt;
}

/// What is wrong about the first character that no host name may hold; nothing when there is none.
std::optional<std::string> foreign_character(std::string_view text) {
    if (text.find("://") != std::string_view::npos) return "it is a URL, and here the host stands alone";
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80 || is_ldh(c) || c == '.' || c == '_') continue;
        if (c == '*') return "a wildcard must be the whole leftmost label";
        if (c == ' ') return "it has a space";
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "it has a control character";
        return fmt::format("the character '{}' is not a letter, digit or hyphen", c);
    }
    return std::nullopt;
}

/// RFC 5891, 5.4: an A-label is valid when it is what its own U-label encodes to.
bool is_valid_a_label(const std::string& label) {
    char* raw = nullptr;
    if (idn2_to_unicode_8z8z(label.c_str(), &raw, 0) != IDN2_OK) return false;
    const IdnText unicode(raw);
    raw = nullptr;
    if (idn2_to_ascii_8z(unicode.get(), &raw, idn_flags) != IDN2_OK) return false;
    const IdnText again(raw);
    return label == again.get() && !is_ascii(unicode.get());
}

void check_label(std::string_view label, HostName& name) {
    const auto fault = [&](NameFault kind, std::string detail) { name.faults.push_back({kind, std::move(detail)}); };
    if (label.empty()) return fault(NameFault::not_ldh, "a label is empty");
    if (label.size() > max_label) fault(NameFault::label_too_long, std::to_string(label.size()));
    if (label.find('_') != std::string_view::npos) fault(NameFault::underscore, std::string(label));
    if (label.front() == '-' || label.back() == '-')
        return fault(NameFault::not_ldh, "a label begins or ends with a hyphen");
    if (label.size() < 4 || label.substr(2, 2) != "--") return;
    if (label.substr(0, 2) != "xn" || label.size() > max_label || !is_valid_a_label(std::string(label)))
        return fault(NameFault::not_ldh, "a label has hyphens in third and fourth place and is not a valid A-label");
    name.has_a_label = true;
}

/// `text` is ASCII with permitted characters only.
void check_labels(std::string_view text, HostName& name) {
    for (std::string_view rest = text;;) {
        const auto dot = rest.find('.');
        const auto label = rest.substr(0, dot);
        check_label(label, name);
        if (dot != std::string_view::npos) {
            rest.remove_prefix(dot + 1);
            continue;
        }
        if (!label.empty() && std::all_of(label.begin(), label.end(), is_digit))
            name.faults.push_back({NameFault::not_ldh, "its last label is a number, as in an address"});
        return;
    }
}

/// The A-label form of a name in Unicode; with a fault and "" when it has none.
std::string to_a_labels(const std::string& text, HostName& name) {
    char* raw = nullptr;
    const int answer = idn2_to_ascii_8z(text.c_str(), &raw, idn_flags);
    const IdnText converted(raw);
    if (answer == IDN2_OK) {
        name.from_u_label = true;
        return converted.get();
    }
    if (answer == IDN2_TOO_BIG_LABEL)
        name.faults.push_back({NameFault::label_too_long, "more than 63"});
    else if (answer == IDN2_TOO_BIG_DOMAIN)
        name.faults.push_back({NameFault::too_long, "more than 253"});
    else
        name.faults.push_back({NameFault::not_ldh, fmt::format("it has no A-label form ({})", idn2_strerror(answer))});
    return {};
}

}  // namespace

HostName read_host_name(std::string_view written) {
    HostName name;
    if (auto address = ip_address(written)) {
        name.type = NameType::ip;
        name.value = std::move(*address);
        return name;
    }
    name.value = printable(written);
    std::string text = to_lower(written);
    if (text.size() > 1 && text.back() == '.') {
        name.faults.push_back({NameFault::trailing_dot, ""});
        text.pop_back();
    }
    name.wildcard = text.starts_with("*.");
    if (name.wildcard) text.erase(0, 2);
    auto foreign = text.empty() ? std::optional<std::string>("it is empty") : foreign_character(text);
    if (!foreign && !is_ascii(text)) {
        text = to_a_labels(text, name);
        if (text.empty()) return name;
        // The mapping of UTS #46 turns, for example, a full-width comma into a plain one.
        foreign = foreign_character(text);
    }
    if (foreign) {
        name.faults.push_back({NameFault::not_ldh, std::move(*foreign)});
        return name;
    }
    check_labels(text, name);
    if (name.wildcard) text.insert(0, "*.");
    if (text.size() > max_name) name.faults.push_back({NameFault::too_long, std::to_string(text.size())});
    name.value = std::move(text);
    return name;
}

std::string_view parent_domain(std::string_view name) {
    const auto dot = name.find('.');
    return dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
}

}  // namespace hsmreq::plan
