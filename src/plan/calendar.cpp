#include "plan/calendar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace hsmreq::plan {
namespace {

constexpr int days_in_a_year = 365;

/// How often a certificate is replaced in a year when each serves for so many thirds of its days.
unsigned renewals(int days, int thirds) {
    const int served = days * thirds;
    return static_cast<unsigned>((days_in_a_year * 3 + served - 1) / served);
}

CalendarEntry validity_entry(const ValidityLimit& limit, Date date) {
    CalendarEntry entry;
    entry.from = limit.from;
    entry.topic = CalendarTopic::validity;
    entry.past = limit.from <= date;
    entry.days = limit.days;
    entry.least_renewals = renewals(limit.days, 3);
    entry.usual_renewals = renewals(limit.days, 2);
    entry.text = fmt::format("a new certificate is valid for {} days at most", limit.days);
    entry.source = validity_source;
    return entry;
}

CalendarEntry client_auth_entry(const CaProfile& ca, Date date) {
    CalendarEntry entry;
    entry.from = *ca.client_auth_ends;
    entry.topic = CalendarTopic::client_auth;
    entry.past = entry.from <= date;
    entry.text = ca.refuses_client_auth ? fmt::format("{} refuses requests that ask for clientAuth", ca.name)
                 : ca.id == CertificateAuthority::public_ca ? "no public CA issues clientAuth any more"
                                                            : fmt::format("{} issues no clientAuth any more", ca.name);
    entry.source = ca.client_auth_source;
    return entry;
}

}  // namespace

int validity_limit(std::chrono::sys_seconds not_before) {
    for (const auto& limit : validity_limits)
        if (not_before >= std::chrono::sys_days(limit.from)) return limit.days;
    return validity_limits.back().days;
}

std::vector<CalendarEntry> calendar(const CaProfile& ca, Date date) {
    std::vector<CalendarEntry> entries;
    if (!ca.publicly_trusted) return entries;
    for (const auto& limit : validity_limits) {
        entries.push_back(validity_entry(limit, date));
        if (entries.back().past) break;
    }
    if (ca.client_auth_ends) entries.push_back(client_auth_entry(ca, date));
    if (ca.id != CertificateAuthority::public_ca)
        entries.push_back(client_auth_entry(profile(CertificateAuthority::public_ca), date));
    std::ranges::stable_sort(entries, {}, &CalendarEntry::from);
    return entries;
}

}  // namespace hsmreq::plan
