#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "farms.hpp"

namespace hsmreq::test {
namespace {

struct KnownId {
    KeyIdentity identity;
    const char* hex;
};

class KeyId : public testing::TestWithParam<KnownId> {};

// Expected: printf 'hsmreq/1\0FARM\0REQUEST\0MEMBER\0GENERATION\0' | sha256sum | cut -c1-40
TEST_P(KeyId, IsTheStartOfSha256) {
    EXPECT_EQ(to_hex(key_id(GetParam().identity)), GetParam().hex);
}

INSTANTIATE_TEST_SUITE_P(
    KnownAnswers, KeyId,
    testing::Values(KnownId{{"contoso", "reverse-proxy", "rp01", 1}, "5e12259c7ed036f4adee9a8967367fad65a53625"},
                    KnownId{{"contoso", "reverse-proxy", "", 1}, "ca6edddd4e20191e9ef1e24bc1380aa9a747f2f5"},
                    KnownId{{"contoso", "reverse-proxy", "rp01", 2}, "321f59b3e3e99dc6fbb937f1acd994cc44703539"},
                    KnownId{{"a", "b.c", "", 10}, "2cbc34e4af755a04a5afc572624bf5746235fe01"}));

// Expected: printf 'hsmreq/1/wrap\0FARM\0MEMBER\0' | sha256sum | cut -c1-40
TEST(WrappingPairId, IsTheStartOfSha256) {
    EXPECT_EQ(to_hex(wrapping_pair_id("contoso", "rp02")), "491ac80bbd8824bef845d5de1c0aa3f1bde341c0");
    EXPECT_NE(wrapping_pair_id("a", "bc"), wrapping_pair_id("ab", "c"));
}

RequestPlan request(std::string label, std::string file_name) {
    RequestPlan result;
    result.key.label = std::move(label);
    result.file_name = std::move(file_name);
    result.friendly_name = "Web listener";
    return result;
}

TEST(KeyLabel, FillsInEveryPlaceholder) {
    const auto planned = request("{farm}.{request}.{member}.g{generation}", "");
    EXPECT_EQ(key_label(planned, {"contoso", "reverse-proxy", "rp01", 3}), "contoso.reverse-proxy.rp01.g3");
    EXPECT_EQ(key_label(planned, {"contoso", "reverse-proxy", "", 1}), "contoso.reverse-proxy.g1");
    EXPECT_EQ(key_label(request("{friendly_name} {generation}", ""), {"f", "r", "", 1}), "Web listener 1");
}

TEST(FileStem, LeavesEmptyPartsOutAndCountsFromTheSecondGeneration) {
    const auto planned = request("", "{request}.{member}");
    EXPECT_EQ(file_stem(planned, {"contoso", "reverse-proxy", "rp01", 1}), "reverse-proxy.rp01");
    EXPECT_EQ(file_stem(planned, {"contoso", "reverse-proxy", "", 1}), "reverse-proxy");
    EXPECT_EQ(file_stem(planned, {"contoso", "reverse-proxy", "rp01", 2}), "reverse-proxy.rp01.g2");
    EXPECT_EQ(file_stem(request("", "{farm}-{request}"), {"contoso", "rp", "", 12}), "contoso-rp.g12");
}

TEST(ExtendedKeyUsageName, IsTheWordOrTheOidItself) {
    EXPECT_EQ(extended_key_usage_name("1.3.6.1.5.5.7.3.1"), "serverAuth");
    EXPECT_EQ(extended_key_usage_name("1.3.6.1.5.5.7.3.2"), "clientAuth");
    EXPECT_EQ(extended_key_usage_name("1.2.3.4"), "1.2.3.4");
}

}  // namespace
}  // namespace hsmreq::test
