#include "workflow/init_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "base/text.hpp"
#include "farm/lync_topology.hpp"
#include "hsmreq/plan.hpp"
#include "workflow/init_checks.hpp"
#include "workflow/init_questions.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::string_view server_auth = "1.3.6.1.5.5.7.3.1";

/// Takes the words that will do as suggestions and lists the others as left out.
class Suggester {
public:
    Suggester(Import& into, const std::string& file) : into_(into), file_(file) {}

    /// An empty list suggests "none", where that can be an answer.
    void list(std::string_view key, const Words& words) {
        const auto& question = *find_question(key);
        Words good;
        for (const auto& word : words) {
            const auto answer = interpret(question, {word});
            if (answer)
                good.insert(good.end(), answer->begin(), answer->end());
            else
                leave_out(key, word, answer.error());
        }
        if (!good.empty() || !question.required) into_.answers.suggest(key, std::move(good));
    }

    void text(std::string_view key, const std::string& word) {
        if (!word.empty()) list(key, {word});
    }

private:
    void leave_out(std::string_view key, const std::string& word, const Error& error) {
        into_.unplaced.push_back({file_, std::string(find_question(key)->title), word, error.what + ". " + error.hint});
    }

    Import& into_;
    const std::string& file_;
};

std::string with_backend(const std::string& name, const std::string& backend) {
    return backend.empty() ? name : name + '=' + backend;
}

Words all_meet_urls(const farm::LyncTopology& topology) {
    Words urls;
    for (const auto& meet : topology.simple_urls.meet)
        for (const auto& url : meet.urls) urls.push_back(meet.sip_domain + '=' + url);
    return urls;
}

/// The name behind "LABEL." when the name begins so.
std::string behind(std::string_view label, const std::string& name) {
    return name.starts_with(label) && name.size() > label.size() ? name.substr(label.size()) : std::string{};
}

/// What the names of a certificate tell about the topology behind them.
struct Guess {
    Words sip_domains;
    Words meet;
    Words dialin;
    Words directors;
    Words office_web_apps;
    bool autodiscover = false;
};

bool contains(const Words& words, const std::string& word) {
    return std::ranges::find(words, word) != words.end();
}

Guess guess(const Words& names) {
    Guess found;
    for (const auto& name : names)
        if (auto domain = behind("lyncdiscover.", name); !domain.empty()) {
            found.autodiscover = true;
            found.sip_domains.push_back(std::move(domain));
        }
    for (const auto& name : names) {
        if (auto domain = behind("meet.", name); !domain.empty()) {
            found.meet.push_back(fmt::format("{}=https://{}", domain, name));
            if (!found.autodiscover) found.sip_domains.push_back(std::move(domain));
        } else if (name.starts_with("dialin.")) {
            found.dialin.push_back("https://" + name);
        } else if (name.starts_with("webdir")) {
            found.directors.push_back(name);
        } else if (name.starts_with("officewebapps")) {
            found.office_web_apps.push_back(name);
        }
    }
    // A meeting name that stands for no SIP domain is a further name; a domain without one gets the usual.
    const std::set<std::string> domains(found.sip_domains.begin(), found.sip_domains.end());
    std::erase_if(found.meet,
                  [&](const std::string& entry) { return !domains.contains(answer::domain_and_url(entry).name); });
    const std::set<std::string> known(found.meet.begin(), found.meet.end());
    for (const auto& domain : found.sip_domains)
        if (const auto entry = fmt::format("{0}=https://meet.{0}", domain); !known.contains(entry))
            found.meet.push_back(entry);
    return found;
}

std::string host_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme != url.npos) url.remove_prefix(scheme + 3);
    return to_lower(url.substr(0, url.find_first_of("/:")));
}

/// The names that the suggested topology gives by itself.
std::set<std::string> covered(const Answers& answers) {
    std::set<std::string> names{to_lower(answers.text("common-name"))};
    for (const std::string_view key : {"pool", "director"})
        for (const auto& entry : answers.list(key)) names.insert(to_lower(answer::name_and_backend(entry).name));
    for (const auto& entry : answers.list("meet")) names.insert(host_of(answer::domain_and_url(entry).rest));
    for (const auto& url : answers.list("dialin")) names.insert(host_of(url));
    for (const auto& name : answers.list("office-web-apps")) names.insert(to_lower(name));
    if (answers.text("autodiscover") != "http")
        for (const auto& domain : answers.list("sip-domain")) names.insert("lyncdiscover." + to_lower(domain));
    return names;
}

void suggest_topology(const Guess& found, Suggester& suggest) {
    suggest.text("product", std::string(to_name(Product::lync_server_2013)));
    suggest.list("sip-domain", found.sip_domains);
    suggest.list("director", found.directors);
    suggest.list("meet", found.meet);
    suggest.list("dialin", found.dialin);
    suggest.list("office-web-apps", found.office_web_apps);
    suggest.text("autodiscover", found.autodiscover ? "https" : "http");
}

void import_names(const InfInspection& inf, Suggester& suggest, Import& into) {
    Words names;
    std::ranges::transform(inf.dns_names, std::back_inserter(names), to_lower);
    const bool has_topology = into.answers.is_suggested("sip-domain");
    const auto found = guess(names);
    if (!has_topology && found.sip_domains.empty()) {
        suggest.text("product", std::string(to_name(Product::generic)));
        names.insert(names.end(), inf.ip_addresses.begin(), inf.ip_addresses.end());
        return suggest.list("dns-name", names);
    }
    if (!has_topology) {
        suggest.text("pool", into.answers.text("common-name"));
        suggest_topology(found, suggest);
    }
    const auto known = covered(into.answers);
    Words further;
    std::ranges::copy_if(names, std::back_inserter(further), [&](const auto& name) { return !known.contains(name); });
    further.insert(further.end(), inf.ip_addresses.begin(), inf.ip_addresses.end());
    if (!further.empty()) suggest.list("extra-name", further);
}

/// Without the bits that no TLS server's certificate may have; inf.findings tells of those.
Words key_usage_of(const InfInspection& inf) {
    const auto family = inf.algorithm ? facts(*inf.algorithm).family : KeyFamily::rsa;
    Words words;
    for (const auto bit : inf.key_usage.value_or(std::vector<KeyUsageBit>{})) {
        if (serves_tls(bit, family)) words.emplace_back(to_name(bit));
    }
    const Words usual =
        family == KeyFamily::rsa ? Words{"digitalSignature", "keyEncipherment"} : Words{"digitalSignature"};
    return words == usual ? Words{} : words;
}

Words extended_key_usage_of(const InfInspection& inf) {
    Words words;
    for (const auto& oid : inf.extended_key_usage) words.push_back(extended_key_usage_name(oid));
    if (!words.empty() && !contains(words, "serverAuth")) words.insert(words.begin(), "serverAuth");
    return words;
}

void import_key(const InfInspection& inf, Suggester& suggest) {
    if (inf.algorithm) suggest.text("algorithm", std::string(to_name(*inf.algorithm)));
    if (inf.hash) suggest.text("hash", std::string(to_name(*inf.hash)));
    if (inf.purpose) suggest.text("purpose", std::string(to_name(*inf.purpose)));
    if (inf.exportable.value_or(false)) suggest.text("private-key", "exportable");
    if (const auto words = key_usage_of(inf); !words.empty()) suggest.list("key-usage", words);
    if (const auto words = extended_key_usage_of(inf); !words.empty()) suggest.list("extended-key-usage", words);
    if (inf.suppress_defaults) suggest.text("default-extensions", "suppress");
    suggest.text("template", inf.certificate_template);
}

void import_subject(const InfInspection& inf, Suggester& suggest) {
    const auto& [fields, common_name] = inf.subject;
    suggest.text("common-name", common_name.empty() && !inf.dns_names.empty() ? inf.dns_names.front() : common_name);
    suggest.text("country", fields.country);
    suggest.text("state", fields.state);
    suggest.text("locality", fields.locality);
    suggest.text("organization", fields.organization);
    suggest.text("organizational-unit", fields.organizational_unit);
}

}  // namespace

void import_lync(const farm::LyncTopology& topology, const std::string& file, Import& into) {
    into.unplaced.insert(into.unplaced.end(), topology.unplaced.begin(), topology.unplaced.end());
    into.sites = topology.simple_urls.sites;
    Suggester suggest(into, file);
    suggest.text("product", std::string(to_name(Product::lync_server_2013)));
    if (!topology.sip_domains.empty()) suggest.list("sip-domain", topology.sip_domains);
    Words pools;
    for (const auto& pool : topology.pools) pools.push_back(with_backend(pool.external_web_fqdn, pool.backend));
    if (!pools.empty()) {
        suggest.text("common-name", topology.pools.front().external_web_fqdn);
        suggest.list("pool", pools);
    }
    Words directors;
    for (const auto& one : topology.directors) directors.push_back(with_backend(one.external_web_fqdn, one.backend));
    suggest.list("director", directors);
    if (const auto urls = all_meet_urls(topology); !urls.empty()) suggest.list("meet", urls);
    suggest.list("dialin", topology.simple_urls.dialin);
    const std::array<std::pair<std::string_view, const std::string*>, 2> edge{{
        {"AccessEdgeExternalFqdn", &topology.access_edge_fqdn},
        {"DataEdgeExternalFqdn", &topology.web_conferencing_edge_fqdn},
    }};
    for (const auto& [name, value] : edge)
        if (!value->empty())
            into.unplaced.push_back({file, std::string("EdgeServer ") + std::string(name), *value,
                                     "For one certificate on Edge Servers and proxies add an [edge] section."});
}

void import_inf(const InfInspection& inf, const std::string& file, Import& into) {
    into.unplaced.insert(into.unplaced.end(), inf.unplaced.begin(), inf.unplaced.end());
    into.findings.insert(into.findings.end(), inf.findings.begin(), inf.findings.end());
    Suggester suggest(into, file);
    import_subject(inf, suggest);
    import_names(inf, suggest, into);
    suggest.text("friendly-name", inf.friendly_name);
    import_key(inf, suggest);
}

}  // namespace hsmreq::workflow
