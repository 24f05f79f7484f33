#include "plan/extended_key_usage.hpp"

#include <algorithm>

#include "hsmreq/plan.hpp"

namespace hsmreq {
namespace plan {
namespace {

constexpr std::size_t max_arcs = 32;
constexpr std::size_t max_arc_digits = 18;  // every such number fits 64 bits

bool is_arc(std::string_view arc) {
    if (arc.empty() || arc.size() > max_arc_digits) return false;
    if (arc.size() > 1 && arc.front() == '0') return false;
    return std::all_of(arc.begin(), arc.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_below_40(std::string_view arc) {
    return arc.size() == 1 || (arc.size() == 2 && arc.front() < '4');
}

bool is_oid(std::string_view text) {
    std::string_view first;
    std::string_view rest = text;
    for (std::size_t count = 0; count < max_arcs; ++count) {
        const auto dot = rest.find('.');
        const auto arc = rest.substr(0, dot);
        if (!is_arc(arc)) return false;
        if (count == 0) first = arc;
        if (count == 0 && arc > "2") return false;
        if (count == 1 && first != "2" && !is_below_40(arc)) return false;
        if (dot == std::string_view::npos) return count >= 1;
        rest.remove_prefix(dot + 1);
    }
    return false;
}

}  // namespace

std::optional<std::string> extended_key_usage_oid(std::string_view word_or_oid) {
    for (const auto& row : extended_key_usages)
        if (row.word == word_or_oid) return std::string(row.oid);
    if (is_oid(word_or_oid)) return std::string(word_or_oid);
    return std::nullopt;
}

}  // namespace plan

std::string extended_key_usage_name(const std::string& oid) {
    for (const auto& row : plan::extended_key_usages)
        if (row.oid == oid) return std::string(row.word);
    return oid;
}

}  // namespace hsmreq
