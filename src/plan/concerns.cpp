#include "plan/concerns.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "plan/rules.hpp"

namespace hsmreq::plan {
namespace {

/// The number in a place such as "member[2].uri, line 14"; nothing when it is another list's.
std::optional<std::size_t> index_in(std::string_view place, std::string_view list) {
    if (!place.starts_with(list) || place.substr(list.size()).empty() || place[list.size()] != '[') return std::nullopt;
    place.remove_prefix(list.size() + 1);
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(place.data(), place.data() + place.size(), index);
    return error == std::errc() && end != place.data() + place.size() && *end == ']' ? std::optional(index)
                                                                                     : std::nullopt;
}

bool carries(const RequestPlan& request, const std::string& name) {
    return request.subject.common_name == name ||
           std::ranges::any_of(request.subject_alternative_names,
                               [&](const PlannedName& one) { return one.value == name; });
}

bool names_only_others(const Finding& finding, const Plan& plan, const RequestPlan& own) {
    const auto mentions = [&](const RequestPlan& request) {
        return finding.message.find(quoted(request.name)) != std::string::npos;
    };
    return !mentions(own) && std::ranges::any_of(plan.requests, mentions);
}

}  // namespace

bool concerns(const Finding& finding, const Farm& farm, const Plan& plan, const PlanItem& item) {
    const RequestPlan& own = plan.requests[item.request];
    if (const auto index = index_in(finding.where, "member"); index && *index < farm.members.size()) {
        const std::string& member = farm.members[*index].name;
        // A shared key serves every member of its request.
        const bool shares = item.member.empty() && std::ranges::find(own.members, member) != own.members.end();
        if (member != item.token_member && !shares) return false;
    }
    if (const auto index = index_in(finding.where, "request"); index && *index < farm.requests.size())
        if (farm.requests[*index].name != own.name) return false;
    if (!finding.name.empty() && !carries(own, finding.name) &&
        std::ranges::any_of(plan.requests, [&](const RequestPlan& one) { return carries(one, finding.name); }))
        return false;
    return !names_only_others(finding, plan, own);
}

}  // namespace hsmreq::plan
