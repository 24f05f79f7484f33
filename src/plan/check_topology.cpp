#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_set>

#include "base/text.hpp"
#include "plan/checks.hpp"

namespace hsmreq::plan::check {
namespace {

using Domains = std::unordered_set<std::string>;

std::string domain_value(std::string_view written) {
    return read_host_name(written).value;
}

/// The SIP domains that a site's meeting URLs can be meant for: those above the host, and the path's first part
/// (https://lync.contoso.com/fabrikam.com/Meet).
void add_domains_of_site_url(const SimpleUrl& url, Domains& domains) {
    const auto host = domain_value(url.host);
    for (std::string_view rest = host; !rest.empty(); rest = parent_domain(rest)) domains.emplace(rest);
    if (url.path.size() > 1) domains.insert(domain_value(url.path.substr(1, url.path.find('/', 1) - 1)));
}

Domains domains_with_meet(const SimpleUrls& urls) {
    Domains domains;
    for (const auto& [sip_domain, meet] : urls.meet)
        if (!meet.empty()) domains.insert(domain_value(sip_domain));
    for (const auto& site : urls.sites)
        for (const auto& url : site.meet) add_domains_of_site_url(split_simple_url(url), domains);
    return domains;
}

}  // namespace

void sip_domain_without_meet(const Draft& draft, Reporter& reporter) {
    if (!is_lync(draft.farm)) return;
    const auto covered = domains_with_meet(draft.farm.simple_urls);
    const auto& domains = draft.farm.sip_domains;
    for (std::size_t i = 0; i < domains.size(); ++i)
        if (const auto value = domain_value(domains[i]); !covered.contains(value))
            reporter.report({fmt::format("farm.sip_domains[{}]", i), value}, {quoted(domains[i])});
}

void meet_for_unknown_sip_domain(const Draft& draft, Reporter& reporter) {
    Domains known;
    for (const auto& domain : draft.farm.sip_domains) known.insert(domain_value(domain));
    for (const auto& [sip_domain, urls] : draft.farm.simple_urls.meet)
        if (const auto value = domain_value(sip_domain); !known.contains(value))
            reporter.report({fmt::format("simple_urls.meet.\"{}\"", sip_domain), value}, {quoted(sip_domain)});
}

void admin_url_published(const Draft& draft, Reporter& reporter) {
    const auto& urls = draft.farm.simple_urls.admin;
    for (std::size_t i = 0; i < urls.size(); ++i)
        reporter.report({fmt::format("simple_urls.admin[{}]", i), domain_value(split_simple_url(urls[i]).host)},
                        {quoted(urls[i])});
}

void director_equals_pool(const Draft& draft, Reporter& reporter) {
    Domains pools;
    for (const auto& pool : draft.farm.pools) pools.insert(domain_value(pool.external_web_fqdn));
    const auto& directors = draft.farm.directors;
    for (std::size_t i = 0; i < directors.size(); ++i)
        if (const auto value = domain_value(directors[i].external_web_fqdn); pools.contains(value))
            reporter.report({fmt::format("director[{}].external_web_fqdn", i), value}, {quoted(value)});
}

void exchange_not_covered(const Draft& draft, Reporter& reporter) {
    const auto& exchange = draft.farm.exchange;
    if (exchange.on_this_certificate) return;
    auto names = exchange.autodiscover_fqdns;
    names.insert(names.end(), exchange.web_services_fqdns.begin(), exchange.web_services_fqdns.end());
    if (names.empty()) return;
    constexpr std::size_t shown = 3;
    const auto further = names.size() - std::min(names.size(), shown);
    names.resize(names.size() - further);
    const auto more = further == 0 ? "" : fmt::format(" and {} more", further);
    reporter.report({"exchange", ""}, {printable(join(names, ", ")) + more});
}

void wildcard_unused(const Draft& draft, Reporter& reporter) {
    if (draft.wildcard_domains.empty()) return;
    std::unordered_set<std::string_view> planned;
    for (const auto& request : draft.plan.requests)
        for (const auto& name : request.subject_alternative_names) planned.insert(name.value);
    const auto& written = draft.farm.certificate.wildcard_for;
    for (std::size_t i = 0; i < written.size(); ++i) {
        const auto value = domain_value(written[i]);
        const auto wildcard = value.starts_with("*.") ? value : "*." + value;
        if (!planned.contains(wildcard))
            reporter.report({fmt::format("certificate.wildcard_for[{}]", i), value}, {quoted(written[i])});
    }
}

void edge_xmpp_form(const Draft& draft, Reporter& reporter) {
    if (draft.farm.edge && !draft.farm.edge->xmpp_domains.empty())
        reporter.report({"edge.xmpp_domains", ""}, {quoted(draft.farm.edge->xmpp_domains.front())});
}

void edge_av_name(const Draft& draft, Reporter& reporter) {
    if (draft.farm.edge) reporter.report({"edge", ""}, {});
}

void all_sip_domain(const Draft& draft, Reporter& reporter) {
    const auto domains = draft.farm.sip_domains.size();
    if (draft.farm.edge && domains > 1) reporter.report({"farm.sip_domains", ""}, {std::to_string(domains)});
}

void edge_av_roll(const Draft& draft, Reporter& reporter) {
    if (draft.farm.edge) reporter.report({"edge", ""}, {});
}

}  // namespace hsmreq::plan::check
