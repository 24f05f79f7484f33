#include "farm/redact.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <string>

#include "base/text.hpp"

namespace hsmreq::farm {
namespace {

constexpr auto npos = std::string_view::npos;

/// A line in lower case with %XX and \u00XX decoded, and where each character came from.
struct PlainLine {
    std::string text;
    std::vector<std::size_t> origin;
};

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

char from_hex(std::string_view digits) {
    const auto nibble = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    return static_cast<char>(nibble(digits[0]) * 16 + nibble(digits[1]));
}

PlainLine plain(std::string_view line) {
    PlainLine result;
    for (std::size_t i = 0; i < line.size();) {
        const auto rest = line.substr(i);
        char decoded = rest[0];
        std::size_t length = 1;
        if (rest.size() >= 3 && rest[0] == '%' && is_hex(rest.substr(1, 2))) {
            decoded = from_hex(rest.substr(1, 2));
            length = 3;
        } else if (rest.size() >= 6 && rest.starts_with("\\u00") && is_hex(rest.substr(4, 2))) {
            decoded = from_hex(rest.substr(4, 2));
            length = 6;
        }
        result.text += decoded;
        result.origin.push_back(i);
        i += length;
    }
    result.text = to_lower(result.text);
    return result;
}

bool is_word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

/// True for pin, user_pin, pin-source, sopin, password, passphrase, client-secret; not for wrapping_key.
bool names_secret(std::string_view word) {
    for (const std::string_view part : {"pass", "secret", "pwd"})
        if (word.find(part) != npos) return true;
    while (!word.empty()) {
        const auto end = word.find_first_of("_-");
        const auto piece = word.substr(0, end);
        if (piece.starts_with("pin") || piece.ends_with("pin")) return true;
        word = end == npos ? std::string_view{} : word.substr(end + 1);
    }
    return false;
}

bool starts_with_digit_or_letter(std::string_view text, bool digit) {
    if (text.empty()) return false;
    const auto first = static_cast<unsigned char>(text.front());
    return digit ? std::isdigit(first) != 0 : std::isalpha(first) != 0 || first == '_';
}

/// True when a value is written as a PIN source, which says where a PIN is and not what it is.
bool is_pin_source(std::string_view value) {
    if (value.starts_with('"') || value.starts_with('\'')) value.remove_prefix(1);
    for (const std::string_view whole : {"prompt", "none"})
        if (value.starts_with(whole) && (value.size() == whole.size() || !is_word_character(value[whole.size()])))
            return true;
    for (const std::string_view scheme : {"file:", "credential:", "/"})
        if (value.starts_with(scheme)) return true;
    if (value.starts_with("env:")) return starts_with_digit_or_letter(value.substr(4), false);
    return value.starts_with("fd:") && starts_with_digit_or_letter(value.substr(3), true);
}

/// Where the value behind a secret's name begins, npos when nothing there needs hiding. `end` is the end of the word.
std::size_t secret_behind(std::string_view text, std::size_t begin, std::size_t end) {
    const auto word = text.substr(begin, end - begin);
    const bool first_on_line = text.substr(0, begin).find_first_not_of(" \t\"'") == npos;
    const auto value = text.find_first_not_of(" \t\"'=:", end);
    const auto separator = text.substr(end, value == npos ? npos : value - end);
    if (value == npos && (separator.ends_with("\"\"\"") || separator.ends_with("'''"))) return text.size() - 3;
    if (value == npos || separator.empty()) return npos;
    if (!first_on_line && separator.find_first_of("=:") == npos) return npos;
    if (word != "pin-value" && is_pin_source(text.substr(value))) return npos;
    return value;
}

std::size_t first_secret(const PlainLine& line) {
    const std::string_view text = line.text;
    for (std::size_t begin = 0; begin < text.size();) {
        auto end = begin;
        while (end < text.size() && is_word_character(text[end])) ++end;
        if (end > begin && names_secret(text.substr(begin, end - begin)))
            if (const auto value = secret_behind(text, begin, end); value != npos) return line.origin[value];
        begin = end + 1;
    }
    return npos;
}

/// True when a hidden value may go on in the next line: a list, a table, a multi-line string.
bool goes_on(std::string_view hidden) {
    return hidden.starts_with('[') || hidden.starts_with('{') || hidden.ends_with('\\') ||
           hidden.find("\"\"\"") != npos || hidden.find("'''") != npos;
}

/// True for a line of its own: `key = …` or a section's header.
bool starts_statement(std::string_view line) {
    const auto begin = line.find_first_not_of(" \t");
    if (begin == npos) return false;
    const auto end = line.find_first_not_of(" \t", std::min(line.find_first_of(" \t=", begin), line.size()));
    return line[begin] == '[' || (is_word_character(line[begin]) && end != npos && line[end] == '=');
}

}  // namespace

std::vector<std::size_t> find_secrets(const std::vector<std::string_view>& lines) {
    std::vector<std::size_t> result;
    bool open = false;
    for (const auto line : lines) {
        if (open && !starts_statement(line)) {
            result.push_back(0);
            continue;
        }
        const auto from = first_secret(plain(line));
        result.push_back(from);
        // What stands between name and value tells whether the value is a list or a multi-line string.
        const auto opening = from == npos ? npos : line.find_last_of('=', from);
        open = from != npos && goes_on(line.substr(std::min(line.find_first_not_of(" \t", opening + 1), from)));
    }
    return result;
}

}  // namespace hsmreq::farm
