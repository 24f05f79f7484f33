#include "plan/concerns.hpp"

#include <gtest/gtest.h>

#include "farms.hpp"

namespace hsmreq::test {
namespace {

Finding finding(std::string where, std::string message = "something", std::string name = "") {
    return {.id = "name.idn",
            .severity = Severity::warning,
            .message = std::move(message),
            .where = std::move(where),
            .fix = {},
            .source = {},
            .accepted = {},
            .name = std::move(name)};
}

/// Two requests on two members each; items: web on rp01 and rp02, mail on rp01 and rp02.
struct TwoByTwo : ::testing::Test {
    TwoByTwo() {
        for (const char* name : {"rp01", "rp02"}) farm.members.emplace_back().name = name;
        for (const char* name : {"web", "mail"}) {
            farm.requests.emplace_back().name = name;
            RequestPlan request;
            request.name = name;
            request.subject.common_name = std::string(name) + ".example.com";
            request.subject_alternative_names = {{NameType::dns, request.subject.common_name, {}}};
            request.members = {"rp01", "rp02"};
            plan.requests.push_back(std::move(request));
        }
        for (std::size_t i = 0; i < 4; ++i)
            plan.items.push_back({i / 2, farm.members[i % 2].name, farm.members[i % 2].name});
    }

    [[nodiscard]] std::string which(const Finding& one) const {
        std::string found;
        for (const auto& item : plan.items) found += plan::concerns(one, farm, plan, item) ? '1' : '0';
        return found;
    }

    Farm farm;
    Plan plan;
};

TEST_F(TwoByTwo, FindingsOfTheFarmConcernAll) {
    EXPECT_EQ(which(finding("farm.ca, line 3")), "1111");
    EXPECT_EQ(which(finding("key.private_key, line 9")), "1111");
    EXPECT_EQ(which(finding("members", "", "")), "1111");
}

TEST_F(TwoByTwo, AMembersConcernItsItems) {
    EXPECT_EQ(which(finding("member[1].server, line 20")), "0101");
    EXPECT_EQ(which(finding("member[0]")), "1010");
    EXPECT_EQ(which(finding("member[7].uri")), "1111");  // nobody's: left in rather than lost
}

TEST_F(TwoByTwo, ARequestsConcernItsItems) {
    EXPECT_EQ(which(finding("request[1].names[0], line 20")), "0011");
    EXPECT_EQ(which(finding("key.algorithm", "The key of request \"web\" is odd")), "1100");
    EXPECT_EQ(which(finding("key.label", "Request \"web\" and request \"mail\" clash")), "1111");
}

TEST_F(TwoByTwo, ANamesConcernWhoeverCarriesIt) {
    EXPECT_EQ(which(finding("certificate.extra_names", "", "mail.example.com")), "0011");
    EXPECT_EQ(which(finding("certificate.extra_names", "", "nobodys.example.com")), "1111");
}

TEST_F(TwoByTwo, ASharedKeyTakesThoseOfEveryMemberOfItsRequest) {
    plan.items = {{0, "", "rp01"}, {1, "", "rp01"}};
    plan.requests[1].members = {"rp01"};
    EXPECT_EQ(which(finding("member[1].server")), "10");
}

}  // namespace
}  // namespace hsmreq::test
