#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farms.hpp"

namespace hsmreq::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// "REQUEST/MEMBER@TOKEN" for every item.
std::vector<std::string> items_of(const Plan& plan) {
    std::vector<std::string> lines;
    for (const auto& item : plan.items)
        lines.push_back(plan.requests[item.request].name + "/" + item.member + "@" + item.token_member);
    return lines;
}

TEST(Items, PerMemberAreOneForEachTokenThatServes) {
    Farm farm = contoso();
    farm.members = {workstation("ws"), member("rp01"), pfx_member("tmg"), member("rp02")};
    const auto plan = plan_of(farm);
    EXPECT_THAT(items_of(plan), ElementsAre("reverse-proxy/rp01@rp01", "reverse-proxy/rp02@rp02"));
    EXPECT_THAT(plan.requests[0].members, ElementsAre("rp01", "tmg", "rp02"));
}

TEST(Items, OfANamedWorkstationAreMade) {
    Farm farm = generic();
    farm.members = {workstation("ws"), member("rp01")};
    farm.requests[0].members = {"rp01", "ws", "rp01"};
    EXPECT_THAT(items_of(plan_of(farm)), ElementsAre("shop/ws@ws", "shop/rp01@rp01"));
}

TEST(Items, OfASharedKeyAreOneOnTheFirstToken) {
    Farm farm = contoso_with_edge();
    farm.members = {pfx_member("edge"), member("rp01"), member("rp02")};
    EXPECT_THAT(items_of(plan_of(farm)), ElementsAre("reverse-proxy/@rp01"));
    farm.key.generate_on = "rp02";
    EXPECT_THAT(items_of(plan_of(farm)), ElementsAre("reverse-proxy/@rp02"));
}

TEST(Items, OfASharedKeyCanBeMadeOnAWorkstation) {
    Farm farm = contoso_with_edge();
    farm.members = {pfx_member("rp01"), pfx_member("rp02"), workstation("ws")};
    EXPECT_THAT(items_of(plan_of(farm)), ElementsAre("reverse-proxy/@ws"));
    EXPECT_THAT(plan_of(farm).requests[0].members, ElementsAre("rp01", "rp02"));
}

TEST(Items, OfASharedKeyPreferNamedMembersToAWorkstation) {
    Farm farm = generic();
    farm.members = {workstation("ws"), member("rp01"), member("rp02")};
    farm.requests[0].members = {"rp02"};
    farm.requests[0].key.sharing = Sharing::shared;
    EXPECT_THAT(items_of(plan_of(farm)), ElementsAre("shop/@rp02"));
}

TEST(Items, FollowTheRequestsAndThenTheMembers) {
    Farm farm = contoso();
    farm.certificate.layout = Layout::per_pool;
    farm.pools.push_back({"webext2.contoso.com", "", {"rp02"}, ":444"});
    farm.requests = {entry("wiki", {"wiki.contoso.com"})};
    farm.requests[0].key.sharing = Sharing::shared;
    EXPECT_THAT(items_of(plan_of(farm)), ElementsAre("webext.contoso.com/rp01@rp01", "webext.contoso.com/rp02@rp02",
                                                     "webext2.contoso.com/rp02@rp02", "wiki/@rp01"));
}

TEST(Items, AreNoneWithoutAToken) {
    Farm farm = generic();
    farm.members = {pfx_member("rp01")};
    EXPECT_THAT(items_of(plan_of(farm)), IsEmpty());
}

}  // namespace
}  // namespace hsmreq::test
