#include "base/encoding.hpp"

#include <array>
#include <cstdint>

#include "base/text.hpp"
#include "base/try.hpp"

namespace hsmreq {
namespace {

/// 0x80 to 0x9f; the rest of Windows-1252 is Latin-1. The five bytes that mean nothing stay control characters.
constexpr std::array<char32_t, 32> windows_1252{
    0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178,
};

Error not_text(std::string what) {
    return {.code = ExitCode::input,
            .what = std::move(what),
            .where = {},
            .hint = "Is it a text file? Save it as UTF-8, or as \"Unicode\" in Windows Notepad."};
}

constexpr bool is_high_surrogate(char32_t unit) {
    return unit >= 0xd800 && unit < 0xdc00;
}
constexpr bool is_low_surrogate(char32_t unit) {
    return unit >= 0xdc00 && unit < 0xe000;
}

Result<std::string> from_utf16(BytesView bytes, bool little_endian) {
    if (bytes.size() % 2 != 0) return not_text("UTF-16 text that ends in half a character");
    const auto unit = [&](std::size_t i) -> char32_t {
        const std::uint32_t first = bytes[i];
        const std::uint32_t second = bytes[i + 1];
        return little_endian ? (second << 8U | first) : (first << 8U | second);
    };
    std::string text;
    text.reserve(bytes.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        char32_t point = unit(i);
        if (is_low_surrogate(point)) return not_text("UTF-16 text with half of a surrogate pair");
        if (is_high_surrogate(point)) {
            i += 2;
            if (i >= bytes.size() || !is_low_surrogate(unit(i)))
                return not_text("UTF-16 text with half of a surrogate pair");
            point = 0x10000 + ((point - 0xd800) << 10U) + (unit(i) - 0xdc00);
        }
        append_utf8(text, point);
    }
    return text;
}

std::string from_windows_1252(BytesView bytes) {
    std::string text;
    text.reserve(bytes.size() + bytes.size() / 8);
    for (const std::uint8_t byte : bytes)
        append_utf8(text, byte >= 0x80 && byte < 0xa0 ? windows_1252[byte - 0x80U] : char32_t{byte});
    return text;
}

/// What a tool leaves that writes UTF-16 without a mark: every other byte of plain letters is zero.
bool looks_like_utf16(BytesView bytes, bool little_endian) {
    constexpr std::size_t looked_at = 8;
    if (bytes.size() < looked_at) return false;
    for (std::size_t i = 0; i < looked_at; ++i)
        if ((bytes[i] == 0) != (i % 2 == (little_endian ? 1U : 0U))) return false;
    return true;
}

bool starts_with(BytesView bytes, std::string_view mark) {
    return as_text(bytes).starts_with(mark);
}

Result<DecodedText> decode(BytesView bytes) {
    if (starts_with(bytes, "\xff\xfe") || looks_like_utf16(bytes, true)) {
        TRY_ASSIGN(auto text, from_utf16(bytes.subspan(starts_with(bytes, "\xff\xfe") ? 2 : 0), true));
        return DecodedText{std::move(text), "UTF-16LE"};
    }
    if (starts_with(bytes, "\xfe\xff") || looks_like_utf16(bytes, false)) {
        TRY_ASSIGN(auto text, from_utf16(bytes.subspan(starts_with(bytes, "\xfe\xff") ? 2 : 0), false));
        return DecodedText{std::move(text), "UTF-16BE"};
    }
    if (starts_with(bytes, "\xef\xbb\xbf")) bytes = bytes.subspan(3);
    if (is_utf8(as_text(bytes))) return DecodedText{std::string(as_text(bytes)), "UTF-8"};
    return DecodedText{from_windows_1252(bytes), "Windows-1252"};
}

}  // namespace

void append_utf8(std::string& text, char32_t point) {
    const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80U | ((point >> shift) & 0x3fU)); };
    if (point < 0x80) {
        text += static_cast<char>(point);
    } else if (point < 0x800) {
        text += static_cast<char>(0xc0U | (point >> 6U));
        tail(0);
    } else if (point < 0x10000) {
        text += static_cast<char>(0xe0U | (point >> 12U));
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xf0U | (point >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

Result<DecodedText> decode_text(BytesView bytes) {
    TRY_ASSIGN(auto decoded, decode(bytes));
    if (decoded.text.find('\0') != std::string::npos) return not_text("a NUL byte, which no text has");
    return decoded;
}

}  // namespace hsmreq
