// The farm file's text: places in it, and excerpts that never show a PIN.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/result.hpp"

namespace hsmreq::farm {

/// A place in the text. Both count from 1; columns are code points.
struct Position {
    unsigned line = 1;
    unsigned column = 1;

    friend auto operator<=>(const Position&, const Position&) = default;
};

/// What is wrong and what to do about it; the place is added by whoever knows it.
struct Complaint {
    std::string what;
    std::string hint;
};

/// The text as lines. Does not own the text.
class Source {
public:
    Source(std::string_view text, std::string file);

    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] const std::string& file() const { return file_; }
    /// A line without its end; "" behind the last one.
    [[nodiscard]] std::string_view line(unsigned number) const;
    [[nodiscard]] std::size_t line_count() const { return lines_.size(); }
    /// True when something on the line may be a PIN, so that its text must not be quoted.
    [[nodiscard]] bool has_secret(unsigned number) const;
    /// ExitCode::input at that place, with the excerpt.
    [[nodiscard]] Error error(Position at, Complaint complaint) const;

private:
    [[nodiscard]] std::string excerpt(Position at) const;

    std::string_view text_;
    std::string file_;
    std::vector<std::string_view> lines_;
    std::vector<std::size_t> secrets_;  // per line: the byte from which on it is hidden
};

/// Splits UTF-8 into code points; a byte that fits nowhere stands alone.
std::vector<std::string_view> code_points(std::string_view text);

}  // namespace hsmreq::farm
