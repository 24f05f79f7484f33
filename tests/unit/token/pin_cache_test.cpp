// The PINs of a run: kept by token, copied out, and none after a refusal.
#include "token/pin_cache.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace hsmreq::token {
namespace {

Secret secret(std::string_view text) {
    Secret result(text.size());
    result.append(as_bytes(text));
    return result;
}

TEST(PinCache, KnowsNothingOfATokenThatAcceptedNothing) {
    const PinCache pins;
    EXPECT_FALSE(pins.find("token").has_value());
    EXPECT_FALSE(pins.refusal("token").has_value());
}

TEST(PinCache, HandsOutCopiesOfEachTokensOwn) {
    PinCache pins;
    pins.keep("one", secret("1111"));
    pins.keep("two", secret("2222"));
    const auto first = pins.find("one");
    const auto again = pins.find("one");
    ASSERT_TRUE(first && again);
    EXPECT_EQ(as_text(first->reveal()), "1111");
    EXPECT_NE(first->reveal().data(), again->reveal().data());
    EXPECT_EQ(as_text(pins.find("two")->reveal()), "2222");
}

TEST(PinCache, ForgetsThePinOfATokenThatRefusedIt) {
    PinCache pins;
    pins.keep("one", secret("1111"));
    pins.keep("two", secret("2222"));
    pins.refuse("one", Error{.code = ExitCode::login, .what = "refused"});
    EXPECT_FALSE(pins.find("one").has_value());
    EXPECT_EQ(pins.refusal("one")->what, "refused");
    EXPECT_TRUE(pins.find("two").has_value());
}

}  // namespace
}  // namespace hsmreq::token
