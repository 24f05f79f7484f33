#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "plan/checks.hpp"

namespace hsmreq::plan::check {
namespace {

/// Calls `report(request, plan)` for every request.
template <class Report>
void for_each_request(const Draft& draft, Report report) {
    for (std::size_t i = 0; i < draft.requests.size(); ++i) report(draft.requests[i], draft.plan.requests[i]);
}

bool is_shared(const RequestPlan& planned) {
    return planned.key.sharing == Sharing::shared;
}

bool is_exportable(const RequestPlan& planned) {
    return planned.key.private_key == PrivateKeyPolicy::exportable;
}

/// The tokens that must hold a shared key: where it is made, and each member's that serves with it.
std::size_t count_tokens(const DraftRequest& request) {
    std::unordered_set<std::string> tokens;
    if (request.generator) tokens.insert(token_identity(*request.generator));
    for (const auto* member : request.members)
        if (has_token(*member)) tokens.insert(token_identity(*member));
    return tokens.size();
}

}  // namespace

void no_token(const Draft& draft, Reporter& reporter) {
    for_each_request(draft, [&](const DraftRequest& request, const RequestPlan& planned) {
        const bool has_one = is_shared(planned) ? request.generator != nullptr
                                                : std::any_of(request.members.begin(), request.members.end(),
                                                              [](const Member* member) { return has_token(*member); });
        if (has_one) return;
        const bool named = is_shared(planned) && !request.key->generate_on.empty();
        reporter.report({named ? setting_key(draft, request, "key.generate_on") : "member", ""},
                        {quoted(planned.name)});
    });
}

void shared_key_cannot_travel(const Draft& draft, Reporter& reporter) {
    for_each_request(draft, [&](const DraftRequest& request, const RequestPlan& planned) {
        if (!is_shared(planned) || planned.key.private_key != PrivateKeyPolicy::non_exportable) return;
        const auto tokens = count_tokens(request);
        if (tokens < 2) return;
        reporter.report({setting_key(draft, request, "key.sharing"), ""},
                        {quoted(planned.name), std::to_string(tokens)});
    });
}

void combined_key_must_travel(const Draft& draft, Reporter& reporter) {
    for_each_request(draft, [&](const DraftRequest& request, const RequestPlan& planned) {
        if (!request.edge) return;
        const bool in_hsm = draft.farm.edge->server_keys == ServerKeys::hsm;
        if (!is_shared(planned))
            reporter.report({"key.sharing", ""}, {quoted(planned.name), "shared"});
        else if (!in_hsm && !is_exportable(planned))
            reporter.report({"key.private_key", ""}, {quoted(planned.name), "exportable"});
    });
}

void pfx_needs_exportable(const Draft& draft, Reporter& reporter) {
    for_each_request(draft, [&](const DraftRequest& request, const RequestPlan& planned) {
        if (is_shared(planned) && is_exportable(planned)) return;
        for (const auto* member : request.members)
            if (member->receives == Receives::pfx)
                reporter.report({member_key(draft.farm, *member, "receives"), ""},
                                {quoted(member->name), quoted(planned.name)});
    });
}

void security_note(const Draft& draft, Reporter& reporter) {
    for_each_request(draft, [&](const DraftRequest& request, const RequestPlan& planned) {
        if (is_exportable(planned))
            reporter.report({setting_key(draft, request, "key.private_key"), ""}, {quoted(planned.name)});
    });
}

void exportable_single_member(const Draft& draft, Reporter& reporter) {
    for_each_request(draft, [&](const DraftRequest& request, const RequestPlan& planned) {
        if (!is_exportable(planned) || request.edge || request.members.size() != 1) return;
        const auto& member = *request.members.front();
        const bool made_elsewhere = is_shared(planned) && request.generator != &member;
        if (!has_token(member) || made_elsewhere) return;
        reporter.report({setting_key(draft, request, "key.private_key"), ""},
                        {quoted(planned.name), quoted(member.name)});
    });
}

void wrap_only_by_convention(const Draft& draft, Reporter& reporter) {
    for_each_request(draft, [&](const DraftRequest& request, const RequestPlan& planned) {
        if (planned.key.private_key == PrivateKeyPolicy::wrap_only && planned.key.wrapping_key.empty())
            reporter.report({setting_key(draft, request, "key.private_key"), ""}, {quoted(planned.name)});
    });
}

void members_share_token(const Draft& draft, Reporter& reporter) {
    for_each_request(draft, [&](const DraftRequest& request, const RequestPlan& planned) {
        if (is_shared(planned)) return;
        std::unordered_map<std::string, const Member*> first_on_token;
        for (const auto* member : request.members) {
            if (!has_token(*member)) continue;
            const auto [place, is_first] = first_on_token.try_emplace(token_identity(*member), member);
            if (!is_first)
                reporter.report({member_key(draft.farm, *member, "uri"), ""},
                                {quoted(place->second->name), quoted(member->name), quoted(planned.name)});
        }
    });
}

void server_cannot_use_token(const Draft& draft, Reporter& reporter) {
    // Windows programs know keys by a provider of Windows; HAProxy reads files.
    constexpr std::array cannot{ServerKind::haproxy, ServerKind::iis, ServerKind::tmg, ServerKind::lync_edge};
    for (const auto& member : draft.farm.members)
        if (member.server && has_token(member) && member.role != MemberRole::workstation &&
            std::find(cannot.begin(), cannot.end(), *member.server) != cannot.end())
            reporter.report({member_key(draft.farm, member, "server"), ""},
                            {to_name(*member.server), quoted(member.name)});
}

}  // namespace hsmreq::plan::check
