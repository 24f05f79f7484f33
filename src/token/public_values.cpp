#include "token/public_values.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/text.hpp"

namespace hsmreq::token {
namespace {

constexpr std::uint8_t tag_bit_string = 0x03;
constexpr std::uint8_t tag_octet_string = 0x04;
constexpr std::uint8_t tag_object_identifier = 0x06;
constexpr std::uint8_t tag_printable_string = 0x13;
constexpr std::size_t edwards_size = 32;

struct CurveName {
    std::string_view name;
    std::string_view oid;
};

// Names seen in the PrintableString form of CKA_EC_PARAMS, and a second identifier in use for Ed25519.
constexpr CurveName curve_names[] = {
    {"prime256v1", "1.2.840.10045.3.1.7"},
    {"secp256r1", "1.2.840.10045.3.1.7"},
    {"P-256", "1.2.840.10045.3.1.7"},
    {"secp384r1", "1.3.132.0.34"},
    {"P-384", "1.3.132.0.34"},
    {"secp521r1", "1.3.132.0.35"},
    {"P-521", "1.3.132.0.35"},
    {"edwards25519", "1.3.101.112"},
    {"Ed25519", "1.3.101.112"},
    {"1.3.6.1.4.1.11591.15.1", "1.3.101.112"},
};

std::optional<std::string> known_curve(std::string_view name) {
    for (const auto& curve : curve_names)
        if (curve.name == name) return std::string(curve.oid);
    return std::nullopt;
}

/// The content of a DER element that fills `value` exactly; lengths up to two octets.
std::optional<BytesView> content(BytesView value, std::uint8_t tag) {
    if (value.size() < 2 || value[0] != tag) return std::nullopt;
    const std::size_t octets = value[1] < 0x80 ? 0 : value[1] & 0x7fU;
    if (octets > 2 || (value[1] & 0x80U && octets == 0) || value.size() < 2 + octets) return std::nullopt;
    std::size_t length = octets == 0 ? value[1] : 0;
    for (std::size_t i = 0; i < octets; ++i) length = length << 8U | value[2 + i];
    if (value.size() - 2 - octets != length) return std::nullopt;
    return value.subspan(2 + octets);
}

std::optional<std::string> dotted(BytesView identifier) {
    std::string text;
    std::uint64_t arc = 0;
    bool inside = false;
    for (const std::uint8_t byte : identifier) {
        if (arc > UINT64_MAX >> 7U || (!inside && byte == 0x80)) return std::nullopt;
        arc = arc << 7U | (byte & 0x7fU);
        inside = (byte & 0x80U) != 0;
        if (inside) continue;
        if (text.empty()) {
            const std::uint64_t first = std::min<std::uint64_t>(arc / 40, 2);
            text = std::to_string(first) + "." + std::to_string(arc - first * 40);
        } else {
            text += "." + std::to_string(arc);
        }
        arc = 0;
    }
    if (inside || text.empty()) return std::nullopt;
    return text;
}

/// The value inside an OCTET STRING or BIT STRING, or nothing.
std::optional<BytesView> unwrapped(BytesView value) {
    if (const auto inner = content(value, tag_octet_string)) return inner;
    const auto bits = content(value, tag_bit_string);
    if (!bits || bits->empty() || bits->front() != 0) return std::nullopt;
    return bits->subspan(1);
}

/// SEC 1, section 2.3.3: the two forms of a point.
bool is_point(BytesView value, std::size_t field_size) {
    if (value.size() < 2) return false;
    const bool uncompressed = value[0] == 0x04 && value.size() % 2 == 1;
    const bool compressed = value[0] == 0x02 || value[0] == 0x03;
    if (!uncompressed && !compressed) return false;
    return field_size == 0 || value.size() == 1 + field_size * (uncompressed ? 2 : 1);
}

Bytes to_bytes(BytesView view) {
    return {view.begin(), view.end()};
}

}  // namespace

std::optional<std::string> curve_oid(BytesView ec_params) {
    if (const auto name = content(ec_params, tag_printable_string)) return known_curve(as_text(*name));
    const auto identifier = content(ec_params, tag_object_identifier);
    if (!identifier) return std::nullopt;
    auto oid = dotted(*identifier);
    if (!oid) return std::nullopt;
    if (auto same = known_curve(*oid)) return same;
    return oid;
}

std::optional<Bytes> ec_point(BytesView value, std::size_t field_size) {
    if (const auto inner = unwrapped(value); inner && is_point(*inner, field_size)) return to_bytes(*inner);
    if (is_point(value, field_size)) return to_bytes(value);
    return std::nullopt;
}

std::optional<Bytes> edwards_point(BytesView value) {
    if (value.size() == edwards_size) return to_bytes(value);
    if (const auto inner = unwrapped(value); inner && inner->size() == edwards_size) return to_bytes(*inner);
    return std::nullopt;
}

Bytes encode_point(BytesView point) {
    Bytes encoded{tag_octet_string};
    if (point.size() >= 0x80) encoded.push_back(0x81);
    encoded.push_back(static_cast<std::uint8_t>(point.size()));
    encoded.insert(encoded.end(), point.begin(), point.end());
    return encoded;
}

Bytes trimmed_number(BytesView value) {
    const auto first = std::find_if(value.begin(), value.end(), [](std::uint8_t byte) { return byte != 0; });
    return {first, value.end()};
}

std::size_t bit_length(const Bytes& number) {
    if (number.empty()) return 0;
    return (number.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(number.front()));
}

bool possible_rsa(const PublicKey& key) {
    const auto odd = [](const Bytes& number) { return !number.empty() && (number.back() & 1U) != 0; };
    return odd(key.modulus) && odd(key.public_exponent) && bit_length(key.public_exponent) > 1 &&
           bit_length(key.public_exponent) < bit_length(key.modulus);
}

std::optional<KeyAlgorithm> algorithm_of(const PublicKey& key) {
    for (const auto& row : key_algorithms) {
        if (row.family != key.family) continue;
        if (row.family == KeyFamily::rsa ? bit_length(key.modulus) == row.bits : key.curve_oid == row.curve_oid)
            return row.id;
    }
    return std::nullopt;
}

}  // namespace hsmreq::token
