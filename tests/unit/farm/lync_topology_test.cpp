#include "farm/lync_topology.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "support.hpp"

namespace hsmreq::farm {
namespace {

using testing::ElementsAre;

LyncTopology read_text(const std::string& text) {
    auto result = read_lync_topology(as_bytes(text), "lync.json");
    EXPECT_TRUE(result) << (result ? "" : result.error().what);
    return result ? std::move(result).value() : LyncTopology{};
}

std::vector<std::string> meet_of(const LyncTopology& topology) {
    std::vector<std::string> lines;
    for (const auto& meet : topology.simple_urls.meet)
        for (const auto& url : meet.urls) lines.push_back(meet.sip_domain + ' ' + url);
    return lines;
}

class Export : public testing::TestWithParam<const char*> {};

TEST_P(Export, OfTheDocumentedCommandsIsRead) {
    const auto topology = read_text(content_of(std::string(HSMREQ_TEST_DATA) + "/lync/" + GetParam()));
    EXPECT_THAT(topology.sip_domains, ElementsAre("contoso.com", "fabrikam.com"));
    ASSERT_EQ(topology.pools.size(), 1U);
    EXPECT_EQ(topology.pools[0].external_web_fqdn, "webext.contoso.com");
    EXPECT_EQ(topology.pools[0].backend, "pool01.corp.contoso.com");
    ASSERT_EQ(topology.directors.size(), 1U);
    EXPECT_EQ(topology.directors[0].external_web_fqdn, "webdirext.contoso.com");
    EXPECT_EQ(topology.directors[0].backend, "dir01.corp.contoso.com");
    EXPECT_THAT(meet_of(topology),
                ElementsAre("contoso.com https://meet.contoso.com", "fabrikam.com https://meet.fabrikam.com"));
    EXPECT_THAT(topology.simple_urls.dialin, ElementsAre("https://dialin.contoso.com"));
    EXPECT_EQ(topology.access_edge_fqdn, "access.contoso.com");
    EXPECT_EQ(topology.web_conferencing_edge_fqdn, "webcon.contoso.com");
    std::vector<std::string> left_out;
    for (const auto& entry : topology.unplaced) left_out.push_back(entry.name + ' ' + entry.value);
    EXPECT_THAT(left_out,
                ElementsAre("WebServer pool02.corp.contoso.com", "EdgeServer AVEdgeExternalFqdn av.contoso.com",
                            "SimpleUrl meet https://join.contoso.com", "SimpleUrl cscp https://admin.contoso.com"));
}

INSTANTIATE_TEST_SUITE_P(Lync, Export, testing::Values("contoso.json", "contoso-utf16le.json"),
                         [](const auto& one) { return one.index == 0 ? "Utf8" : "Utf16"; });

TEST(LyncTopology, OneOfEachIsAnObjectInsteadOfAnArray) {
    const auto topology = read_text(R"({
        "SipDomains": {"Identity": "contoso.com", "Name": "contoso.com", "IsDefault": "True"},
        "WebServers": {"Identity": "WebServer:pool.contoso.local", "ExternalFqdn": "web.contoso.com", "ExternalHttpsPort": 8443},
        "SimpleUrls": {"Identity": "Global", "SimpleUrl": {"Component": "meet", "Domain": "contoso.com",
            "ActiveUrl": "https://lync.contoso.com/Meet", "SimpleUrlEntry": {"Url": "https://lync.contoso.com/Meet"}}}})");
    EXPECT_THAT(topology.sip_domains, ElementsAre("contoso.com"));
    ASSERT_EQ(topology.pools.size(), 1U);
    EXPECT_EQ(topology.pools[0].backend, "pool.contoso.local:8443");
    EXPECT_THAT(meet_of(topology), ElementsAre("contoso.com https://lync.contoso.com/Meet"));
}

TEST(LyncTopology, NestedTooDeepButPrintedWhole) {
    const auto topology = read_text(R"([{"Name": "contoso.com", "IsDefault": true},
        {"Identity": "Site:Dublin", "SimpleUrl": ["Component=Meet;Domain=contoso.com;ActiveUrl=https://meet.ie.contoso.com"]},
        {"Identity": "Global", "SimpleUrl": {"value": [
            "@{SimpleUrlEntry=System.Object[]; Component=Meet; Domain=contoso.com; ActiveUrl=https://meet.contoso.com}",
            "@{Component=Dialin; Domain=*; ActiveUrl=https://dialin.contoso.com}"], "Count": 2}}])");
    EXPECT_THAT(meet_of(topology), ElementsAre("contoso.com https://meet.contoso.com"));
    EXPECT_THAT(topology.simple_urls.dialin, ElementsAre("https://dialin.contoso.com"));
    ASSERT_EQ(topology.simple_urls.sites.size(), 1U);
    EXPECT_EQ(topology.simple_urls.sites[0].name, "Dublin");
    EXPECT_THAT(topology.simple_urls.sites[0].meet, ElementsAre("https://meet.ie.contoso.com"));
}

TEST(LyncTopology, OneMeetingUrlForAllDomains) {
    const auto topology = read_text(R"({"SipDomains": ["contoso.com", "fabrikam.com"],
        "SimpleUrls": [{"SimpleUrl": [{"Component": "Meet", "Domain": "*", "ActiveUrl": "https://lync.contoso.com"}]}]})");
    EXPECT_THAT(meet_of(topology),
                ElementsAre("contoso.com https://lync.contoso.com", "fabrikam.com https://lync.contoso.com"));
}

TEST(LyncTopology, ASecondMeetingUrlForAllDomainsIsLeftOut) {
    const auto topology = read_text(R"({"SipDomains": ["contoso.com"], "SimpleUrls": {"SimpleUrl": [
        {"Component": "Meet", "Domain": "*", "ActiveUrl": "https://lync.contoso.com"},
        {"Component": "Meet", "Domain": "", "ActiveUrl": "https://other.contoso.com"}]}})");
    EXPECT_THAT(meet_of(topology), ElementsAre("contoso.com https://lync.contoso.com"));
    ASSERT_EQ(topology.unplaced.size(), 1U);
    EXPECT_EQ(topology.unplaced[0].value, "https://other.contoso.com");
}

TEST(LyncTopology, NamesThatConvertToJsonOpenedUp) {
    const auto topology = read_text(R"({"Name": {"Value": "contoso.com"}, "IsDefault": 1})");
    EXPECT_THAT(topology.sip_domains, ElementsAre("contoso.com"));
}

struct Refusal {
    const char* name;
    std::string text;
    const char* what;
    const char* where;
};

class RefusedExport : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedExport, WithItsPlace) {
    const auto result = read_lync_topology(as_bytes(GetParam().text), "lync.json");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ExitCode::input);
    EXPECT_EQ(result.error().what, GetParam().what);
    EXPECT_EQ(result.error().where, GetParam().where);
    EXPECT_NE(result.error().hint, "");
}

INSTANTIATE_TEST_SUITE_P(
    Lync, RefusedExport,
    testing::Values(
        Refusal{"Empty", "", "this is no JSON", "lync.json:1:1"},
        Refusal{"Broken", "{\n  \"SipDomains\": [}\n", "this is no JSON", "lync.json:2:18"},
        Refusal{"AnotherDocument", R"({"schema": "hsmreq.plan/1"})", "there is nothing of a Lync topology in it",
                "lync.json"},
        Refusal{"ANumber", "42", "there is nothing of a Lync topology in it", "lync.json"},
        Refusal{"CutOff", R"({"SimpleUrl": ["Microsoft.Rtc.Management.WritableConfig.Settings.SimpleUrl"]})",
                "the simple URLs were cut off when the file was written", "lync.json"},
        Refusal{"Deep", std::string(100000, '['), "JSON that nests deeper than 64 levels", "lync.json"},
        Refusal{"TooLarge", std::string((std::size_t{1} << 20) + 1, ' '), "larger than 1 MiB", "lync.json"}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace hsmreq::farm
