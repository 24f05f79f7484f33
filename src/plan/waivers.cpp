#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "plan/host_name.hpp"
#include "plan/rules.hpp"

namespace hsmreq::plan {
namespace {

constexpr std::array<std::string_view, 3> never_accepted{"policy.", "key.", "csr."};

bool may_be_accepted(std::string_view id) {
    return std::none_of(never_accepted.begin(), never_accepted.end(),
                        [&](std::string_view prefix) { return id.starts_with(prefix); });
}

struct Waiver {
    const AcceptedFinding* entry;
    std::string name;  ///< as certificates carry it
    bool expired;
};

bool has_expired(const AcceptedFinding& entry, Date date) {
    if (entry.until.empty()) return false;
    const auto until = parse_date(entry.until);
    return !until || *until < date;
}

bool concerns(const Waiver& waiver, const Finding& finding) {
    return waiver.entry->name.empty() || waiver.name == finding.name;
}

/// `waiver` concerns the finding and is one that acts, if any does.
void apply(const Waiver& waiver, Finding& finding) {
    if (!may_be_accepted(finding.id))
        finding.message += " (findings of this kind can't be accepted)";
    else if (waiver.expired)
        finding.message += fmt::format(" (accepted only until {})", printable(waiver.entry->until));
    else
        finding.accepted = waiver.entry->reason.empty() ? "accepted in the farm file" : waiver.entry->reason;
}

}  // namespace

void apply_waivers(const Rules& rules, Date date, std::vector<Finding>& findings) {
    std::unordered_multimap<std::string_view, Waiver> waivers;
    for (const auto& entry : rules.accept)
        waivers.emplace(entry.finding, Waiver{&entry, read_host_name(entry.name).value, has_expired(entry, date)});
    for (auto& finding : findings) {
        const Waiver* best = nullptr;
        const auto [first, last] = waivers.equal_range(std::string_view(finding.id));
        for (auto place = first; place != last; ++place)
            if (concerns(place->second, finding) && (!best || best->expired)) best = &place->second;
        if (best) apply(*best, finding);
    }
}

}  // namespace hsmreq::plan
