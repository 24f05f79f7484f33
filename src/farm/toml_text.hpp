// TOML text, line by line, with the comments beside the values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hsmreq::farm {

/// A basic string of TOML 1.0 with its quotes.
std::string toml_string(std::string_view text);

/// Collects keys of one table so that their equals signs and comments stand below each other.
class TomlText {
public:
    void comment(std::string_view line);
    /// The header with its brackets, such as "[[pool]]"; it appears with the table's first key, if one comes.
    void header(std::string_view text, std::string_view remark = {});
    void key(std::string_view name, std::string value, std::string_view remark = {});
    void text(std::string_view name, std::string_view value, std::string_view remark = {});
    void list(std::string_view name, const std::vector<std::string>& values, std::string_view remark = {});
    void flag(std::string_view name, bool value, std::string_view remark = {});
    /// The whole text; nothing can be added afterwards.
    [[nodiscard]] std::string take();

private:
    struct Line {
        std::string name;
        std::string value;
        std::string remark;
    };

    void flush();

    std::string text_;
    std::string header_;
    std::vector<Line> keys_;
};

}  // namespace hsmreq::farm
