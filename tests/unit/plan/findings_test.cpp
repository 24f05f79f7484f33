#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>

#include "farms.hpp"
#include "plan/rules.hpp"

namespace hsmreq::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Change = std::function<void(Farm&)>;

/// A farm without the finding, and the change that brings it about.
struct Case {
    std::string id;
    Severity severity;
    std::function<Farm()> base;
    Change change;
    std::string where;
    std::string says;
};

void PrintTo(const Case& test_case, std::ostream* out) {
    *out << test_case.id << " at " << test_case.where;
}

Farm skype() {
    Farm farm = contoso();
    farm.product = Product::skype_for_business_2019;
    return farm;
}

Farm at_lets_encrypt() {
    Farm farm = contoso();
    farm.ca = CertificateAuthority::lets_encrypt;
    return farm;
}

Farm shared_wrap_only() {
    Farm farm = contoso();
    farm.key.sharing = Sharing::shared;
    farm.key.private_key = PrivateKeyPolicy::wrap_only;
    farm.key.wrapping_key = "pkcs11:object=wrap";
    return farm;
}

Farm shared_exportable() {
    Farm farm = contoso();
    farm.key.sharing = Sharing::shared;
    farm.key.private_key = PrivateKeyPolicy::exportable;
    return farm;
}

Change extra(std::string name) {
    return [name = std::move(name)](Farm& farm) { farm.certificate.extra_names = {name}; };
}

Change first_pool(std::string name) {
    return [name = std::move(name)](Farm& farm) { farm.pools[0].external_web_fqdn = name; };
}

Change meet(std::string url) {
    return [url = std::move(url)](Farm& farm) { farm.simple_urls.meet[0].urls = {url}; };
}

Change algorithm(KeyAlgorithm value) {
    return [value](Farm& farm) { farm.key.algorithm = value; };
}

Change private_key(PrivateKeyPolicy value) {
    return [value](Farm& farm) { farm.key.private_key = value; };
}

Change usages(std::vector<std::string> words) {
    return [words = std::move(words)](Farm& farm) { farm.certificate.extended_key_usage = words; };
}

class Rules : public testing::TestWithParam<Case> {};

TEST_P(Rules, FindWhatTheyAreFor) {
    const auto& expected = GetParam();
    Farm farm = expected.base();
    EXPECT_THAT(finding_ids(plan_of(farm)), Not(Contains(expected.id)));
    expected.change(farm);
    const auto found = findings(plan_of(farm), expected.id);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].severity, expected.severity);
    EXPECT_EQ(found[0].where, expected.where);
    EXPECT_THAT(found[0].message, AllOf(HasSubstr(expected.says), Not(HasSubstr("{}"))));
    EXPECT_FALSE(found[0].fix.empty());
    EXPECT_FALSE(found[0].source.empty());
}

constexpr auto error = Severity::error;
constexpr auto warning = Severity::warning;
constexpr auto info = Severity::info;

const std::vector<Case> name_cases{
    {"name.not-ldh", error, contoso, extra("a.com,DNS:evil.com"), "certificate.extra_names[0]", "','"},
    {"name.not-ldh", error, contoso, extra("a\n.com"), "certificate.extra_names[0]", "a\\x0a.com"},
    {"name.underscore", error, contoso, extra("a_b.contoso.com"), "certificate.extra_names[0]", "a_b"},
    {"name.label-too-long", error, contoso, extra(std::string(64, 'a') + ".com"), "certificate.extra_names[0]", "64"},
    {"name.too-long", error, contoso,
     [](Farm& farm) {
         std::string name = "com";
         for (int i = 0; i < 63; ++i) name.insert(0, "abc.");
         farm.certificate.extra_names = {name};
     },
     "certificate.extra_names[0]", "255"},
    {"name.trailing-dot", error, contoso, extra("a.contoso.com."), "certificate.extra_names[0]", "dot"},
    {"name.idn", error, skype, extra("b\u00fccher.contoso.com"), "certificate.extra_names[0]", "xn--bcher-kva"},
    {"name.idn", error, skype, extra("xn--bcher-kva.contoso.com"), "certificate.extra_names[0]", "xn--bcher-kva"},
    {"name.idn", warning, contoso, extra("b\u00fccher.contoso.com"), "certificate.extra_names[0]", "xn--bcher-kva"},
    {"name.ip-address", error, contoso, extra("192.0.2.1"), "certificate.extra_names[0]", "192.0.2.1"},
    {"name.internal", error, contoso, extra("pool01.contoso.local"), "certificate.extra_names[0]", "contoso.local"},
    {"name.wildcard-public-suffix", error, contoso, extra("*.co.uk"), "certificate.extra_names[0]", "*.co.uk"},
    {"name.wildcard-phone-edition", warning, contoso, extra("*.contoso.com"), "certificate.extra_names[0]", "*."},
    {"name.wildcard-web-fqdn", warning, contoso, first_pool("*.contoso.com"), "pool[0].external_web_fqdn", "*."},
    {"name.wildcard-subject", error, contoso, first_pool("*.contoso.com"), "pool[0].external_web_fqdn", "*."},
    {"name.common-name-too-long", error, contoso,
     first_pool(std::string(40, 'a') + "." + std::string(20, 'b') + ".com"), "pool[0].external_web_fqdn", "65"},
    {"name.too-many-for-ca", error, at_lets_encrypt,
     [](Farm& farm) {
         for (int i = 0; i < 93; ++i) farm.certificate.extra_names.push_back("h" + std::to_string(i) + ".contoso.com");
     },
     "certificate", "101"},
    {"name.duplicate", warning, contoso,
     [](Farm& farm) {
         farm.certificate.extra_names = {"a.contoso.com", "A.contoso.com"};
     },
     "certificate.extra_names", "A.contoso.com"},
    {"ca.duplicate-limit", warning, at_lets_encrypt,
     [](Farm& farm) {
         for (int i = 3; i < 7; ++i) farm.members.push_back(member("rp0" + std::to_string(i)));
     },
     "key.sharing", "6 certificates"},
    {"name.ip-address", error, contoso, extra("10.1.2.3"), "certificate.extra_names[0]", "RFC 1918"},
    {"subject.organizational-unit", warning, contoso,
     [](Farm& farm) { farm.certificate.subject.organizational_unit = "IT"; }, "certificate.subject.organizational_unit",
     "IT"},
};

const std::vector<Case> topology_cases{
    {"name.sip-domain-without-meet", error, contoso, [](Farm& farm) { farm.simple_urls.meet.pop_back(); },
     "farm.sip_domains[1]", "fabrikam.com"},
    {"name.sip-domain-without-meet", error, contoso, [](Farm& farm) { farm.simple_urls.meet[1].urls.clear(); },
     "farm.sip_domains[1]", "fabrikam.com"},
    {"name.meet-for-unknown-sip-domain", error, contoso,
     [](Farm& farm) {
         farm.simple_urls.meet.push_back({"woodgrove.com", {"https://meet.woodgrove.com"}});
     },
     "simple_urls.meet.\"woodgrove.com\"", "woodgrove.com"},
    {"name.simple-url-not-https", error, contoso, meet("http://meet.contoso.com"),
     "simple_urls.meet.\"contoso.com\"[0]", "http://"},
    {"name.simple-url-not-https", error, contoso, meet("meet.contoso.com"), "simple_urls.meet.\"contoso.com\"[0]",
     "meet"},
    {"name.simple-url-port", error, contoso, meet("https://meet.contoso.com:443/a"),
     "simple_urls.meet.\"contoso.com\"[0]", ":443"},
    {"name.simple-url-prefix", error, contoso, meet("https://dialin.contoso.com/Meet"),
     "simple_urls.meet.\"contoso.com\"[0]", "dialin"},
    {"name.simple-url-prefix", error, contoso, meet("https://MEET.fabrikam.com/"),
     "simple_urls.meet.\"fabrikam.com\"[0]", "MEET"},
    {"name.simple-url-is-pool", error, contoso, meet("https://webext.contoso.com/Meet"),
     "simple_urls.meet.\"contoso.com\"[0]", "pool[0].external_web_fqdn"},
    {"name.simple-url-is-pool", error, contoso, meet("https://pool01.corp.contoso.com/Meet"),
     "simple_urls.meet.\"contoso.com\"[0]", "pool[0].backend"},
    {"name.simple-url-charset", warning, contoso, meet("https://meet-us.contoso.com"),
     "simple_urls.meet.\"contoso.com\"[0]", "meet-us"},
    {"name.admin-url-published", warning, contoso,
     [](Farm& farm) { farm.simple_urls.admin = {"https://admin.contoso.com"}; }, "simple_urls.admin[0]", "admin"},
    {"name.director-equals-pool", error, contoso,
     [](Farm& farm) { farm.directors[0].external_web_fqdn = "WEBEXT.contoso.com"; }, "director[0].external_web_fqdn",
     "webext.contoso.com"},
    {"name.exchange-not-covered", info, contoso,
     [](Farm& farm) { farm.exchange.web_services_fqdns = {"mail.contoso.com"}; }, "exchange", "mail.contoso.com"},
    {"name.wildcard-unused", warning, contoso, [](Farm& farm) { farm.certificate.wildcard_for = {"contoso.net"}; },
     "certificate.wildcard_for[0]", "contoso.net"},
    {"edge.xmpp-form", warning, contoso_with_edge, [](Farm& farm) { farm.edge->xmpp_domains = {"contoso.com"}; },
     "edge.xmpp_domains", "contoso.com"},
    {"edge.av-name", info, shared_exportable, [](Farm& farm) { farm.edge = contoso_with_edge().edge; }, "edge", "A/V"},
    {"edge.all-sip-domain", info, shared_exportable, [](Farm& farm) { farm.edge = contoso_with_edge().edge; },
     "farm.sip_domains", "-AllSipDomain"},
    {"edge.av-roll", info, shared_exportable, [](Farm& farm) { farm.edge = contoso_with_edge().edge; }, "edge", "A/V"},
};

const std::vector<Case> key_cases{
    {"usage.key-encipherment-with-ec", error, contoso,
     [](Farm& farm) {
         farm.key.algorithm = KeyAlgorithm::ec_p256;
         farm.certificate.key_usage = {{KeyUsageBit::digital_signature, KeyUsageBit::key_encipherment}};
     },
     "certificate.key_usage", "ec-p256"},
    {"usage.server-auth-missing", error, generic,
     [](Farm& farm) { farm.requests[0].certificate.extended_key_usage = {{"clientAuth"}}; },
     "request[0].certificate.extended_key_usage", "shop"},
    {"usage.server-auth-missing", error, contoso, usages({}), "certificate.extended_key_usage", "reverse-proxy"},
    {"usage.not-for-tls-server", error, contoso,
     [](Farm& farm) {
         farm.certificate.key_usage = {{KeyUsageBit::digital_signature, KeyUsageBit::non_repudiation}};
     },
     "certificate.key_usage", "nonRepudiation"},
    {"usage.not-for-tls-server", warning, generic,
     [](Farm& farm) {
         farm.requests[0].certificate.extended_key_usage = {{"serverAuth", "codeSigning"}};
     },
     "request[0].certificate.extended_key_usage", "codeSigning"},
    {"usage.not-for-tls-server", error, generic,
     [](Farm& farm) { farm.requests[0].certificate.key_usage = {{KeyUsageBit::data_encipherment}}; },
     "request[0].certificate.key_usage", "neither"},
    {"usage.client-auth-public-ca", error, at_lets_encrypt, usages({"serverAuth", "clientAuth"}),
     "certificate.extended_key_usage", "2026-07-08"},
    {"usage.client-auth-public-ca", warning,
     [] {
         Farm farm = contoso();
         farm.ca = CertificateAuthority::private_ca;
         return farm;
     },
     [](Farm& farm) { farm.ca = CertificateAuthority::public_ca; }, "certificate.extended_key_usage", "2027-03-15"},
    {"usage.client-auth-dropped", info, contoso, [](Farm& farm) { farm.ca = CertificateAuthority::google; },
     "certificate.extended_key_usage", "2026-04-13"},
    {"key.curve-not-allowed", error, at_lets_encrypt, algorithm(KeyAlgorithm::ec_p521), "key.algorithm", "ec-p521"},
    {"key.ed25519-public-ca", error, contoso, algorithm(KeyAlgorithm::ed25519), "key.algorithm", "ed25519"},
    {"key.algorithm-product", warning, contoso, algorithm(KeyAlgorithm::ed25519), "key.algorithm", "ed25519"},
    {"key.ed25519-libp11", error, generic, [](Farm& farm) { farm.requests[0].key.algorithm = KeyAlgorithm::ed25519; },
     "request[0].key.algorithm", "libp11"},
    {"key.rsa-size", warning, contoso, algorithm(KeyAlgorithm::rsa_3072), "key.algorithm", "rsa-3072"},
};

const std::vector<Case> policy_cases{
    {"policy.no-token", error, contoso, [](Farm& farm) { farm.members = {pfx_member("rp01")}; }, "member",
     "reverse-proxy"},
    {"policy.no-token", error, shared_exportable,
     [](Farm& farm) {
         farm.members.push_back(pfx_member("tmg"));
         farm.key.generate_on = "tmg";
     },
     "key.generate_on", "reverse-proxy"},
    {"policy.shared-key-cannot-travel", error, shared_wrap_only, private_key(PrivateKeyPolicy::non_exportable),
     "key.sharing", "2 tokens"},
    {"policy.shared-key-cannot-travel", error,
     [] {
         Farm farm = shared_wrap_only();
         farm.key.private_key = PrivateKeyPolicy::non_exportable;
         farm.members[1].uri = farm.members[0].uri;
         return farm;
     },
     [](Farm& farm) { farm.members[1].module = "/usr/lib/other.so"; }, "key.sharing", "2 tokens"},
    {"edge.combined-key-must-travel", error, contoso_with_edge,
     [](Farm& farm) { farm.key.sharing = Sharing::per_member; }, "key.sharing", "shared"},
    {"edge.combined-key-must-travel", error, contoso_with_edge, private_key(PrivateKeyPolicy::wrap_only),
     "key.private_key", "exportable"},
    {"edge.combined-key-must-travel", error,
     [] {
         Farm farm = contoso_with_edge();
         farm.edge->server_keys = ServerKeys::hsm;
         farm.key.private_key = PrivateKeyPolicy::wrap_only;
         return farm;
     },
     [](Farm& farm) { farm.edge->server_keys = ServerKeys::pfx; }, "key.private_key", "exportable"},
    {"policy.pfx-needs-exportable", error, shared_exportable,
     [](Farm& farm) {
         farm.members.push_back(pfx_member("tmg"));
         farm.key.private_key = PrivateKeyPolicy::wrap_only;
     },
     "member[2].receives", "tmg"},
    {"policy.security-note", warning, shared_wrap_only, private_key(PrivateKeyPolicy::exportable), "key.private_key",
     "extra care"},
    {"policy.exportable-single-member", warning, single_member, private_key(PrivateKeyPolicy::exportable),
     "key.private_key", "rp01"},
    {"policy.wrap-only-by-convention", warning, shared_wrap_only, [](Farm& farm) { farm.key.wrapping_key.clear(); },
     "key.private_key", "reverse-proxy"},
    {"policy.members-share-token", warning, contoso, [](Farm& farm) { farm.members[1].uri = farm.members[0].uri; },
     "member[1].uri", "rp02"},
    {"policy.server-cannot-use-token", warning, contoso, [](Farm& farm) { farm.members[1].server = ServerKind::iis; },
     "member[1].server", "iis"},
    {"policy.duplicate-output", error, contoso,
     [](Farm& farm) { farm.requests = {entry("Reverse-Proxy", {"a.contoso.com"})}; }, "request[0].name",
     "Reverse-Proxy"},
    {"policy.duplicate-output", error, contoso, [](Farm& farm) { farm.certificate.file_name = "{request}"; },
     "certificate.file_name", "file name"},
    {"policy.duplicate-output", error, contoso, [](Farm& farm) { farm.members[1].name = "RP01"; },
     "certificate.file_name", "RP01"},
    {"policy.duplicate-output", error, single_member,
     [](Farm& farm) {
         farm.requests = {entry("wiki", {"a.contoso.com"})};
         farm.requests[0].key.label = "{farm}.reverse-proxy.{member}.g{generation}";
     },
     "request[0].key.label", "key label"},
    {"policy.file-name-unsafe", error, contoso,
     [](Farm& farm) { farm.certificate.file_name = "../{request}.{member}"; }, "certificate.file_name", "../"},
    {"policy.label-without-generation", warning, contoso, [](Farm& farm) { farm.key.label = "{farm}.{request}"; },
     "key.label", "{farm}.{request}"},
};

INSTANTIATE_TEST_SUITE_P(Names, Rules, testing::ValuesIn(name_cases));
INSTANTIATE_TEST_SUITE_P(Topology, Rules, testing::ValuesIn(topology_cases));
INSTANTIATE_TEST_SUITE_P(Keys, Rules, testing::ValuesIn(key_cases));
INSTANTIATE_TEST_SUITE_P(Policy, Rules, testing::ValuesIn(policy_cases));

TEST(RuleTable, HasACaseAndCaseFilesForEveryRow) {
    std::set<std::string> tested;
    for (const auto* cases : {&name_cases, &topology_cases, &key_cases, &policy_cases})
        for (const auto& test_case : *cases) tested.insert(test_case.id);
    std::set<std::string> rows;
    for (const auto& rule : plan::rules()) {
        EXPECT_TRUE(rows.emplace(rule.id).second) << rule.id << " is there twice";
        const auto folder = std::filesystem::path(HSMREQ_TEST_DATA) / "findings" / rule.id;
        for (const char* file : {"triggers.toml", "passes.toml"})
            EXPECT_TRUE(std::filesystem::exists(folder / file)) << rule.id << " lacks " << file;
    }
    EXPECT_EQ(rows, tested);
}

}  // namespace
}  // namespace hsmreq::test
