#include "farm/nesting.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace hsmreq::farm {
namespace {

constexpr unsigned nesting_limit = 16;

/// Follows TOML's quoting and comments just far enough to know which brackets and dots are syntax.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    /// The offset of the first bracket or dot beyond the limit.
    std::optional<std::size_t> run() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"' || c == '\'') {
                skip_string(c);
                continue;
            }
            if (c == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
                continue;
            }
            count(c);
            if (depth_ > nesting_limit || dots_ > nesting_limit) return at_;
            ++at_;
        }
        return std::nullopt;
    }

private:
    void count(char c) {
        if (c == '[' || c == '{') ++depth_;
        if ((c == ']' || c == '}') && depth_ > 0) --depth_;
        if (c == '.') ++dots_;
        if (c == ',' || c == '=' || c == '\n') dots_ = 0;
    }

    void skip_string(char quote) {
        const std::string triple(3, quote);
        const bool multi_line = text_.substr(at_).starts_with(triple);
        const std::string_view end = multi_line ? std::string_view(triple) : std::string_view(triple).substr(0, 1);
        at_ += end.size();
        while (at_ < text_.size()) {
            if (!multi_line && text_[at_] == '\n') return;
            if (text_.substr(at_).starts_with(end)) {
                at_ += end.size();
                // Up to two quotes may stand right before the closing three.
                while (multi_line && at_ < text_.size() && text_[at_] == quote) ++at_;
                return;
            }
            at_ += quote == '"' && text_[at_] == '\\' ? 2 : 1;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    unsigned depth_ = 0;
    unsigned dots_ = 0;
};

}  // namespace

std::optional<Position> find_deep_nesting(const Source& source) {
    const auto offset = Scanner(source.text()).run();
    if (!offset) return std::nullopt;
    const auto before = source.text().substr(0, *offset);
    const auto line = static_cast<unsigned>(std::ranges::count(before, '\n')) + 1;
    const auto line_begin = before.rfind('\n') + 1;
    return Position{line, static_cast<unsigned>(code_points(before.substr(line_begin)).size()) + 1};
}

}  // namespace hsmreq::farm
