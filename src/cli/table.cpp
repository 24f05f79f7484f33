#include "cli/table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace hsmreq::cli {
namespace {

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::string without_trailing_spaces(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

}  // namespace

std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

std::string_view cut_to_width(std::string_view text, std::size_t columns) {
    std::size_t seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (continues_character(text[i])) continue;
        if (seen == columns) return text.substr(0, i);
        ++seen;
    }
    return text;
}

Table::Table(std::vector<std::string> heading) : heading_(std::move(heading)), widths_(heading_.size(), 0) {
    widen(heading_);
}

void Table::add(std::vector<std::string> row) {
    widen(row);
    rows_.push_back(std::move(row));
}

void Table::widen(const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], width(row[i]));
}

std::string Table::line(const std::vector<std::string>& row) const {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
        text += row[i];
        if (i + 1 < row.size()) text.append(widths_[i] - width(row[i]) + 2, ' ');
    }
    return without_trailing_spaces(std::move(text));
}

std::string Table::body() const {
    std::string text;
    for (const auto& row : rows_) text += line(row) + "\n";
    return text;
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : printable(text);
}

std::string labelled(std::string_view label, const std::vector<std::string>& values) {
    constexpr std::size_t value_column = 22;
    std::string text;
    for (const auto& value : values)
        text += without_trailing_spaces(
                    fmt::format("  {:<{}}{}", text.empty() ? label : std::string_view(), value_column, value)) +
                "\n";
    return text;
}

std::string labelled(std::string_view label, const std::string& value) {
    return labelled(label, std::vector<std::string>{value});
}

}  // namespace hsmreq::cli
