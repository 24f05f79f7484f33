#include "base/base64.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace hsmreq {
namespace {

struct Row {
    const char* bytes;
    const char* text;
};

// RFC 4648, section 10.
constexpr Row rows[] = {{"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
                        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

TEST(Base64, WritesAndReadsTheRowsOfTheStandard) {
    EXPECT_EQ(to_base64({}), "");
    for (const auto& row : rows) {
        EXPECT_EQ(to_base64(as_bytes(row.bytes)), row.text);
        const auto read = from_base64(row.text);
        ASSERT_TRUE(read.has_value()) << row.text;
        EXPECT_EQ(as_text(*read), row.bytes);
    }
}

TEST(Base64, RefusesWhatIsNone) {
    for (const char* text : {"", "=", "Zg", "Zg=", "Zg===", "Z===", "Zm9v\n", " Zm9", "Zm-v", "Zm=v", "====", "Zm9vZ"})
        EXPECT_FALSE(from_base64(text).has_value()) << text;
}

}  // namespace
}  // namespace hsmreq
