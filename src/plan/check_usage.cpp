#include <algorithm>

#include "base/clock.hpp"
#include "base/text.hpp"
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

/// Words for each usage that is too many for a TLS server. keyEncipherment without RSA has a rule of its own.
std::vector<std::string> unfit_usages(const RequestPlan& planned) {
    std::vector<std::string> words;
    const auto family = facts(planned.key.algorithm).family;
    for (const auto bit : planned.key_usage)
        if (!serves_tls(bit, family) && bit != KeyUsageBit::key_encipherment)
            words.push_back("key usage " + std::string(to_name(bit)));
    for (const auto& oid : planned.extended_key_usage)
        if (oid != server_auth_oid && oid != client_auth_oid)
            words.push_back("extended key usage " + extended_key_usage_name(oid));
    return words;
}

/// True when all that is too many are extended key usages by object identifiers that have no name here.
bool only_unnamed(const RequestPlan& planned) {
    const auto unfit = unfit_usages(planned);
    return std::ranges::all_of(unfit, [](const std::string& words) {
        return words.starts_with("extended key usage ") && words.back() >= '0' && words.back() <= '9';
    });
}

bool lacks_every_tls_bit(const std::vector<KeyUsageBit>& bits) {
    return !bits.empty() && std::none_of(bits.begin(), bits.end(), [](KeyUsageBit bit) {
        return bit == KeyUsageBit::digital_signature || bit == KeyUsageBit::key_encipherment ||
               bit == KeyUsageBit::key_agreement;
    });
}

}  // namespace

void key_encipherment_with_ec(const Draft& draft, Reporter& reporter) {
    for (std::size_t i = 0; i < draft.requests.size(); ++i) {
        const auto& planned = draft.plan.requests[i];
        const auto& usage = planned.key_usage;
        if (facts(planned.key.algorithm).family == KeyFamily::rsa) continue;
        if (std::find(usage.begin(), usage.end(), KeyUsageBit::key_encipherment) == usage.end()) continue;
        reporter.report({setting_key(draft, draft.requests[i], "certificate.key_usage"), ""},
                        {title(draft, planned), facts(planned.key.algorithm).name});
    }
}

void server_auth_missing(const Draft& draft, Reporter& reporter) {
    for_each_written(draft, [&](const DraftRequest& request, const RequestPlan& planned) {
        if (contains(planned.extended_key_usage, server_auth_oid)) return;
        // Without the extension a CA puts in what its profile says; only the Lync products insist.
        if (request.certificate->extended_key_usage->empty() && !is_lync(draft.farm)) return;
        reporter.report({setting_key(draft, request, extended_key_usage_setting), ""}, {title(draft, planned)});
    });
}

void not_for_tls_server(const Draft& draft, Reporter& reporter) {
    for (std::size_t i = 0; i < draft.requests.size(); ++i) {
        const auto& planned = draft.plan.requests[i];
        const auto unfit = unfit_usages(planned);
        const bool unusable = lacks_every_tls_bit(planned.key_usage);
        if (unfit.empty() && !unusable) continue;
        const std::string words =
            unusable ? "its key usage has neither digitalSignature nor keyEncipherment" : join(unfit, ", ");
        const bool of_key_usage = unusable || unfit.front().starts_with("key usage");
        const auto setting = of_key_usage ? "certificate.key_usage" : extended_key_usage_setting;
        auto& finding = reporter.report({setting_key(draft, draft.requests[i], setting), ""},
                                        {title(draft, planned), printable(words)});
        // Clients do not mind a usage too many; it is the public CAs that may not certify it. What an identifier
        // without a name is for, only its author knows.
        if (!unusable && (!draft.ca.publicly_trusted || only_unnamed(planned))) finding.severity = Severity::warning;
    }
}

void client_auth_public_ca(const Draft& draft, Reporter& reporter) {
    if (!draft.ca.client_auth_ends || draft.issued) return;
    const bool any_public = draft.ca.id == CertificateAuthority::public_ca;
    const auto last = to_text(*profile(CertificateAuthority::public_ca).client_auth_ends);
    const auto ending = "it issues no more from " + to_text(*draft.ca.client_auth_ends) +
                        (any_public ? " on" : " on, and no public CA from " + last + " on");
    const bool refused = draft.ca.refuses_client_auth && !issues_client_auth(draft.ca, draft.options.date);
    for (std::size_t i = 0; i < draft.requests.size(); ++i) {
        const auto& planned = draft.plan.requests[i];
        if (!contains(planned.extended_key_usage, client_auth_oid)) continue;
        auto& finding = reporter.report({setting_key(draft, draft.requests[i], extended_key_usage_setting), ""},
                                        {title(draft, planned), draft.ca.name, ending});
        finding.severity = refused ? Severity::error : Severity::warning;
        if (any_public)
            finding.source = draft.ca.client_auth_source;
        else
            finding.source.append("; ").append(draft.ca.client_auth_source);
    }
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
