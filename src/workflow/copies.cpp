#include "workflow/copies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "base/try.hpp"
#include "workflow/selection.hpp"

namespace hsmreq::workflow {
namespace {

/// Why the key of a request stays where it is; nothing when it may travel.
std::optional<Error> stays(const Plan& plan, const RequestPlan& request) {
    Error error{.code = ExitCode::rules, .where = fmt::format("{}: request {}", plan.farm_file, request.name)};
    if (request.key.sharing != Sharing::shared) {
        error.what = "each member has a key of its own, which never leaves its token";
        error.hint =
            "there is nothing to distribute; sharing = \"shared\" with private_key = \"wrap-only\" makes one key for "
            "all";
    } else if (request.key.private_key == PrivateKeyPolicy::non_exportable) {
        error.what = "the key is non-exportable: nothing of it ever leaves its token";
        error.hint = "use per-member keys, private_key = \"wrap-only\" (a new key), or one token for all members";
        error.finding = "policy.shared-key-cannot-travel";
    } else if (!request.key.uri.empty()) {
        error.what = "an existing key (request.key.uri) is used where it is and not copied";
        error.hint = "leave uri out to have a key made that may travel";
    } else {
        return std::nullopt;
    }
    return error;
}

std::vector<std::string> targets(const Farm& farm, const RequestPlan& request, const PlanItem& item) {
    std::vector<std::string> found;
    for (const auto& member : request.members)
        if (member != item.token_member && takes_copy(farm, request, member)) found.push_back(member);
    return found;
}

bool names_request(const RequestPlan& request, const std::vector<std::string>& only) {
    return std::ranges::any_of(
        only, [&](const std::string& word) { return word == request.name || word.starts_with(request.name + "/"); });
}

/// A request that was named and whose key stays is a refusal; without a name, only when no key at all may travel.
Status check_policy(const Plan& plan, const std::vector<std::string>& only) {
    std::optional<Error> first;
    bool any = false;
    for (const auto& request : plan.requests) {
        auto reason = stays(plan, request);
        if (reason && names_request(request, only)) return *reason;
        if (!reason) any = true;
        if (reason && !first) first = std::move(reason);
    }
    if (!any && first) return *first;
    return {};
}

}  // namespace

bool is_selected(const RequestPlan& request, const std::string& member, const RequestOptions& options) {
    if (!options.member.empty() && options.member != member) return false;
    return options.only.empty() || std::ranges::any_of(options.only, [&](const std::string& word) {
               return word == request.name || word == request.name + "/" + member;
           });
}

Status check_selection(const Farm& farm, const Plan& plan, const RequestOptions& options) {
    std::vector<std::string> names;
    for (const auto& request : plan.requests) {
        names.push_back(request.name);
        for (const auto& member : request.members) names.push_back(request.name + "/" + member);
    }
    for (const auto& word : options.only)
        if (std::ranges::find(names, word) == names.end()) return names_nothing(plan, "--only", word, names);
    if (options.member.empty()) return {};
    std::vector<std::string> members;
    for (const auto& member : farm.members) members.push_back(member.name);
    if (std::ranges::find(members, options.member) == members.end())
        return names_nothing(plan, "--member", options.member, members);
    return {};
}

bool takes_copy(const Farm& farm, const RequestPlan& request, const std::string& member) {
    if (std::ranges::find(request.members, member) == request.members.end()) return false;
    const auto found = std::ranges::find(farm.members, member, &Member::name);
    return found != farm.members.end() && found->receives == Receives::token && !found->uri.empty();
}

Result<std::vector<PlannedCopy>> select_copies(const Farm& farm, const Plan& plan, const RequestOptions& options) {
    TRY(check_selection(farm, plan, options));
    TRY(check_policy(plan, options.only));
    std::vector<PlannedCopy> selected;
    for (std::size_t i = 0; i < plan.items.size(); ++i) {
        const RequestPlan& request = plan.requests[plan.items[i].request];
        if (stays(plan, request)) continue;
        for (auto& member : targets(farm, request, plan.items[i]))
            if (is_selected(request, member, options)) selected.push_back({i, std::move(member)});
    }
    if (!options.shard) return selected;
    std::vector<PlannedCopy> share;
    for (std::size_t k = options.shard->index - 1; k < selected.size(); k += options.shard->count)
        share.push_back(std::move(selected[k]));
    return share;
}

Result<std::size_t> shared_item(const Plan& plan, const std::string& request) {
    std::vector<std::string> names;
    for (const auto& known : plan.requests) names.push_back(known.name);
    if (std::ranges::find(names, request) == names.end()) return names_nothing(plan, "--request", request, names);
    for (std::size_t i = 0; i < plan.items.size(); ++i) {
        const RequestPlan& planned = plan.requests[plan.items[i].request];
        if (planned.name != request) continue;
        if (auto reason = stays(plan, planned)) return *reason;
        return i;
    }
    return Error{.code = ExitCode::rules,
                 .what = "no member has a token that makes this request's key",
                 .where = fmt::format("{}: request {}", plan.farm_file, request)};
}

}  // namespace hsmreq::workflow
