#include "workflow/visits.hpp"

#include <algorithm>

#include "base/try.hpp"
#include "workflow/selection.hpp"

namespace hsmreq::workflow {
namespace {

bool has_token(const Farm& farm, const std::string& name) {
    return std::ranges::any_of(farm.members, [&](const Member& m) { return m.name == name && !m.uri.empty(); });
}

}  // namespace

Result<std::vector<Visit>> choose_visits(const PlannedFarm& planned, const RequestOptions& options) {
    RequestOptions named;
    named.only = options.only;
    named.member = options.member;
    TRY(select_items(planned.plan, named));  // for the words; a copy is on another member than its item
    named.member.clear();
    TRY_ASSIGN(const auto indexes, select_items(planned.plan, named));
    const auto wanted = [&](const std::string& member) { return options.member.empty() || options.member == member; };
    std::vector<Visit> visits;
    for (const auto index : indexes) {
        const PlanItem& item = planned.plan.items[index];
        if (wanted(item.token_member)) visits.push_back({item, item.token_member, false});
        if (!item.member.empty()) continue;
        for (const auto& member : planned.plan.requests[item.request].members)
            if (member != item.token_member && wanted(member) && has_token(planned.farm, member))
                visits.push_back({item, member, true});
    }
    return visits;
}

KeyIdentity identity_of(const Plan& plan, const Visit& visit) {
    return {plan.farm, plan.requests[visit.item.request].name, visit.item.member, 1};
}

}  // namespace hsmreq::workflow
