// The rules that judge what is there: keys, requests and certificates. Their checks live where those are read; what a
// finding says about them stands here, as rules.hpp has it for farm files.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "hsmreq/finding.hpp"

namespace hsmreq::plan {

/// A row without a check. An id may also have a row in rules(): a farm file and a file are judged in different words.
struct InspectionRule {
    std::string_view id;
    Severity severity;         ///< where the check knows no better
    std::string_view message;  ///< every "{}" is filled in by the check
    std::string_view fix;
    std::string_view source;  ///< document and clause
    std::string_view date;    ///< the day from which it holds, "" when it always does
};

/// In the order in which they are listed; every id once.
std::span<const InspectionRule> inspection_rules();

/// The finding of the row `id`, its message filled in with `words` in order. An id without a row is a mistake in the
/// program: the finding is then an error that says so.
Finding inspection_finding(std::string_view id, const std::string& where,
                           std::initializer_list<std::string_view> words);

}  // namespace hsmreq::plan
