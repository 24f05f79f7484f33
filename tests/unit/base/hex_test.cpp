#include "base/hex.hpp"

#include <gtest/gtest.h>

namespace hsmreq {
namespace {

TEST(Hex, WritesLowerCaseWithoutSeparators) {
    EXPECT_EQ(to_hex(Bytes{0x00, 0x0f, 0xa5, 0xff}), "000fa5ff");
    EXPECT_EQ(to_hex({}), "");
}

TEST(Hex, ReadsBothCases) {
    EXPECT_EQ(from_hex("000fA5Ff"), (Bytes{0x00, 0x0f, 0xa5, 0xff}));
    EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(Hex, RefusesOddLengthAndOtherCharacters) {
    for (const auto* text : {"0", "abc", "0g", "g0", " 0", "0x", "a:b", "\xc3\xa9"})
        EXPECT_EQ(from_hex(text), std::nullopt) << text;
}

TEST(Hex, EveryByteSurvivesTheRoundTrip) {
    Bytes all(256);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
    EXPECT_EQ(from_hex(to_hex(all)), all);
}

}  // namespace
}  // namespace hsmreq
