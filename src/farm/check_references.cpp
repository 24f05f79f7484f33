#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "farm/checks.hpp"

namespace hsmreq::farm {
namespace {

std::string at(std::string_view list, std::size_t index, std::string_view key = "") {
    return std::string(list) + '[' + std::to_string(index) + ']' + std::string(key);
}

/// Names of one kind, of which no two may be equal in whatever case.
class UniqueNames {
public:
    UniqueNames(Reader& reader, std::string hint) : reader_(reader), hint_(std::move(hint)) {}

    void add(const std::string& name, const std::string& path) {
        if (name.empty()) return;
        if (!seen_.insert(to_lower(name)).second)
            reader_.complain_about(path, {backquoted(name) + " stands twice", hint_});
    }

private:
    Reader& reader_;
    std::string hint_;
    std::set<std::string> seen_;
};

void check_unique_topology(Reader& reader, const Farm& farm) {
    UniqueNames pools(reader, "Each pool has an external web FQDN of its own.");
    for (std::size_t i = 0; i < farm.pools.size(); ++i)
        pools.add(farm.pools[i].external_web_fqdn, at("pool", i, ".external_web_fqdn"));
    UniqueNames directors(reader, "Each Director or Director pool has an external web FQDN of its own.");
    for (std::size_t i = 0; i < farm.directors.size(); ++i)
        directors.add(farm.directors[i].external_web_fqdn, at("director", i, ".external_web_fqdn"));
    UniqueNames sites(reader, "Put the site's URLs into one [[simple_urls.site]].");
    for (std::size_t i = 0; i < farm.simple_urls.sites.size(); ++i)
        sites.add(farm.simple_urls.sites[i].name, at("simple_urls.site", i, ".name"));
}

void check_unique_requests(Reader& reader, const Farm& farm) {
    UniqueNames members(reader, "Upper and lower case count as one name; give each member its own.");
    for (std::size_t i = 0; i < farm.members.size(); ++i) members.add(farm.members[i].name, at("member", i, ".name"));
    UniqueNames requests(
        reader, "Upper and lower case count as one name, and the planned request has a name, too: " +
                    (farm.certificate.layout == Layout::combined ? farm.certificate.name
                                                                 : std::string("each pool's external web FQDN")) +
                    '.');
    if (farm.product != Product::generic) {
        if (farm.certificate.layout == Layout::combined) requests.add(farm.certificate.name, "certificate.name");
        // Pools with equal names were complained about already.
        std::set<std::string> pools;
        for (const auto& pool : farm.pools)
            if (farm.certificate.layout == Layout::per_pool && pools.insert(to_lower(pool.external_web_fqdn)).second)
                requests.add(pool.external_web_fqdn, "pool");
    }
    for (std::size_t i = 0; i < farm.requests.size(); ++i)
        requests.add(farm.requests[i].name, at("request", i, ".name"));
}

/// Looks names up among those that the file defines.
class Lookup {
public:
    Lookup(Reader& reader, std::string kind) : reader_(reader), kind_(std::move(kind)) {}

    void define(const std::string& name) { names_.insert(name); }

    void check(const std::string& name, const std::string& path) const {
        if (name.empty() || names_.contains(name) || reader_.failed(path)) return;
        if (reader_.full()) return reader_.complain({}, path, {});
        constexpr std::size_t listed = 8;
        constexpr std::size_t comparable = 64;
        const std::vector<std::string_view> known(names_.begin(), names_.end());
        const auto meant = known.size() > comparable ? std::string() : nearest(name, known);
        std::vector<std::string> some(known.begin(),
                                      known.begin() + static_cast<std::ptrdiff_t>(std::min(listed, known.size())));
        if (known.size() > listed) some.emplace_back("…");
        reader_.complain_about(path, {"no " + kind_ + " has the name " + backquoted(name),
                                      (meant.empty() ? "" : "Did you mean \"" + printable(meant) + "\"? ") +
                                          "Known: " + printable(join(some, ", ")) + '.'});
    }

private:
    Reader& reader_;
    std::string kind_;
    std::set<std::string> names_;
};

void check_member_references(Reader& reader, const Farm& farm) {
    if (farm.members.empty() || reader.failed("member")) return;
    Lookup members(reader, "[[member]]");
    Lookup token_members(reader, "[[member]] with a token");
    for (const auto& member : farm.members) {
        members.define(member.name);
        if (member.receives == Receives::token) token_members.define(member.name);
    }
    const auto check_list = [&](const std::vector<std::string>& names, const std::string& path) {
        for (std::size_t i = 0; i < names.size(); ++i) members.check(names[i], at(path, i));
    };
    for (std::size_t i = 0; i < farm.pools.size(); ++i) check_list(farm.pools[i].members, at("pool", i, ".members"));
    if (reader.has("key.generate_on")) token_members.check(farm.key.generate_on, "key.generate_on");
    for (std::size_t i = 0; i < farm.requests.size(); ++i) {
        check_list(farm.requests[i].members, at("request", i, ".members"));
        const auto path = at("request", i, ".key.generate_on");
        if (reader.has(path)) token_members.check(farm.requests[i].key.generate_on, path);
    }
}

void check_autodiscover_domains(Reader& reader, const Farm& farm) {
    if (!farm.mobility.domains || reader.failed("farm.sip_domains")) return;
    Lookup domains(reader, "SIP domain of farm.sip_domains");
    for (const auto& domain : farm.sip_domains) domains.define(to_lower(domain));
    for (std::size_t i = 0; i < farm.mobility.domains->size(); ++i)
        domains.check(to_lower((*farm.mobility.domains)[i]), at("mobility.autodiscover_domains", i));
}

}  // namespace

void check_references(Reader& reader, const Farm& farm) {
    check_unique_topology(reader, farm);
    check_unique_requests(reader, farm);
    check_member_references(reader, farm);
    check_autodiscover_domains(reader, farm);
}

}  // namespace hsmreq::farm
