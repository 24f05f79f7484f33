#include "plan/extended_key_usage.hpp"

#include "hsmreq/plan.hpp"

namespace hsmreq {

std::string plan::extended_key_usage_oid(std::string_view word_or_oid) {
    for (const auto& row : extended_key_usages)
        if (row.word == word_or_oid) return std::string(row.oid);
    return std::string(word_or_oid);
}

std::string extended_key_usage_name(const std::string& oid) {
    for (const auto& row : plan::extended_key_usages)
        if (row.oid == oid) return std::string(row.word);
    return oid;
}

}  // namespace hsmreq
