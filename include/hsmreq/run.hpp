// What every run over a farm says of itself, and how its end is told.
#pragma once

#include <algorithm>
#include <string>

#include "hsmreq/finding.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq {

/// The head of a run's summary.
struct RunHeader {
    std::string farm;
    std::string farm_file;
    std::string farm_file_sha256;
    std::string date;              ///< the day the dated rules were judged on
    std::string time;              ///< RFC 3339, UTC, of the run's start
    std::string output_directory;  ///< "" for a run that has none
};

/// "REQUEST MEMBER", for people; a shared key has no member.
inline std::string item_name(const std::string& request, const std::string& member) {
    return member.empty() ? request : request + " " + member;
}

/// The same of what has both, such as an item of a summary.
template <class Item>
std::string item_name(const Item& item) {
    return item_name(item.request, item.member);
}

/// The code of a run whose items carry their own errors: that of the run's error, else of the first failed item in
/// order. An outcome has an optional `error` and an optional `summary` with `items`.
template <class Outcome>
ExitCode first_error_code(const Outcome& outcome) {
    if (outcome.error) return outcome.error->code;
    if (!outcome.summary) return ExitCode::ok;
    for (const auto& item : outcome.summary->items)
        if (item.error) return item.error->code;
    return ExitCode::ok;
}

/// The same, else ExitCode::rules where the findings of the run or of an item refuse.
template <class Outcome>
ExitCode first_error_or_refusal_code(const Outcome& outcome) {
    if (const ExitCode code = first_error_code(outcome); code != ExitCode::ok || !outcome.summary) return code;
    const auto refused = [](const auto& item) { return refuses(item.findings); };
    return refused(*outcome.summary) || std::ranges::any_of(outcome.summary->items, refused) ? ExitCode::rules
                                                                                             : ExitCode::ok;
}

}  // namespace hsmreq
