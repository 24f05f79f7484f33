#include "workflow/export_item.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/rules.hpp"
#include "workflow/selection.hpp"

namespace hsmreq::workflow {
namespace {

/// Why the key of a request stays in its token; nothing when it may be exported.
std::optional<Error> stays(const Plan& plan, const RequestPlan& request) {
    Error error{.code = ExitCode::rules,
                .where = fmt::format("{}: request {}", plan.farm_file, request.name),
                .finding = "policy.not-exportable"};
    if (request.key.private_key == PrivateKeyPolicy::non_exportable) {
        error.what = "the key is non-exportable: nothing of it ever leaves its token";
        error.hint =
            "give the server a token, or make a new request with private_key = \"exportable\": a key's policy is for "
            "life";
    } else if (request.key.private_key == PrivateKeyPolicy::wrap_only) {
        error.what =
            "the key is wrap-only: it leaves its token as ciphertext for another token alone, never for a file";
        error.hint =
            "`hsmreq distribute` brings it to the other members' tokens; a file needs a new key with private_key = "
            "\"exportable\"";
    } else if (!request.key.wrapping_key.empty()) {
        error.what = "the key leaves its token only under key.wrapping_key, which this program can't unwrap with";
        error.hint = "leave wrapping_key out of a request whose key is to be exported; that makes a new key";
    } else {
        return std::nullopt;
    }
    return error;
}

Result<std::size_t> find_request(const Plan& plan, const std::string& name) {
    std::vector<std::string> names;
    for (const auto& request : plan.requests) names.push_back(request.name);
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return names_nothing(plan, "--request", name, names);
    return static_cast<std::size_t>(found - names.begin());
}

Result<std::size_t> find_item(const Plan& plan, std::size_t request, const std::string& member) {
    std::vector<std::size_t> items;
    std::vector<std::string> members;
    for (std::size_t i = 0; i < plan.items.size(); ++i) {
        if (plan.items[i].request != request) continue;
        items.push_back(i);
        members.push_back(plan.items[i].token_member);
    }
    if (items.empty())
        return Error{.code = ExitCode::rules,
                     .what = "no member has a token that makes this request's key",
                     .where = fmt::format("{}: request {}", plan.farm_file, plan.requests[request].name)};
    if (!member.empty()) {
        const auto found = std::ranges::find(members, member);
        if (found != members.end()) return items[static_cast<std::size_t>(found - members.begin())];
        return Error{.code = ExitCode::usage,
                     .what = fmt::format("the key of request {} is in the token of {}, not of {}",
                                         plan.requests[request].name, join(members, " or "), printable(member)),
                     .where = plan.farm_file,
                     .hint = "run it where that token is in reach, with its member or without --member"};
    }
    if (items.size() == 1) return items.front();
    return Error{
        .code = ExitCode::usage,
        .what = fmt::format("request {} has a key on each of {}", plan.requests[request].name, join(members, ", ")),
        .where = plan.farm_file,
        .hint = "name one with --member"};
}

std::vector<std::string> recipients(const Farm& farm, const RequestPlan& request) {
    std::vector<std::string> names;
    for (const auto& member : farm.members)
        if (member.receives == Receives::pfx &&
            std::ranges::find(request.members, member.name) != request.members.end())
            names.push_back(member.name);
    return names;
}

std::vector<Finding> judge_target(const RequestPlan& request, const ExportTargetFacts& target) {
    const auto& algorithm = facts(request.key.algorithm);
    const bool fits = algorithm.family == KeyFamily::rsa || (algorithm.family == KeyFamily::ec && target.ec_keys) ||
                      (algorithm.family == KeyFamily::ed25519 && target.ed25519_keys);
    if (fits) return {};
    return {plan::make_finding("export.key-unsupported", "request " + request.name, {target.title, algorithm.name})};
}

}  // namespace

Result<ExportItem> choose_export_item(const Farm& farm, const Plan& plan, const ExportOptions& options) {
    TRY_ASSIGN(const std::size_t index, find_request(plan, options.request));
    const RequestPlan& request = plan.requests[index];
    if (auto reason = stays(plan, request)) return std::move(*reason);
    TRY_ASSIGN(const std::size_t item, find_item(plan, index, options.run.member));
    return ExportItem{item, recipients(farm, request), judge_target(request, facts(options.target))};
}

}  // namespace hsmreq::workflow
