#include "base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "base/hex.hpp"

namespace hsmreq {
namespace {

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t length = 0;  ///< in bytes; 0 when the text does not begin with valid UTF-8
};

/// The lead byte's pattern, and the smallest value that a sequence of that length may hold (RFC 3629, section 3).
struct Utf8Form {
    std::uint8_t mask;
    std::uint8_t lead;
    std::size_t length;
    std::uint32_t minimum;
};

constexpr Utf8Form utf8_forms[] = {
    {0x80, 0x00, 1, 0},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
};

CodePoint first_code_point(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    for (const auto& form : utf8_forms) {
        if ((byte(0) & form.mask) != form.lead) continue;
        if (text.size() < form.length) return {};
        std::uint32_t value = byte(0) & static_cast<std::uint8_t>(~form.mask);
        for (std::size_t i = 1; i < form.length; ++i) {
            if ((byte(i) & 0xc0U) != 0x80U) return {};
            value = value << 6U | (byte(i) & 0x3fU);
        }
        const bool surrogate = value >= 0xd800 && value <= 0xdfff;
        if (value < form.minimum || value > 0x10ffff || surrogate) return {};
        return {value, form.length};
    }
    return {};
}

bool between(std::uint32_t value, std::uint32_t low, std::uint32_t high) {
    return value >= low && value <= high;
}

/// C0, DEL and C1 controls, line and paragraph separators, and the marks that turn the writing direction.
bool drives_a_terminal(std::uint32_t value) {
    return value < 0x20 || between(value, 0x7f, 0x9f) || between(value, 0x2028, 0x202e) ||
           between(value, 0x2066, 0x2069);
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost 1 each.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> previous(b.size() + 1);
    std::vector<std::size_t> current(b.size() + 1);
    std::iota(previous.begin(), previous.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, substitution});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
        }
        std::swap(before, previous);
        std::swap(previous, current);
    }
    return previous[b.size()];
}

/// One edit for each four letters begun, less the first two: a one-letter word resembles nothing, and no word
/// resembles another by more than four edits.
std::size_t tolerated_edits(std::size_t length) {
    return std::min<std::size_t>(4, (length + 2) / 4);
}

}  // namespace

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (auto& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const auto point = first_code_point(text);
        const auto length = std::max<std::size_t>(point.length, 1);
        if (point.length != 0 && !drives_a_terminal(point.value)) {
            result += text.substr(0, length);
        } else {
            for (const auto byte : as_bytes(text.substr(0, length))) result += "\\x" + to_hex({&byte, 1});
        }
        text.remove_prefix(length);
    }
    return result;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto point = first_code_point(text);
        if (point.length == 0) return false;
        text.remove_prefix(point.length);
    }
    return true;
}

std::string nearest(std::string_view word, std::span<const std::string_view> candidates) {
    const std::string lower = to_lower(word);
    std::size_t limit = tolerated_edits(word.size());
    std::string_view best;
    for (const auto candidate : candidates) {
        const auto longer = std::max(candidate.size(), lower.size());
        const auto shorter = std::min(candidate.size(), lower.size());
        if (longer - shorter > limit) continue;
        const auto distance = edit_distance(lower, to_lower(candidate));
        if (distance > limit || (distance == limit && !best.empty())) continue;
        best = candidate;
        limit = distance;
    }
    return std::string(best);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string result;
    for (const auto& part : parts) {
        if (&part != &parts.front()) result += separator;
        result += part;
    }
    return result;
}

std::string expand_template(std::string_view text, const std::function<std::string(std::string_view)>& lookup) {
    std::string result;
    while (!text.empty()) {
        const auto close = text.front() == '{' ? text.find('}') : std::string_view::npos;
        if (close == std::string_view::npos) {
            result += text.front();
            text.remove_prefix(1);
            continue;
        }
        const std::string value = lookup(text.substr(1, close - 1));
        text.remove_prefix(close + 1);
        result += value;
        if (!value.empty()) continue;
        if (result.ends_with('.')) {
            result.pop_back();
        } else if (result.empty() && text.starts_with('.')) {
            text.remove_prefix(1);
        }
    }
    return result;
}

std::string fill_in(std::string_view text, std::initializer_list<std::string_view> words) {
    std::string filled;
    for (const auto word : words) {
        const auto gap = text.find("{}");
        if (gap == std::string_view::npos) break;
        filled += text.substr(0, gap);
        filled += word;
        text.remove_prefix(gap + 2);
    }
    filled += text;
    return filled;
}

BytesView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view as_text(BytesView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace hsmreq
