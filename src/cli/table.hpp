// Text in columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hsmreq::cli {

/// Columns the text takes on a terminal: one for each UTF-8 character.
std::size_t width(std::string_view text);

/// The text's beginning, at most `columns` wide.
std::string_view cut_to_width(std::string_view text, std::size_t columns);

/// Rows of cells, aligned on the left with two spaces between columns. Cells must be printable.
class Table {
public:
    /// All rows have as many cells as the heading.
    explicit Table(std::vector<std::string> heading);

    void add(std::vector<std::string> row);
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    /// Without a newline at its end.
    [[nodiscard]] std::string heading() const { return line(heading_); }
    /// The rows, a line each.
    [[nodiscard]] std::string body() const;

private:
    [[nodiscard]] std::string line(const std::vector<std::string>& row) const;
    void widen(const std::vector<std::string>& row);

    std::vector<std::string> heading_;
    std::vector<std::vector<std::string>> rows_;
    std::vector<std::size_t> widths_;
};

/// A cell: the text made printable, "-" for none.
std::string or_dash(const std::string& text);

/// "  name      value\n" with the values of one block under each other; further lines of a value keep its column.
std::string labelled(std::string_view label, const std::vector<std::string>& values);
std::string labelled(std::string_view label, const std::string& value);

}  // namespace hsmreq::cli
