#include "x509/der_rules.hpp"

#include <fmt/format.h>
#include <openssl/asn1.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace hsmreq::x509 {
namespace {

constexpr std::uint8_t class_bits = 0xc0;
constexpr std::uint8_t constructed_bit = 0x20;
constexpr std::uint8_t tag_bits = 0x1f;
constexpr std::uint8_t more_bit = 0x80;
// OpenSSL writes out no identifier of more than 586 octets; those that exist have less than 64.
constexpr std::size_t identifier_limit = 512;

struct Header {
    std::uint8_t first = 0;  ///< class, form, and the tag when it is below 31
    std::size_t size = 0;    ///< octets of tag and length
    std::size_t length = 0;  ///< octets of the content

    [[nodiscard]] bool universal() const { return (first & class_bits) == 0; }
    [[nodiscard]] bool constructed() const { return (first & constructed_bit) != 0; }
    [[nodiscard]] int tag() const { return first & tag_bits; }
};

/// The octets of the tag (8.1.2.4: the long form only from 31 on, without leading zeros); nothing when it is malformed.
std::optional<std::size_t> tag_size(BytesView data) {
    if ((data[0] & tag_bits) != tag_bits) return 1;
    if (data.size() < 2 || data[1] == more_bit || data[1] < tag_bits) return std::nullopt;
    const auto last = std::find_if(data.begin() + 1, data.end(), [](std::uint8_t octet) { return octet < more_bit; });
    if (last == data.end()) return std::nullopt;
    return static_cast<std::size_t>(last - data.begin()) + 1;
}

/// Reads the length at `data` into `header` (10.1: definite, and as short as it can be).
std::string read_length(BytesView data, Header& header) {
    if (data.empty()) return "an element ends inside its header";
    ++header.size;
    header.length = data[0];
    if (data[0] < more_bit) return "";
    const std::size_t octets = data[0] & ~more_bit;
    if (octets == 0) return "a length is indefinite";
    if (octets >= data.size()) return "an element ends inside its header";
    if (data[1] == 0) return "a length is longer than needed";
    if (octets > sizeof(std::uint32_t)) return "an element is longer than the file";
    header.length = 0;
    for (std::size_t i = 1; i <= octets; ++i) header.length = header.length << 8U | data[i];
    header.size += octets;
    return header.length < more_bit ? "a length is longer than needed" : "";
}

std::string read_header(BytesView data, Header& header) {
    const auto size = tag_size(data);
    if (!size) return "a tag is malformed";
    header = {.first = data[0], .size = *size, .length = 0};
    if (auto violation = read_length(data.subspan(*size), header); !violation.empty()) return violation;
    return header.length > data.size() - header.size ? "an element is longer than what holds it" : "";
}

bool is_boolean(BytesView content) {
    return content.size() == 1 && (content[0] == 0x00 || content[0] == 0xff);
}

bool is_integer(BytesView content) {
    if (content.size() < 2) return content.size() == 1;
    const bool negative = (content[1] & 0x80U) != 0;
    return !(content[0] == 0x00 && !negative) && !(content[0] == 0xff && negative);
}

bool is_bit_string(BytesView content) {
    if (content.empty() || content[0] > 7) return false;
    if (content.size() == 1) return content[0] == 0;
    const unsigned unused = (1U << content[0]) - 1;
    return (content.back() & unused) == 0;
}

bool is_null(BytesView content) {
    return content.empty();
}

bool is_object_identifier(BytesView content) {
    if (content.empty() || content.size() > identifier_limit || (content.back() & more_bit) != 0) return false;
    bool inside = false;
    for (const auto octet : content) {
        if (!inside && octet == more_bit) return false;
        inside = (octet & more_bit) != 0;
    }
    return true;
}

struct TypeRule {
    int tag;
    const char* name;
    bool (*holds)(BytesView content);
};

constexpr TypeRule type_rules[] = {
    {V_ASN1_BOOLEAN, "BOOLEAN", is_boolean},
    {V_ASN1_INTEGER, "INTEGER", is_integer},
    {V_ASN1_ENUMERATED, "ENUMERATED", is_integer},
    {V_ASN1_BIT_STRING, "BIT STRING", is_bit_string},
    {V_ASN1_NULL, "NULL", is_null},
    {V_ASN1_OBJECT, "OBJECT IDENTIFIER", is_object_identifier},
};

bool must_be_constructed(int tag) {
    constexpr int embedded_value = 11;
    return tag == V_ASN1_SEQUENCE || tag == V_ASN1_SET || tag == V_ASN1_EXTERNAL || tag == embedded_value;
}

std::string type_violation(const Header& header, BytesView content) {
    if (!header.universal()) return "";
    if (header.tag() == V_ASN1_EOC) return "an element has the reserved tag 0";
    if (header.constructed() != must_be_constructed(header.tag()))
        return header.constructed() ? "a string is in pieces" : "a SEQUENCE or SET is primitive";
    for (const auto& rule : type_rules)
        if (rule.tag == header.tag() && !rule.holds(content)) return fmt::format("a malformed {}", rule.name);
    return "";
}

}  // namespace

std::string der_violation(BytesView der) {
    std::vector<std::size_t> ends{der.size()};  // of the elements that the position is inside of
    std::size_t position = 0;
    do {
        const BytesView rest = der.subspan(position, ends.back() - position);
        if (rest.empty()) return "an element is missing";
        Header header;
        if (auto violation = read_header(rest, header); !violation.empty()) return violation;
        if (auto violation = type_violation(header, rest.subspan(header.size, header.length)); !violation.empty())
            return violation;
        position += header.size;
        if (header.constructed()) {
            ends.push_back(position + header.length);
        } else {
            position += header.length;
        }
        while (ends.size() > 1 && position == ends.back()) ends.pop_back();
    } while (ends.size() > 1);
    return position == der.size() ? "" : "octets follow the element";
}

}  // namespace hsmreq::x509
