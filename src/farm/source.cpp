#include "farm/source.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "farm/redact.hpp"

namespace hsmreq::farm {
namespace {

constexpr std::size_t excerpt_width = 100;
constexpr std::size_t width_before_caret = 60;
constexpr std::string_view hidden_text = "***";
constexpr std::string_view cut_mark = "...";

std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    for (;;) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.push_back(line);
        if (end == std::string_view::npos) return lines;
        text.remove_prefix(end + 1);
    }
}

std::size_t code_point_length(unsigned char lead) {
    if (lead >= 0xf0) return 4;
    if (lead >= 0xe0) return 3;
    return lead >= 0xc0 ? 2 : 1;
}

/// One displayed text per code point; a tab becomes one space so that the caret stays in line.
std::vector<std::string> cells(std::string_view line, std::size_t secret_from) {
    std::vector<std::string> result;
    for (const auto point : code_points(line.substr(0, secret_from)))
        result.push_back(point == "\t" ? " " : printable(point));
    if (secret_from < line.size()) result.emplace_back(hidden_text);
    return result;
}

}  // namespace

std::vector<std::string_view> code_points(std::string_view text) {
    std::vector<std::string_view> points;
    while (!text.empty()) {
        auto length = std::min(code_point_length(static_cast<unsigned char>(text.front())), text.size());
        if (!is_utf8(text.substr(0, length))) length = 1;
        points.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return points;
}

Source::Source(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
    lines_ = split_lines(text_);
    secrets_ = find_secrets(lines_);
}

std::string_view Source::line(unsigned number) const {
    return number >= 1 && number <= lines_.size() ? lines_[number - 1] : std::string_view{};
}

bool Source::has_secret(unsigned number) const {
    return number >= 1 && number <= secrets_.size() && secrets_[number - 1] != std::string_view::npos;
}

std::string Source::excerpt(Position at) const {
    if (line(at.line).find_first_not_of(" \t\r") == std::string_view::npos) return {};  // nothing to point at
    const auto secret_from = has_secret(at.line) ? secrets_[at.line - 1] : std::string_view::npos;
    const auto shown = cells(line(at.line), secret_from);
    auto caret = std::min<std::size_t>(at.column - 1, shown.size());
    if (secret_from != std::string_view::npos && !shown.empty()) caret = std::min(caret, shown.size() - 1);
    const std::size_t first =
        shown.size() > excerpt_width && caret > width_before_caret ? caret - width_before_caret : 0;
    const std::size_t last = std::min(shown.size(), first + excerpt_width);

    std::string text = first > 0 ? std::string(cut_mark) : "";
    std::size_t caret_column = text.size();
    for (std::size_t i = first; i < last; ++i) {
        // An escaped character is ASCII, any other cell is one code point wide.
        if (i < caret) caret_column += shown[i].size() > 4 || shown[i].starts_with('\\') ? shown[i].size() : 1;
        text += shown[i];
    }
    if (last < shown.size()) text += cut_mark;
    return text + '\n' + std::string(caret_column, ' ') + '^';
}

Error Source::error(Position at, Complaint complaint) const {
    // A column behind the beginning of a PIN would tell something about its length.
    if (has_secret(at.line)) {
        const auto shown = code_points(line(at.line).substr(0, secrets_[at.line - 1])).size();
        at.column = std::min(at.column, static_cast<unsigned>(shown) + 1);
    }
    return {.code = ExitCode::input,
            .what = std::move(complaint.what),
            .where = file_ + ':' + std::to_string(at.line) + ':' + std::to_string(at.column),
            .hint = std::move(complaint.hint),
            .excerpt = excerpt(at)};
}

}  // namespace hsmreq::farm
