// Where the proxy connects to: ports, defaults, and one entry for an address.
#include "plan/backends.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/plan/farms.hpp"

namespace hsmreq::test {
namespace {

using testing::ElementsAre;

std::vector<std::string> addresses(const Farm& farm) {
    std::vector<std::string> all;
    for (const auto& backend : plan::backends(farm)) all.push_back(backend.address());
    return all;
}

TEST(Backends, OfAPoolAloneCarryEverythingThatIsPublished) {
    const auto all = plan::backends(contoso());
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].address(), "pool01.corp.contoso.com:4443");
    EXPECT_EQ(all[0].key, "pool[0].backend");
    EXPECT_THAT(all[0].uses, ElementsAre("pool webext.contoso.com", "simple URLs", "autodiscover"));
}

TEST(Backends, OfSimpleUrlsAreTheFirstDirectorsWhereThereIsOne) {
    Farm farm = contoso();
    farm.directors[0].backend = "DIR01.corp.contoso.com";
    const auto all = plan::backends(farm);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_THAT(all[0].uses, ElementsAre("pool webext.contoso.com"));
    EXPECT_EQ(all[1].host, "dir01.corp.contoso.com");
    EXPECT_THAT(all[1].uses, ElementsAre("director webdirext.contoso.com", "simple URLs", "autodiscover"));
}

TEST(Backends, HaveTheirUsualPorts) {
    Farm farm = contoso();
    farm.pools[0].backend = "pool01:8443";
    farm.simple_urls.backend = "urls";
    farm.mobility.backend = "mobile";
    farm.office_web_apps.backend = "owa";
    farm.exchange.backend = "mail:444";
    EXPECT_THAT(addresses(farm), ElementsAre("pool01:8443", "urls:4443", "mobile:4443", "owa:443", "mail:444"));
}

TEST(Backends, MayBeAddresses) {
    Farm farm = contoso();
    farm.pools[0].backend = "192.0.2.10";
    farm.office_web_apps.backend = "[2001:db8::1]:4444";
    farm.exchange.backend = "[2001:db8::2]";
    EXPECT_THAT(addresses(farm), ElementsAre("192.0.2.10:4443", "[2001:db8::1]:4444", "[2001:db8::2]:443"));
    EXPECT_EQ(plan::backends(farm)[1].host, "2001:db8::1");
}

TEST(Backends, AreNoneWhereNoneIsWritten) {
    Farm farm = contoso();
    farm.pools[0].backend.clear();
    EXPECT_THAT(addresses(farm), ElementsAre());
}

}  // namespace
}  // namespace hsmreq::test
