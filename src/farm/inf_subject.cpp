#include "farm/inf_subject.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/text.hpp"

namespace hsmreq::farm {
namespace {

constexpr std::uint32_t semicolon_flag = 0x40000000;
constexpr std::uint32_t no_plus_flag = 0x20000000;
constexpr std::uint32_t no_quoting_flag = 0x10000000;

struct FlagWord {
    std::string_view word;
    std::uint32_t bit;
};
constexpr std::array<FlagWord, 3> flag_words{{
    {"cert_name_str_semicolon_flag", semicolon_flag},
    {"cert_name_str_no_plus_flag", no_plus_flag},
    {"cert_name_str_no_quoting_flag", no_quoting_flag},
}};

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::uint32_t flag_bits(std::string_view word) {
    for (const auto& row : flag_words)
        if (row.word == word) return row.bit;
    std::uint32_t bits = 0;
    const bool hexadecimal = word.starts_with("0x");
    if (hexadecimal) word.remove_prefix(2);
    std::from_chars(word.data(), word.data() + word.size(), bits, hexadecimal ? 16 : 10);
    return bits;
}

/// Reads one name from left to right.
class NameReader {
public:
    NameReader(std::string_view text, NameFlags flags) : text_(text), flags_(flags) {}

    std::optional<std::vector<NamePart>> read() {
        std::vector<NamePart> parts;
        for (skip_separators(); at_ < text_.size(); skip_separators()) {
            const auto equals = text_.find('=', at_);
            if (equals == text_.npos) return std::nullopt;
            std::string type = upper(trimmed(text_.substr(at_, equals - at_)));
            if (type.starts_with("OID.")) type.erase(0, 4);
            if (!is_type(type)) return std::nullopt;
            at_ = equals + 1;
            auto value = read_value();
            if (!value) return std::nullopt;
            parts.push_back({std::move(type), std::move(*value)});
        }
        return parts;
    }

private:
    [[nodiscard]] bool is_separator(char c) const {
        if (flags_.semicolon_only) return c == ';' || (c == '+' && !flags_.no_plus);
        return c == ',' || c == ';' || c == '\n' || c == '\r' || (c == '+' && !flags_.no_plus);
    }

    void skip_separators() {
        while (at_ < text_.size() && (is_separator(text_[at_]) || text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    }

    static std::string upper(std::string_view text) {
        std::string result(text);
        for (char& c : result)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        return result;
    }

    static bool is_type(std::string_view text) {
        return !text.empty() && std::ranges::all_of(text, [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
        });
    }

    std::optional<std::string> read_value() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
        if (!flags_.no_quoting && at_ < text_.size() && text_[at_] == '"') return read_quoted();
        std::string value;
        std::size_t kept = 0;  // an escaped blank at the end stays
        for (; at_ < text_.size() && (!is_separator(text_[at_]) || value_goes_on()); ++at_) {
            const bool escape = text_[at_] == '\\' && at_ + 1 < text_.size() && is_escapable(text_[at_ + 1]);
            if (escape) ++at_;
            value += text_[at_];
            if (escape || text_[at_] != ' ') kept = value.size();
        }
        value.resize(kept);
        return value;
    }

    /// A separator that no TYPE= follows belongs to the value: "O=Contoso, Inc." is written without quotes often
    /// enough.
    [[nodiscard]] bool value_goes_on() const {
        std::size_t end = at_ + 1;
        while (end < text_.size() && !is_separator(text_[end])) ++end;
        const auto next = trimmed(text_.substr(at_ + 1, end - at_ - 1));
        return !next.empty() && next.find('=') == next.npos;
    }

    /// RFC 4514, section 2.4; any other backslash is one of the value, as Windows takes it.
    static bool is_escapable(char c) { return std::string_view(",;+\"\\<>=# ").find(c) != std::string_view::npos; }

    std::optional<std::string> read_quoted() {
        std::string value;
        for (++at_; at_ < text_.size(); ++at_) {
            const bool next = at_ + 1 < text_.size();
            if (text_[at_] == '"') {
                if (!next || text_[at_ + 1] != '"') {
                    ++at_;
                    skip_blanks();
                    const bool ends = at_ >= text_.size() || is_separator(text_[at_]);
                    return ends ? std::optional(value) : std::nullopt;
                }
                ++at_;
            } else if (text_[at_] == '\\' && next && (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\')) {
                ++at_;
            }
            value += text_[at_];
        }
        return std::nullopt;
    }

    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    }

    std::string_view text_;
    NameFlags flags_;
    std::size_t at_ = 0;
};

}  // namespace

NameFlags name_flags(std::string_view text) {
    std::uint32_t bits = 0;
    const std::string lower = to_lower(text);
    for (std::string_view rest = lower; !rest.empty();) {
        const auto end = rest.find_first_of("|,+");
        bits |= flag_bits(trimmed(rest.substr(0, end)));
        if (end == rest.npos) break;
        rest.remove_prefix(end + 1);
    }
    return {(bits & semicolon_flag) != 0, (bits & no_plus_flag) != 0, (bits & no_quoting_flag) != 0};
}

std::optional<std::vector<NamePart>> parse_name(std::string_view text, NameFlags flags) {
    return NameReader(text, flags).read();
}

}  // namespace hsmreq::farm
