#include "farm/write.hpp"

#include <algorithm>

#include "farm/toml_text.hpp"
#include "farm/values.hpp"

namespace hsmreq::farm {
namespace {

/// "a | b | c": the enumeration's other words, for the comment beside its key.
template <class E>
std::string words_but(E chosen) {
    std::string text;
    for (const auto& row : named<E>)
        if (row.value != chosen) text += (text.empty() ? "or " : " | ") + std::string(row.name);
    return text;
}

template <class E>
void word(TomlText& out, std::string_view name, E value) {
    out.text(name, to_name(value), words_but(value));
}

/// Writes a key only when its value is not the default.
class Optional {
public:
    explicit Optional(TomlText& out) : out_(out) {}

    void text(std::string_view name, const std::string& value, std::string_view usual = {}) {
        if (value != usual) out_.text(name, value);
    }
    void list(std::string_view name, const std::vector<std::string>& values, std::string_view remark = {}) {
        if (!values.empty()) out_.list(name, values, remark);
    }
    void flag(std::string_view name, bool value, bool usual) {
        if (value != usual) out_.flag(name, value);
    }
    template <class E>
    void word(std::string_view name, E value, E usual) {
        if (value != usual) farm::word(out_, name, value);
    }

private:
    TomlText& out_;
};

Optional section(TomlText& out, std::string_view header, std::string_view remark = {}) {
    out.header(header, remark);
    return Optional(out);
}

void write_identity(TomlText& out, const Farm& farm) {
    out.header("[farm]");
    out.text("name", farm.name, "part of every key's identity: changing it means new keys");
    word(out, "product", farm.product);
    if (!farm.sip_domains.empty()) out.list("sip_domains", farm.sip_domains);
    word(out, "ca", farm.ca);
}

void write_pools(TomlText& out, const Farm& farm) {
    const Pool usual;
    for (const auto& pool : farm.pools) {
        auto optional = section(out, "[[pool]]", "a Front End pool or Standard Edition server with remote users");
        out.text("external_web_fqdn", pool.external_web_fqdn);
        optional.text("backend", pool.backend);
        optional.list("members", pool.members);
        optional.text("listen", pool.listen, usual.listen);
    }
    for (const auto& director : farm.directors) {
        out.header("[[director]]");
        out.text("external_web_fqdn", director.external_web_fqdn);
        Optional(out).text("backend", director.backend);
    }
}

void write_simple_urls(TomlText& out, const SimpleUrls& urls) {
    if (!urls.dialin.empty() || !urls.admin.empty() || !urls.backend.empty()) {
        auto optional = section(out, "[simple_urls]");
        optional.list("dialin", urls.dialin, "one for the organisation");
        optional.list("admin", urls.admin);
        optional.text("backend", urls.backend);
    }
    if (!urls.meet.empty()) out.header("[simple_urls.meet]", "every SIP domain has at least one; quote the domain");
    for (const auto& meet : urls.meet) out.list(meet.sip_domain, meet.urls);
    for (const auto& site : urls.sites) {
        auto optional = section(out, "[[simple_urls.site]]", "a central site's own URLs");
        out.text("name", site.name);
        optional.list("meet", site.meet);
        optional.list("dialin", site.dialin);
    }
}

void write_mobility(TomlText& out, const Mobility& mobility) {
    auto optional = section(out, "[mobility]");
    out.flag("autodiscover", mobility.autodiscover, "lyncdiscover.DOMAIN for every SIP domain");
    optional.word("autodiscover_over", mobility.over, AutodiscoverOver::https);
    if (mobility.domains) out.list("autodiscover_domains", *mobility.domains);
    optional.text("backend", mobility.backend);
}

void write_office_web_apps(TomlText& out, const OfficeWebApps& office) {
    if (office.external_fqdns.empty() && office.backend.empty()) return;
    out.header("[office_web_apps]");
    out.list("external_fqdns", office.external_fqdns);
    Optional(out).text("backend", office.backend);
}

void write_exchange(TomlText& out, const Exchange& exchange) {
    if (exchange.autodiscover_fqdns.empty() && exchange.web_services_fqdns.empty() && exchange.backend.empty() &&
        !exchange.on_this_certificate)
        return;
    auto optional = section(out, "[exchange]");
    optional.list("autodiscover_fqdns", exchange.autodiscover_fqdns);
    optional.list("web_services_fqdns", exchange.web_services_fqdns);
    optional.text("backend", exchange.backend);
    out.flag("on_this_certificate", exchange.on_this_certificate);
}

void write_edge(TomlText& out, const Edge& edge) {
    auto optional = section(out, "[edge]", "one certificate for Edge Servers and proxies");
    out.text("access_fqdn", edge.access_fqdn);
    optional.text("web_conferencing_fqdn", edge.web_conferencing_fqdn);
    optional.list("xmpp_domains", edge.xmpp_domains);
    optional.list("online_sip_domains", edge.online_sip_domains);
    optional.flag("pooled", edge.pooled, false);
    optional.word("server_keys", edge.server_keys, ServerKeys::pfx);
}

void write_topology(TomlText& out, const Farm& farm) {
    if (farm.product == Product::generic) return;
    write_pools(out, farm);
    write_simple_urls(out, farm.simple_urls);
    write_mobility(out, farm.mobility);
    write_office_web_apps(out, farm.office_web_apps);
    write_exchange(out, farm.exchange);
    if (farm.edge) write_edge(out, *farm.edge);
}

void write_subject(TomlText& out, std::string_view header, const SubjectFields& subject, const SubjectFields& usual) {
    if (subject == usual) return;
    auto optional = section(out, header);
    optional.text("country", subject.country, usual.country);
    optional.text("state", subject.state, usual.state);
    optional.text("locality", subject.locality, usual.locality);
    optional.text("organization", subject.organization, usual.organization);
    optional.text("organizational_unit", subject.organizational_unit, usual.organizational_unit);
}

std::vector<std::string> words_of(const std::vector<KeyUsageBit>& bits) {
    std::vector<std::string> words;
    for (const auto bit : bits) words.emplace_back(to_name(bit));
    return words;
}

/// The keys that [certificate] and [request.certificate] share, where they differ from `usual`.
void write_settings(TomlText& out, const CertificateSettings& settings, const CertificateSettings& usual) {
    Optional optional(out);
    optional.text("friendly_name", settings.friendly_name, usual.friendly_name);
    optional.text("description", settings.description, usual.description);
    if (settings.key_usage && settings.key_usage != usual.key_usage)
        out.list("key_usage", words_of(*settings.key_usage), "always critical");
    if (settings.extended_key_usage && settings.extended_key_usage != usual.extended_key_usage)
        out.list("extended_key_usage", *settings.extended_key_usage, "never critical");
    optional.word("default_extensions", settings.default_extensions, usual.default_extensions);
    optional.word("file_format", settings.file_format, usual.file_format);
    optional.text("file_name", settings.file_name, usual.file_name);
    optional.text("ad_cs_template", settings.ad_cs_template, usual.ad_cs_template);
}

void write_certificate(TomlText& out, const CertificateSettings& settings) {
    const CertificateSettings usual;
    auto optional = section(out, "[certificate]");
    optional.word("layout", settings.layout, usual.layout);
    optional.text("name", settings.name, usual.name);
    optional.word("shared_names", settings.shared_names, usual.shared_names);
    optional.text("common_name", settings.common_name);
    optional.list("extra_names", settings.extra_names, "beside those that the topology gives");
    optional.list("wildcard_for", settings.wildcard_for);
    write_settings(out, settings, usual);
    write_subject(out, "[certificate.subject]", settings.subject, usual.subject);
}

void write_key(TomlText& out, const KeySettings& key) {
    const KeySettings usual;
    auto optional = section(out, "[key]");
    word(out, "algorithm", key.algorithm);
    optional.word("hash", key.hash, usual.hash);
    if (key.purpose) out.text("purpose", to_name(*key.purpose), "signature keys never decrypt");
    word(out, "private_key", key.private_key);
    out.text("sharing", to_name(key.sharing),
             key.sharing == Sharing::per_member ? "each member has its own key and certificate"
                                                : "one key and certificate for all members");
    optional.text("generate_on", key.generate_on);
    optional.text("label", key.label, usual.label);
    optional.text("wrapping_key", key.wrapping_key);
}

/// The value that all members with a token share; "" when they don't.
std::string shared_value(const std::vector<Member>& members, std::string Member::*field) {
    std::string shared;
    for (const auto& member : members) {
        if (member.receives == Receives::pfx) continue;
        if (shared.empty()) shared = member.*field;
        if (shared != member.*field) return {};
    }
    return shared;
}

void write_members(TomlText& out, const std::vector<Member>& members) {
    const auto module = shared_value(members, &Member::module);
    const auto pin_source = shared_value(members, &Member::pin_source);
    if (!module.empty() || !pin_source.empty()) out.header("[token]", "what every member takes over");
    Optional token(out);
    token.text("module", module);
    if (!pin_source.empty()) out.text("pin_source", pin_source, "no PIN is ever written into this file");
    for (const auto& member : members) {
        auto optional = section(out, "[[member]]");
        out.text("name", member.name);
        const bool has_token = member.receives == Receives::token;
        if (has_token) optional.text("module", member.module, module);
        if (has_token) optional.text("uri", member.uri);
        if (has_token) optional.text("pin_source", member.pin_source, pin_source);
        optional.word("role", member.role, MemberRole::reverse_proxy);
        optional.word("receives", member.receives, Receives::token);
        if (member.server) word(out, "server", *member.server);
    }
}

void write_request_key(TomlText& out, const KeySettings& key, const KeySettings& usual) {
    auto optional = section(out, "[request.key]");
    optional.word("algorithm", key.algorithm, usual.algorithm);
    optional.word("hash", key.hash, usual.hash);
    if (key.purpose && key.purpose != usual.purpose) out.text("purpose", to_name(*key.purpose));
    optional.word("private_key", key.private_key, usual.private_key);
    optional.word("sharing", key.sharing, usual.sharing);
    optional.text("generate_on", key.generate_on, usual.generate_on);
    optional.text("label", key.label, usual.label);
    optional.text("wrapping_key", key.wrapping_key, usual.wrapping_key);
    optional.text("uri", key.uri);
}

void write_requests(TomlText& out, const Farm& farm) {
    for (const auto& request : farm.requests) {
        auto optional = section(out, "[[request]]", "one certificate, or one for each member");
        out.text("name", request.name);
        optional.text("common_name", request.common_name);
        optional.list("names", request.names);
        optional.list("members", request.members);
        out.header("[request.certificate]");
        write_settings(out, request.certificate, farm.certificate);
        write_subject(out, "[request.certificate.subject]", request.certificate.subject, farm.certificate.subject);
        write_request_key(out, request.key, farm.key);
    }
}

void write_rest(TomlText& out, const Farm& farm) {
    if (!farm.evidence.key.empty()) {
        auto optional = section(out, "[evidence]");
        out.text("key", farm.evidence.key);
        optional.text("module", farm.evidence.module);
        optional.text("pin_source", farm.evidence.pin_source);
    }
    if (!farm.trust.internal_roots.empty() || !farm.trust.issuing_roots.empty()) {
        auto optional = section(out, "[trust]");
        optional.list("internal_roots", farm.trust.internal_roots);
        optional.list("issuing_roots", farm.trust.issuing_roots);
    }
    if (!farm.rules.weak_key_list.empty()) {
        out.header("[rules]");
        out.text("weak_key_list", farm.rules.weak_key_list);
    }
    for (const auto& accepted : farm.rules.accept) {
        auto optional = section(out, "[[rules.accept]]");
        out.text("finding", accepted.finding);
        optional.text("name", accepted.name);
        out.text("reason", accepted.reason);
        optional.text("until", accepted.until);
    }
}

}  // namespace

std::string write_farm(const FarmText& text) {
    TomlText out;
    for (const auto& line : text.preamble) out.comment(line);
    const auto& farm = text.farm;
    write_identity(out, farm);
    write_topology(out, farm);
    write_certificate(out, farm.certificate);
    write_key(out, farm.key);
    write_members(out, farm.members);
    write_requests(out, farm);
    write_rest(out, farm);
    return out.take();
}

}  // namespace hsmreq::farm
