#include "workflow/selection.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"

namespace hsmreq::workflow {
namespace {

std::string item_name(const Plan& plan, const PlanItem& item) {
    const std::string& request = plan.requests[item.request].name;
    return item.member.empty() ? request : request + "/" + item.member;
}

bool is_named_by(const Plan& plan, const PlanItem& item, const std::string& only) {
    return only == plan.requests[item.request].name || only == item_name(plan, item);
}

Status check_only(const Plan& plan, const std::vector<std::string>& only) {
    std::vector<std::string> known;
    for (const auto& request : plan.requests) known.push_back(request.name);
    for (const auto& item : plan.items)
        if (!item.member.empty()) known.push_back(item_name(plan, item));
    for (const auto& word : only)
        if (std::ranges::find(known, word) == known.end()) return names_nothing(plan, "--only", word, known);
    return {};
}

Status check_member(const Plan& plan, const std::string& member) {
    if (member.empty()) return {};
    std::vector<std::string> known;
    for (const auto& item : plan.items) known.push_back(item.token_member);
    // A member whose certificates come from a key on another one has nothing to make, and that is no mistake.
    for (const auto& request : plan.requests) known.insert(known.end(), request.members.begin(), request.members.end());
    if (std::ranges::find(known, member) == known.end()) return names_nothing(plan, "--member", member, known);
    return {};
}

}  // namespace

Error names_nothing(const Plan& plan, const std::string& flag, const std::string& word,
                    const std::vector<std::string>& known) {
    const std::vector<std::string_view> views(known.begin(), known.end());
    const std::string near = nearest(word, views);
    return {
        .code = ExitCode::usage,
        .what = fmt::format("{} names nothing of the plan: {}", flag, printable(word)),
        .where = plan.farm_file,
        .hint = near.empty() ? fmt::format("`hsmreq plan {}` lists the requests and members", plan.farm_file)
                             : fmt::format("did you mean {}?", near),
    };
}

Result<std::vector<std::size_t>> select_items(const Plan& plan, const RequestOptions& options) {
    TRY(check_only(plan, options.only));
    TRY(check_member(plan, options.member));
    std::vector<std::size_t> selected;
    for (std::size_t i = 0; i < plan.items.size(); ++i) {
        const PlanItem& item = plan.items[i];
        const bool named = options.only.empty() || std::ranges::any_of(options.only, [&](const std::string& only) {
                               return is_named_by(plan, item, only);
                           });
        if (named && (options.member.empty() || item.token_member == options.member)) selected.push_back(i);
    }
    if (options.shard) {
        std::vector<std::size_t> share;
        for (std::size_t k = options.shard->index - 1; k < selected.size(); k += options.shard->count)
            share.push_back(selected[k]);
        return share;
    }
    return selected;
}

}  // namespace hsmreq::workflow
