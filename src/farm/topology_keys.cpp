#include "farm/topology_keys.hpp"

#include <set>

#include "base/text.hpp"

namespace hsmreq::farm {
namespace {

/// The name that the reader typed without quotes: TOML takes its dots for tables within tables.
std::string unquoted_domain(const Entry& entry) {
    std::string domain = entry.key;
    const auto* value = &entry.value;
    while (value->kind == Kind::table && !value->entries.empty()) {
        domain += '.' + value->entries.front().key;
        value = &value->entries.front().value;
    }
    return domain;
}

void read_meet_domain(const Field& table, const Entry& entry, SimpleUrls& target) {
    constexpr std::size_t domain_limit = 253;
    if (entry.value.kind == Kind::table) {
        const auto domain = unquoted_domain(entry);
        table.reader.complain(entry.at, table.path,
                              {"the domain " + backquoted(domain) + " without quotes",
                               "TOML takes its dots for sections; quote it: \"" + printable(domain) +
                                   "\" = [\"https://meet." + printable(domain) + "\"]."});
        return;
    }
    if (entry.key.empty() || entry.key.size() > domain_limit || no_control_characters(entry.key)) {
        table.reader.complain(
            entry.at, table.path,
            {backquoted(entry.key) + " can't be a SIP domain", "Write a domain of farm.sip_domains, in quotes."});
        return;
    }
    auto& urls = target.meet.emplace_back();
    urls.sip_domain = entry.key;
    read_list(table.entry(entry), urls.urls, not_empty, Repeats::refused);
}

}  // namespace

void read_meet(const Field& field, SimpleUrls& target) {
    if (!field.expect(Kind::table)) return;
    std::set<std::string> seen;
    for (const auto& entry : field.value.entries) {
        if (!seen.insert(to_lower(entry.key)).second)
            field.reader.complain(entry.at, field.path,
                                  {"the domain " + backquoted(entry.key) + " stands twice",
                                   "Upper and lower case are one domain: put all its URLs in one list."});
        read_meet_domain(field, entry, target);
    }
}

void read_meet_pattern(const Field& field, SimpleUrls& target) {
    // Expanded into one entry per SIP domain once they are all known.
    std::string pattern;
    read_text(field, pattern, meet_pattern);
    if (field.reader.failed(field.path)) return;
    target.meet.push_back({.sip_domain = "", .urls = {pattern}});
}

void read_edge(const Field& field, Farm& target) {
    read_table<edge_keys>(field, target.edge.emplace());
}

}  // namespace hsmreq::farm
