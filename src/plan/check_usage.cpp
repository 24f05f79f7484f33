#include <algorithm>

#include "base/clock.hpp"
#include "plan/checks.hpp"
#include "plan/extended_key_usage.hpp"

namespace hsmreq::plan::check {
namespace {

constexpr std::string_view extended_key_usage_setting = "certificate.extended_key_usage";

bool contains(const std::vector<std::string>& oids, std::string_view oid) {
    return std::find(oids.begin(), oids.end(), oid) != oids.end();
}

/// Calls `report(request, plan)` for every request whose extended key usages are written in the file.
template <class Report>
void for_each_written(const Draft& draft, Report report) {
    for (std::size_t i = 0; i < draft.requests.size(); ++i)
        if (draft.requests[i].certificate->extended_key_usage) report(draft.requests[i], draft.plan.requests[i]);
}

}  // namespace

void key_encipherment_with_ec(const Draft& draft, Reporter& reporter) {
    for (std::size_t i = 0; i < draft.requests.size(); ++i) {
        const auto& planned = draft.plan.requests[i];
        const auto& usage = planned.key_usage;
        if (facts(planned.key.algorithm).family == KeyFamily::rsa) continue;
        if (std::find(usage.begin(), usage.end(), KeyUsageBit::key_encipherment) == usage.end()) continue;
        reporter.report({setting_key(draft, draft.requests[i], "certificate.key_usage"), ""},
                        {quoted(planned.name), facts(planned.key.algorithm).name});
    }
}

void server_auth_missing(const Draft& draft, Reporter& reporter) {
    for_each_written(draft, [&](const DraftRequest& request, const RequestPlan& planned) {
        if (contains(planned.extended_key_usage, server_auth_oid)) return;
        // Without the extension a CA puts in what its profile says; only the Lync products insist.
        if (request.certificate->extended_key_usage->empty() && !is_lync(draft.farm)) return;
        reporter.report({setting_key(draft, request, extended_key_usage_setting), ""}, {quoted(planned.name)});
    });
}

void extended_key_usage_unknown(const Draft& draft, Reporter& reporter) {
    for_each_written(draft, [&](const DraftRequest& request, const RequestPlan&) {
        for (const auto& word : *request.certificate->extended_key_usage)
            if (!extended_key_usage_oid(word))
                reporter.report({setting_key(draft, request, extended_key_usage_setting), ""}, {quoted(word)});
    });
}

void client_auth_public_ca(const Draft& draft, Reporter& reporter) {
    if (!draft.ca.client_auth_ends) return;
    const bool refused = draft.ca.refuses_client_auth && !issues_client_auth(draft.ca, draft.options.date);
    for_each_written(draft, [&](const DraftRequest& request, const RequestPlan& planned) {
        if (!contains(planned.extended_key_usage, client_auth_oid)) return;
        auto& finding = reporter.report({setting_key(draft, request, extended_key_usage_setting), ""},
                                        {quoted(planned.name), draft.ca.name, to_text(*draft.ca.client_auth_ends)});
        finding.severity = refused ? Severity::error : Severity::warning;
        finding.source.append("; ").append(draft.ca.client_auth_source);
    });
}

void client_auth_dropped(const Draft& draft, Reporter& reporter) {
    if (issues_client_auth(draft.ca, draft.options.date)) return;
    if (!contains(default_extended_key_usage(draft.farm), client_auth_oid)) return;
    for (std::size_t i = 0; i < draft.requests.size(); ++i) {
        if (draft.requests[i].certificate->extended_key_usage) continue;
        auto& finding =
            reporter.report({std::string(extended_key_usage_setting), ""},
                            {quoted(draft.plan.requests[i].name), draft.ca.name, to_text(*draft.ca.client_auth_ends)});
        finding.source = draft.ca.client_auth_source;
    }
}

}  // namespace hsmreq::plan::check
