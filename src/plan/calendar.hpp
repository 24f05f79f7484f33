// The limits that certificates come under day by day: what a CA may still issue, and for how long.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/plan.hpp"
#include "hsmreq/status.hpp"
#include "plan/ca_profiles.hpp"

namespace hsmreq::plan {

/// The most days that a certificate may be valid for, by the day it begins.
struct ValidityLimit {
    Date from;
    int days;
};

inline constexpr std::string_view validity_source = "TLS Baseline Requirements 2.2.6, 6.3.2";

/// The latest first; one that began before all others ends the list.
inline constexpr std::array<ValidityLimit, 4> validity_limits{{
    {std::chrono::year{2029} / 3 / 15, 47},
    {std::chrono::year{2027} / 3 / 15, 100},
    {std::chrono::year{2026} / 3 / 15, 200},
    {std::chrono::year{2020} / 9 / 1, 398},
}};

/// For a certificate that begins at that time.
int validity_limit(std::chrono::sys_seconds not_before);

/// What holds and what is to come for certificates of this CA, in the order of the days; empty for a private CA. The
/// validity limits that a later one had replaced by `date` are left out.
std::vector<CalendarEntry> calendar(const CaProfile& ca, Date date);

}  // namespace hsmreq::plan
