#include "farm/toml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hsmreq::farm {
namespace {

/// Wider values would push every comment out of sight.
constexpr std::size_t widest_column = 34;
constexpr std::size_t longest_line = 110;

bool is_bare(std::string_view key) {
    return !key.empty() && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

}  // namespace

std::string toml_string(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            quoted += {'\\', c};
        else if (byte < 0x20 || byte == 0x7f)
            quoted += fmt::format("\\u{:04X}", byte);
        else
            quoted += c;
    }
    return quoted + '"';
}

void TomlText::comment(std::string_view line) {
    flush();
    text_ += line.empty() ? "#\n" : fmt::format("# {}\n", line);
}

void TomlText::header(std::string_view text, std::string_view remark) {
    flush();
    header_ = remark.empty() ? fmt::format("{}\n", text) : fmt::format("{:<{}} # {}\n", text, widest_column, remark);
}

void TomlText::key(std::string_view name, std::string value, std::string_view remark) {
    keys_.push_back({is_bare(name) ? std::string(name) : toml_string(name), std::move(value), std::string(remark)});
}

void TomlText::text(std::string_view name, std::string_view value, std::string_view remark) {
    key(name, toml_string(value), remark);
}

void TomlText::list(std::string_view name, const std::vector<std::string>& values, std::string_view remark) {
    std::string one_line;
    for (const auto& value : values) one_line += (one_line.empty() ? "" : ", ") + toml_string(value);
    if (name.size() + one_line.size() < longest_line) return key(name, '[' + one_line + ']', remark);
    std::string lines = "[\n";
    for (const auto& value : values) lines += "    " + toml_string(value) + ",\n";
    key(name, lines + ']', remark);
}

void TomlText::flag(std::string_view name, bool value, std::string_view remark) {
    key(name, value ? "true" : "false", remark);
}

void TomlText::flush() {
    if (keys_.empty()) return;
    if (!text_.empty()) text_ += '\n';
    text_ += std::exchange(header_, {});
    std::size_t names = 0;
    for (const auto& line : keys_) names = std::max(names, line.name.size());
    for (const auto& [name, value, remark] : keys_) {
        const auto line = fmt::format("{:<{}} = {}", name, names, value);
        text_ += remark.empty() ? line + '\n' : fmt::format("{:<{}} # {}\n", line, widest_column, remark);
    }
    keys_.clear();
}

std::string TomlText::take() {
    flush();
    return std::move(text_);
}

}  // namespace hsmreq::farm
