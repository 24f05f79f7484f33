#include "plan/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace hsmreq::plan {
namespace {

/// Collects names: equal ones join their reasons.
class NameList {
public:
    void add(const HostName& host, Reason reason) {
        const auto [place, is_new] = index_.try_emplace(host.value, names_.size());
        if (is_new) names_.push_back({host.type, host.value, {}});
        auto& reasons = names_[place->second].reasons;
        const auto word = reason_words[static_cast<std::size_t>(reason)];
        if (std::find(reasons.begin(), reasons.end(), word) == reasons.end()) reasons.emplace_back(word);
    }

    std::vector<PlannedName> take() { return std::move(names_); }

private:
    std::vector<PlannedName> names_;
    std::unordered_map<std::string, std::size_t> index_;
};

bool may_be_covered_by_wildcard(Reason reason) {
    return reason == Reason::meet || reason == Reason::dialin || reason == Reason::autodiscover;
}

/// Appends wishes of one reason, with "KEY[i]" as their key paths.
class WishList {
public:
    void add(Reason reason, std::string written, std::string key) {
        wishes_.push_back({reason, std::move(written), std::move(key)});
    }
    void add_all(Reason reason, const std::vector<std::string>& names, std::string_view key,
                 std::string_view prefix = "") {
        for (std::size_t i = 0; i < names.size(); ++i)
            add(reason, fmt::format("{}{}", prefix, names[i]), fmt::format("{}[{}]", key, i));
    }
    std::vector<Wish> take() { return std::move(wishes_); }

private:
    std::vector<Wish> wishes_;
};

void wish_pools(const Farm& farm, const Pool* only, WishList& list) {
    const auto first = only ? static_cast<std::size_t>(only - farm.pools.data()) : 0;
    const auto end = only ? first + 1 : farm.pools.size();
    for (auto i = first; i < end; ++i)
        list.add(Reason::pool, farm.pools[i].external_web_fqdn, fmt::format("pool[{}].external_web_fqdn", i));
}

void wish_shared_names(const Draft& draft, WishList& list) {
    const auto& farm = draft.farm;
    for (std::size_t i = 0; i < farm.directors.size(); ++i)
        list.add(Reason::director, farm.directors[i].external_web_fqdn,
                 fmt::format("director[{}].external_web_fqdn", i));
    for (const auto kind : {FarmUrl::Kind::meet, FarmUrl::Kind::dialin})
        for (const auto& url : draft.simple_urls)
            if (url.kind == kind)
                list.add(kind == FarmUrl::Kind::meet ? Reason::meet : Reason::dialin, url.parts.host, url.key);
    list.add_all(Reason::office_web_apps, farm.office_web_apps.external_fqdns, "office_web_apps.external_fqdns");
    if (farm.exchange.on_this_certificate) {
        list.add_all(Reason::exchange, farm.exchange.autodiscover_fqdns, "exchange.autodiscover_fqdns");
        list.add_all(Reason::exchange, farm.exchange.web_services_fqdns, "exchange.web_services_fqdns");
    }
    const auto& mobility = farm.mobility;
    if (!mobility.autodiscover || mobility.over == AutodiscoverOver::http) return;
    constexpr std::string_view host = "lyncdiscover.";
    if (mobility.domains)
        list.add_all(Reason::autodiscover, *mobility.domains, "mobility.autodiscover_domains", host);
    else
        list.add_all(Reason::autodiscover, farm.sip_domains, "farm.sip_domains", host);
}

void wish_edge(const Farm& farm, WishList& list) {
    const auto& edge = *farm.edge;
    list.add(Reason::edge_access, edge.access_fqdn, "edge.access_fqdn");
    if (!edge.web_conferencing_fqdn.empty())
        list.add(Reason::edge_web_conferencing, edge.web_conferencing_fqdn, "edge.web_conferencing_fqdn");
    list.add_all(Reason::edge_sip, farm.sip_domains, "farm.sip_domains", "sip.");
    list.add_all(Reason::edge_sip, edge.online_sip_domains, "edge.online_sip_domains", "sip.");
    list.add_all(Reason::edge_xmpp, edge.xmpp_domains, "edge.xmpp_domains");
}

void read_urls(FarmUrl::Kind kind, const std::vector<std::string>& urls, const std::string& key,
               std::vector<FarmUrl>& out) {
    for (std::size_t i = 0; i < urls.size(); ++i)
        out.push_back({kind, urls[i], fmt::format("{}[{}]", key, i), split_simple_url(urls[i])});
}

}  // namespace

std::vector<FarmUrl> read_simple_urls(const SimpleUrls& urls) {
    std::vector<FarmUrl> all;
    for (const auto& [sip_domain, meet] : urls.meet)
        read_urls(FarmUrl::Kind::meet, meet, fmt::format("simple_urls.meet.\"{}\"", sip_domain), all);
    read_urls(FarmUrl::Kind::dialin, urls.dialin, "simple_urls.dialin", all);
    for (std::size_t i = 0; i < urls.sites.size(); ++i) {
        read_urls(FarmUrl::Kind::meet, urls.sites[i].meet, fmt::format("simple_urls.site[{}].meet", i), all);
        read_urls(FarmUrl::Kind::dialin, urls.sites[i].dialin, fmt::format("simple_urls.site[{}].dialin", i), all);
    }
    return all;
}

std::vector<Wish> topology_wishes(const Draft& draft, const Coverage& coverage) {
    WishList list;
    wish_pools(draft.farm, coverage.pool, list);
    if (coverage.shared_names) wish_shared_names(draft, list);
    if (coverage.edge) wish_edge(draft.farm, list);
    if (coverage.shared_names)
        list.add_all(Reason::extra, draft.farm.certificate.extra_names, "certificate.extra_names");
    return list.take();
}

void read_wildcard_domains(Draft& draft) {
    const auto& written = draft.farm.certificate.wildcard_for;
    for (std::size_t i = 0; i < written.size(); ++i) {
        const auto key = fmt::format("certificate.wildcard_for[{}]", i);
        const auto& domain = draft.names.read(written[i], key).host;
        draft.wildcard_domains.try_emplace(domain.wildcard ? domain.value.substr(2) : domain.value, key);
    }
}

std::vector<PlannedName> planned_names(Draft& draft, const std::vector<Wish>& wishes) {
    const auto& wildcards = draft.wildcard_domains;
    std::vector<const HostName*> hosts;
    hosts.reserve(wishes.size());
    std::unordered_set<std::string_view> written_out;
    for (const auto& wish : wishes) {
        hosts.push_back(&draft.names.read(wish.written, wish.key).host);
        if (!may_be_covered_by_wildcard(wish.reason)) written_out.insert(hosts.back()->value);
    }
    NameList names;
    for (std::size_t i = 0; i < wishes.size(); ++i) {
        const HostName* host = hosts[i];
        const auto covered = may_be_covered_by_wildcard(wishes[i].reason) && host->type == NameType::dns &&
                                     !written_out.contains(host->value)
                                 ? wildcards.find(std::string(parent_domain(host->value)))
                                 : wildcards.end();
        if (covered != wildcards.end()) host = &draft.names.read("*." + covered->first, covered->second).host;
        names.add(*host, wishes[i].reason);
    }
    return names.take();
}

}  // namespace hsmreq::plan
