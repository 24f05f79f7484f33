#include "farm/write.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "farm/toml_text.hpp"
#include "support.hpp"

namespace hsmreq::farm {
namespace {

Farm parse_or_fail(const std::string& text) {
    auto result = parse_text(text);
    EXPECT_EQ(outcome(result), "accepted\n") << text;
    return result ? std::move(result).value() : Farm{};
}

/// Written, read, written again: equal text means equal values, for the writer shows every one that differs from its
/// default.
void expect_same_after_reading(const Farm& farm) {
    const auto text = write_farm({farm, {}});
    EXPECT_EQ(write_farm({parse_or_fail(text), {}}), text);
}

Farm full_farm() {
    Farm farm;
    farm.name = "contoso";
    farm.product = Product::skype_for_business_2015;
    farm.ca = CertificateAuthority::private_ca;
    farm.sip_domains = {"contoso.com", "fabrikam.com"};
    farm.pools = {{"webext.contoso.com", "pool01.corp.contoso.com", {"rp01"}, "192.0.2.1:443"},
                  {"web2.contoso.com", "", {}, ":443"}};
    farm.directors = {{"webdirext.contoso.com", "dir.corp.contoso.com:4443"}};
    farm.simple_urls = {{"https://dialin.contoso.com"},
                        {{"contoso.com", {"https://meet.contoso.com", "https://lync.contoso.com/Meet"}},
                         {"fabrikam.com", {"https://meet.fabrikam.com"}}},
                        {"https://admin.contoso.com"},
                        {{"emea", {"https://meet.emea.contoso.com"}, {"https://dialin.emea.contoso.com"}}},
                        "dir.corp.contoso.com"};
    farm.mobility = {true, AutodiscoverOver::http, std::vector<std::string>{"contoso.com"}, "pool01.corp.contoso.com"};
    farm.office_web_apps = {{"owa.contoso.com"}, "owa01.corp.contoso.com"};
    farm.exchange = {{"autodiscover.contoso.com"}, {"mail.contoso.com"}, "ex01.corp.contoso.com", true};
    farm.edge =
        Edge{"access.contoso.com", "webcon.contoso.com", {"contoso.com"}, {"contoso.net"}, true, ServerKeys::hsm};
    auto& certificate = farm.certificate;
    certificate.name = "proxy";
    certificate.friendly_name = "A \"quoted\" \\ name, ü";
    certificate.description = "Über alles";
    certificate.common_name = "www.contoso.com";
    certificate.extra_names = {"www.contoso.com", "a.contoso.com"};
    certificate.wildcard_for = {"contoso.com"};
    certificate.subject = {"DE", "Bayern", "München", "Contoso, Inc.", "IT"};
    certificate.key_usage = std::vector{KeyUsageBit::digital_signature, KeyUsageBit::key_agreement};
    certificate.extended_key_usage = std::vector<std::string>{"serverAuth", "1.2.3.4"};
    certificate.default_extensions = DefaultExtensions::suppress;
    certificate.file_format = FileFormat::binary;
    certificate.file_name = "{farm}.{request}.{member}";
    certificate.ad_cs_template = "WebServer";
    auto& key = farm.key;
    key.algorithm = KeyAlgorithm::rsa_4096;
    key.hash = Hash::sha384;
    key.purpose = KeyPurpose::signature;
    key.private_key = PrivateKeyPolicy::exportable;
    key.sharing = Sharing::shared;
    key.generate_on = "rp01";
    key.label = "{farm}.g{generation}";
    key.wrapping_key = "pkcs11:object=wrap";
    farm.members = {{"rp01", "softhsm2", "pkcs11:token=rp01", "prompt", MemberRole::reverse_proxy, Receives::token,
                     ServerKind::nginx},
                    {"rp02", "other", "pkcs11:token=rp02", "env:PIN", MemberRole::edge, Receives::token, {}},
                    {"rp03", "", "", "", MemberRole::reverse_proxy, Receives::pfx, ServerKind::iis}};
    farm.evidence = {"pkcs11:object=evidence", "softhsm2", "none"};
    farm.rules.accept = {{"name.wildcard-web-fqdn", "*.contoso.com", "decided by \"security\"", "2027-01-01"}};
    return farm;
}

TEST(WriteFarm, EveryKeyComesBack) {
    expect_same_after_reading(full_farm());
}

TEST(WriteFarm, ValuesComeBackAsTheyWere) {
    const auto farm = full_farm();
    const auto read = parse_or_fail(write_farm({farm, {}}));
    EXPECT_EQ(read.certificate.friendly_name, farm.certificate.friendly_name);
    EXPECT_EQ(read.certificate.subject, farm.certificate.subject);
    EXPECT_EQ(read.certificate.key_usage, farm.certificate.key_usage);
    EXPECT_EQ(read.certificate.extended_key_usage, farm.certificate.extended_key_usage);
    EXPECT_EQ(read.pools[0].members, farm.pools[0].members);
    EXPECT_EQ(read.simple_urls.meet[0].urls, farm.simple_urls.meet[0].urls);
    EXPECT_EQ(read.mobility.domains, farm.mobility.domains);
    EXPECT_EQ(read.members[1].module, "other");
    EXPECT_EQ(read.members[1].pin_source, "env:PIN");
    EXPECT_EQ(read.members[2].receives, Receives::pfx);
    EXPECT_EQ(read.key.private_key, PrivateKeyPolicy::exportable);
    EXPECT_EQ(read.rules.accept[0].reason, farm.rules.accept[0].reason);
}

TEST(WriteFarm, RequestsOfAGenericFarmComeBack) {
    Farm farm = parse_or_fail(std::string(small_generic_farm));
    farm.certificate.friendly_name = "All";
    farm.key.algorithm = KeyAlgorithm::ec_p384;
    RequestEntry request;
    request.name = "second";
    request.names = {"second.contoso.com"};
    request.members = {"rp01"};
    request.common_name = "second.contoso.com";
    request.certificate.subject.country = "DE";
    request.key.algorithm = KeyAlgorithm::rsa_3072;
    request.key.uri = "pkcs11:object=mine";
    farm.requests.push_back(request);
    expect_same_after_reading(farm);
    const auto read = parse_or_fail(write_farm({farm, {}}));
    EXPECT_EQ(read.requests[1].certificate.friendly_name, "");
    EXPECT_EQ(read.requests[1].key.algorithm, KeyAlgorithm::rsa_3072);
    EXPECT_EQ(read.requests[1].key.uri, "pkcs11:object=mine");
}

TEST(WriteFarm, TheExamplesComeBack) {
    for (const auto& entry : std::filesystem::directory_iterator(std::string(HSMREQ_SOURCE_DIR) + "/docs/examples"))
        if (entry.path().extension() == ".toml") {
            SCOPED_TRACE(entry.path());
            expect_same_after_reading(parse_or_fail(content_of(entry.path())));
        }
}

TEST(WriteFarm, ThePreambleIsComments) {
    Farm farm = parse_or_fail(std::string(small_farm));
    const auto text = write_farm({farm, {"First.", "", "Last."}});
    EXPECT_TRUE(text.starts_with("# First.\n#\n# Last.\n\n[farm]\n")) << text;
    parse_or_fail(text);
}

TEST(TomlString, Escapes) {
    EXPECT_EQ(toml_string("a\"b\\c"), R"("a\"b\\c")");
    EXPECT_EQ(toml_string("a\tb\x7f\n"), R"("a\u0009b\u007F\u000A")");
    EXPECT_EQ(toml_string("ü€"), "\"ü€\"");
}

}  // namespace
}  // namespace hsmreq::farm
