// Dates and times.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hsmreq {

/// Today in UTC.
std::chrono::year_month_day today();

/// "2026-11-23" to a valid calendar day; nothing otherwise.
std::optional<std::chrono::year_month_day> parse_date(std::string_view text);

std::string to_text(std::chrono::year_month_day date);

/// RFC 3339 in UTC: "2026-11-23T23:35:00Z".
std::string to_text(std::chrono::sys_seconds time);

/// Now as RFC 3339 in UTC with seconds: "2026-11-23T23:35:00Z".
std::string timestamp();

}  // namespace hsmreq
