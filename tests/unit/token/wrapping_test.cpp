#include "token/wrapping.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <set>
#include <string>

#include "token/cryptoki.hpp"

namespace hsmreq::token {
namespace {

struct WayCase {
    const char* name;
    Direction direction;
    std::set<unsigned long> offered;
    std::vector<std::string> expected;
};
void PrintTo(const WayCase& given, std::ostream* stream) {
    *stream << given.name;
}

std::string word(const WrappingWay& way) {
    return (way.one_step ? "one step " : "") + mechanism_name(way.mechanism) + " " +
           std::string(hsmreq::to_name(way.key_wrap)) + " " + std::string(hsmreq::to_name(way.oaep));
}

class WrappingWays : public testing::TestWithParam<WayCase> {};

TEST_P(WrappingWays, FollowTheTable) {
    const auto ways =
        wrapping_ways(GetParam().direction, [](unsigned long type) { return GetParam().offered.contains(type); });
    std::vector<std::string> words;
    for (const auto& way : ways) words.push_back(word(way));
    EXPECT_EQ(words, GetParam().expected);
}

const std::vector<std::string> nothing;

INSTANTIATE_TEST_SUITE_P(
    Table, WrappingWays,
    testing::Values(
        WayCase{"softhsm",
                Direction::wrap,
                {CKM_RSA_PKCS_OAEP, CKM_AES_KEY_GEN, CKM_AES_KEY_WRAP, CKM_AES_KEY_WRAP_PAD},
                {"CKM_AES_KEY_WRAP_PAD aes-kwp sha256", "CKM_AES_KEY_WRAP_PAD aes-kwp sha1",
                 "CKM_AES_KEY_WRAP aes-kw sha256", "CKM_AES_KEY_WRAP aes-kw sha1"}},
        WayCase{"the_number_of_cryptoki_3",
                Direction::unwrap,
                {CKM_RSA_PKCS_OAEP, CKM_AES_KEY_WRAP_KWP},
                {"CKM_AES_KEY_WRAP_KWP aes-kwp sha256", "CKM_AES_KEY_WRAP_KWP aes-kwp sha1"}},
        WayCase{"one_step_first",
                Direction::wrap,
                {CKM_RSA_AES_KEY_WRAP, CKM_RSA_PKCS_OAEP, CKM_AES_KEY_GEN, CKM_AES_KEY_WRAP_KWP},
                {"one step CKM_RSA_AES_KEY_WRAP aes-kwp sha256", "one step CKM_RSA_AES_KEY_WRAP aes-kwp sha1",
                 "CKM_AES_KEY_WRAP_KWP aes-kwp sha256", "CKM_AES_KEY_WRAP_KWP aes-kwp sha1"}},
        WayCase{"one_step_alone",
                Direction::unwrap,
                {CKM_RSA_AES_KEY_WRAP},
                {"one step CKM_RSA_AES_KEY_WRAP aes-kwp sha256", "one step CKM_RSA_AES_KEY_WRAP aes-kwp sha1"}},
        WayCase{"no_oaep", Direction::wrap, {CKM_AES_KEY_GEN, CKM_AES_KEY_WRAP_PAD}, nothing},
        WayCase{"no_aes_key_to_be_made", Direction::wrap, {CKM_RSA_PKCS_OAEP, CKM_AES_KEY_WRAP_PAD}, nothing},
        WayCase{"unwrapping_makes_no_aes_key",
                Direction::unwrap,
                {CKM_RSA_PKCS_OAEP, CKM_AES_KEY_WRAP},
                {"CKM_AES_KEY_WRAP aes-kw sha256", "CKM_AES_KEY_WRAP aes-kw sha1"}},
        WayCase{"no_key_wrap", Direction::unwrap, {CKM_RSA_PKCS_OAEP, CKM_AES_CBC_PAD}, nothing}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace hsmreq::token
