#include "farm/der.hpp"

#include <cstdint>
#include <limits>

namespace hsmreq::farm {
namespace {

constexpr bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

constexpr int base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

constexpr int hexadecimal_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The length behind the identifier octet, and where the content begins.
struct Extent {
    std::size_t begin;
    std::size_t length;
};

std::optional<Extent> extent(BytesView bytes) {
    if (bytes.size() < 2) return std::nullopt;
    const std::size_t first = bytes[1];
    if (first < 0x80) return Extent{2, first};
    const std::size_t octets = first & 0x7fU;
    if (octets == 0 || octets > 4 || bytes.size() < 2 + octets) return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = (length << 8U) | bytes[2 + i];
    return Extent{2 + octets, length};
}

}  // namespace

std::optional<std::vector<DerElement>> der_elements(BytesView bytes) {
    std::vector<DerElement> elements;
    while (!bytes.empty()) {
        const auto found = extent(bytes);
        if (!found || found->length > bytes.size() - found->begin) return std::nullopt;
        elements.push_back({bytes[0], bytes.subspan(found->begin, found->length)});
        bytes = bytes.subspan(found->begin + found->length);
    }
    return elements;
}

std::optional<std::string> dotted_oid(BytesView content) {
    std::string text;
    std::uint64_t arc = 0;
    bool complete = false;
    for (const std::uint8_t byte : content) {
        if (arc > (std::numeric_limits<std::uint64_t>::max() >> 7U)) return std::nullopt;
        arc = (arc << 7U) | (byte & 0x7fU);
        complete = (byte & 0x80U) == 0;
        if (!complete) continue;
        if (text.empty()) {
            const std::uint64_t first = arc < 80 ? arc / 40 : 2;
            text = std::to_string(first) + '.' + std::to_string(arc - first * 40);
        } else {
            text += '.' + std::to_string(arc);
        }
        arc = 0;
    }
    return complete ? std::optional(text) : std::nullopt;
}

std::optional<Bytes> from_base64(std::string_view text) {
    Bytes bytes;
    std::uint32_t bits = 0;
    unsigned held = 0;
    bool padded = false;
    for (const char c : text) {
        if (is_blank(c)) continue;
        if (c == '=') {
            padded = true;
            continue;
        }
        const int value = base64_value(c);
        if (value < 0 || padded) return std::nullopt;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes.push_back(static_cast<std::uint8_t>(bits >> held));
        bits &= (1U << held) - 1;
    }
    if (held >= 6 || bits != 0) return std::nullopt;
    return bytes;
}

std::optional<Bytes> from_hexadecimal(std::string_view text) {
    Bytes bytes;
    int high = -1;
    for (const char c : text) {
        if (is_blank(c)) continue;
        const int value = hexadecimal_value(c);
        if (value < 0) return std::nullopt;
        if (high >= 0) bytes.push_back(static_cast<std::uint8_t>(high << 4 | value));
        high = high >= 0 ? -1 : value;
    }
    return high < 0 ? std::optional(bytes) : std::nullopt;
}

}  // namespace hsmreq::farm
