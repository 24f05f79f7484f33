#include "workflow/init_farm.hpp"

#include <fmt/format.h>

#include <map>

#include "base/text.hpp"
#include "base/try.hpp"
#include "workflow/init_checks.hpp"
#include "workflow/init_questions.hpp"

namespace hsmreq::workflow {
namespace {

Error usage(std::string_view key, std::string what, std::string hint) {
    return {
        .code = ExitCode::usage, .what = std::move(what), .where = "--" + std::string(key), .hint = std::move(hint)};
}

/// A word that was checked before; the enumeration's first where nothing was answered.
template <class E>
E word(const Answers& answers, std::string_view key, E otherwise) {
    return from_name<E>(answers.text(key)).value_or(otherwise);
}

/// Whether an answer says more than the default does.
bool is_told(const Answers& answers, std::string_view key) {
    if (answers.is_given(key)) return true;
    const auto& question = *find_question(key);
    const auto usual = question.usual == nullptr ? Words{} : question.usual(answers);
    return answers.is_suggested(key) && answers.list(key) != usual;
}

bool is_subdomain(std::string_view name, std::string_view domain) {
    return name == domain || (name.ends_with(domain) && name[name.size() - domain.size() - 1] == '.');
}

/// The SIP domain that a meeting URL belongs to: its host lies in it, or its path begins with it. The longest counts.
std::string sip_domain_of(std::string_view url, const std::vector<std::string>& domains) {
    const auto lower = to_lower(url);
    const std::string_view rest = std::string_view(lower).substr(lower.find("://") + 3);
    const auto slash = rest.find('/');
    const auto path = slash == rest.npos ? std::string_view{} : rest.substr(slash + 1);
    std::string by_host;
    for (const auto& domain : domains) {
        const auto name = to_lower(domain);
        if (path.substr(0, path.find('/')) == name) return domain;
        if (is_subdomain(rest.substr(0, slash), name) && name.size() > by_host.size()) by_host = domain;
    }
    return by_host;
}

/// Index into SimpleUrls::meet by SIP domain in lower case.
using MeetIndex = std::map<std::string, std::size_t>;

Status add_meet(const std::string& entry, MeetIndex& index, Farm& farm) {
    auto [domain, url] = answer::domain_and_url(entry);
    if (domain.empty()) domain = sip_domain_of(url, farm.sip_domains);
    if (domain.empty())
        return usage("meet", fmt::format("{} does not tell which SIP domain it is for", printable(url)),
                     fmt::format("Write it as {}={}.", farm.sip_domains.empty() ? "contoso.com" : farm.sip_domains[0],
                                 printable(url)));
    auto& meet = farm.simple_urls.meet;
    const auto [place, is_new] = index.emplace(to_lower(domain), meet.size());
    if (is_new) meet.push_back({domain, {}});
    meet[place->second].urls.push_back(url);
    return {};
}

Status add_topology(const Answers& answers, const std::vector<SimpleUrlSite>& sites, Farm& farm) {
    farm.sip_domains = answers.list("sip-domain");
    for (const auto& entry : answers.list("pool")) {
        auto [name, backend] = answer::name_and_backend(entry);
        farm.pools.push_back({.external_web_fqdn = std::move(name), .backend = std::move(backend), .members = {}});
    }
    for (const auto& entry : answers.list("director")) {
        auto [name, backend] = answer::name_and_backend(entry);
        farm.directors.push_back({std::move(name), std::move(backend)});
    }
    MeetIndex index;
    for (const auto& entry : answers.list("meet")) TRY(add_meet(entry, index, farm));
    farm.simple_urls.dialin = answers.list("dialin");
    farm.simple_urls.sites = sites;
    farm.mobility.autodiscover = answers.text("autodiscover") != "no";
    if (answers.text("autodiscover") == "http") farm.mobility.over = AutodiscoverOver::http;
    farm.office_web_apps.external_fqdns = answers.list("office-web-apps");
    farm.certificate.extra_names = answers.list("extra-name");
    const auto common_name = answers.text("common-name");
    if (farm.pools.empty() || to_lower(farm.pools.front().external_web_fqdn) != to_lower(common_name))
        farm.certificate.common_name = common_name;
    return {};
}

void add_certificate(const Answers& answers, CertificateSettings& certificate) {
    certificate.friendly_name = answers.text("friendly-name");
    certificate.description = answers.text("description");
    certificate.subject = {answers.text("country"), answers.text("state"), answers.text("locality"),
                           answers.text("organization"), answers.text("organizational-unit")};
    if (is_told(answers, "key-usage")) {
        auto& bits = certificate.key_usage.emplace();
        for (const auto& name : answers.list("key-usage")) bits.push_back(*from_name<KeyUsageBit>(name));
    }
    if (is_told(answers, "extended-key-usage")) certificate.extended_key_usage = answers.list("extended-key-usage");
    certificate.default_extensions = word(answers, "default-extensions", DefaultExtensions::ca);
    certificate.file_format = word(answers, "file-format", FileFormat::base64);
    if (const auto name = answers.text("file-name"); !name.empty()) certificate.file_name = name;
    certificate.ad_cs_template = answers.text("template");
}

void add_key(const Answers& answers, KeySettings& key) {
    key.algorithm = word(answers, "algorithm", KeyAlgorithm::rsa_2048);
    key.hash = word(answers, "hash", Hash::sha256);
    const bool rsa = facts(key.algorithm).family == KeyFamily::rsa;
    const auto purpose = word(answers, "purpose", KeyPurpose::exchange);
    if (rsa ? purpose != KeyPurpose::exchange : answers.is_given("purpose")) key.purpose = purpose;
    key.private_key = word(answers, "private-key", PrivateKeyPolicy::non_exportable);
    key.sharing = word(answers, "sharing", Sharing::per_member);
}

/// A URI without a member's name is everybody's.
Status add_members(const Answers& answers, Farm& farm) {
    for (const auto& name : answers.list("member"))
        farm.members.push_back({.name = name,
                                .module = answers.text("module"),
                                .uri = {},
                                .pin_source = answers.text("pin-source"),
                                .server = {}});
    for (const auto& entry : answers.list("token-uri")) {
        const auto [name, uri] = answer::member_and_uri(entry);
        bool used = false;
        for (auto& member : farm.members) {
            if (!name.empty() && member.name != name) continue;
            used = true;
            if (name.empty() && !member.uri.empty()) continue;
            if (!member.uri.empty())
                return usage("token-uri", fmt::format("{} has two tokens", name), "Give each member one.");
            member.uri = uri;
        }
        if (!used) return usage("token-uri", fmt::format("there is no member {}", name), "Name it among the members.");
    }
    for (const auto& member : farm.members)
        if (member.uri.empty())
            return usage(
                "token-uri", fmt::format("{} has no token", member.name),
                fmt::format("Add {0}=pkcs11:token={0}, or the URI that p11-kit list-tokens shows.", member.name));
    return {};
}

}  // namespace

Result<Farm> make_farm(const Answers& answers, const std::vector<SimpleUrlSite>& sites) {
    Farm farm;
    farm.name = answers.text("name");
    farm.product = word(answers, "product", Product::lync_server_2013);
    farm.ca = word(answers, "ca", CertificateAuthority::public_ca);
    if (farm.product != Product::generic) TRY(add_topology(answers, sites, farm));
    add_certificate(answers, farm.certificate);
    add_key(answers, farm.key);
    TRY(add_members(answers, farm));
    if (farm.product != Product::generic) return farm;
    RequestEntry request;
    request.name = answers.text("request-name");
    request.common_name = answers.text("common-name");
    request.names = answers.list("dns-name");
    request.certificate = farm.certificate;
    request.key = farm.key;
    farm.requests.push_back(std::move(request));
    return farm;
}

}  // namespace hsmreq::workflow
