#include "evidence/retirement.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hsmreq::evidence {
namespace {

Retirement sample() {
    Retirement retirement;
    retirement.tool_version = "0.1.0";
    retirement.time = "2026-11-25T00:00:00Z";
    retirement.operator_name = "alice";
    retirement.reason = "change 4711";
    retirement.all = true;
    retirement.farm = "contoso";
    retirement.token_label = "M\xfcnchen";
    retirement.item.generation = 2;
    retirement.item.key_id = "00ff";
    retirement.item.public_key_sha256 = std::string(64, 'a');
    retirement.item.private_keys = 1;
    return retirement;
}

Bytes bytes_of(const std::string& text) {
    return {text.begin(), text.end()};
}

std::string text_of(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

TEST(Retirement, BeginsOpenAndSaysWhichKeyItIsAbout) {
    const auto state = read_retirement(begun_retirement(sample()));
    ASSERT_TRUE(state);
    EXPECT_FALSE(state->done);
    EXPECT_TRUE(state->all);
    EXPECT_EQ(state->key_id, "00ff");
    EXPECT_EQ(state->public_key_sha256, std::string(64, 'a'));
}

TEST(Retirement, IsCompletedWithoutForgettingWhatItBeganWith) {
    const Bytes begun = begun_retirement(sample());
    const auto done = completed_retirement(begun, "2026-11-25T00:01:00Z", "bob");
    ASSERT_TRUE(done);
    EXPECT_TRUE(read_retirement(*done)->done);
    const std::string text = text_of(*done);
    for (const char* kept : {"\"alice\"", "\"bob\"", "\"change 4711\"", "2026-11-25T00:00:00Z", "2026-11-25T00:01:00Z"})
        EXPECT_NE(text.find(kept), std::string::npos) << kept;
}

TEST(Retirement, KeepsBytesOfATokenThatAreNotUtf8) {
    EXPECT_NE(text_of(begun_retirement(sample())).find("{\n      \"hex\": \"4dfc6e6368656e\""), std::string::npos);
}

TEST(Retirement, ForeignBytesAreNoRecord) {
    for (const char* foreign : {"", "{", "[]", "{}", R"({"schema": "hsmreq.retired/2", "state": "done"})",
                                R"({"schema": "hsmreq.retired/1"})", R"({"schema": 1, "state": "done"})"}) {
        EXPECT_FALSE(read_retirement(bytes_of(foreign))) << foreign;
        EXPECT_FALSE(completed_retirement(bytes_of(foreign), "", "")) << foreign;
    }
}

}  // namespace
}  // namespace hsmreq::evidence
