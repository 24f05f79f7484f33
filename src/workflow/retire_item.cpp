#include "workflow/retire_item.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "plan/rules.hpp"

namespace hsmreq::workflow {
namespace {

Error no_such(const Plan& plan, const std::string& what, const std::string& word,
              const std::vector<std::string>& known) {
    const std::string near = nearest(word, std::vector<std::string_view>(known.begin(), known.end()));
    return {
        .code = ExitCode::usage,
        .what = fmt::format("{}: {}", what, printable(word)),
        .where = plan.farm_file,
        .hint = near.empty() ? fmt::format("known are {}", join(known, ", ")) : fmt::format("did you mean {}?", near)};
}

std::vector<std::string> members_with_tokens(const Farm& farm) {
    std::vector<std::string> names;
    for (const auto& member : farm.members)
        if (!member.uri.empty()) names.push_back(member.name);
    return names;
}

Error is_existing(const RequestPlan& request) {
    return plan::make_error("key.existing", ExitCode::rules, "request.key.uri",
                            {plan::quoted(request.name), "destroyed"});
}

}  // namespace

Result<RetireItem> choose_retire_item(const Farm& farm, const Plan& plan, const RetireOptions& options) {
    std::vector<std::string> requests;
    for (const auto& request : plan.requests) requests.push_back(request.name);
    const auto request = std::ranges::find(plan.requests, options.request, &RequestPlan::name);
    if (request == plan.requests.end())
        return no_such(plan, "--request names no request of the plan", options.request, requests);
    if (!request->key.uri.empty()) return is_existing(*request);
    std::vector<const PlanItem*> items;
    std::vector<std::string> members;
    for (const auto& item : plan.items) {
        if (&plan.requests[item.request] != &*request) continue;
        items.push_back(&item);
        members.push_back(item.token_member);
    }
    const std::string& wanted = options.run.member;
    const bool shared = !items.empty() && items.front()->member.empty();
    if (shared) members = members_with_tokens(farm);
    if (!wanted.empty() && std::ranges::find(members, wanted) == members.end())
        return no_such(plan, "--member names no token that may hold this request's key", wanted, members);
    if (items.empty() || (wanted.empty() && items.size() > 1))
        return Error{.code = ExitCode::usage,
                     .what = fmt::format("request {} has a key on each of {}", request->name, join(members, ", ")),
                     .where = plan.farm_file,
                     .hint = "name one with --member"};
    const auto item = wanted.empty() || shared
                          ? items.begin()
                          : std::ranges::find(items, wanted, [](const PlanItem* one) { return one->token_member; });
    const bool named = shared && !wanted.empty();
    const KeyIdentity identity{plan.farm, request->name, (*item)->member, 0};
    const std::string& token_member = named ? wanted : (*item)->token_member;
    return RetireItem{*request, identity, token_member, token_member != (*item)->token_member};
}

}  // namespace hsmreq::workflow
