#include "base/encoding.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace hsmreq {
namespace {

std::string decoded(std::string_view bytes) {
    const auto result = decode_text(as_bytes(bytes));
    return result ? std::string(result->encoding) + ": " + result->text : result.error().what;
}

TEST(Encoding, IsTold) {
    using namespace std::string_view_literals;
    EXPECT_EQ(decoded(""), "UTF-8: ");
    EXPECT_EQ(decoded("a€"), "UTF-8: a€");
    EXPECT_EQ(decoded("\xef\xbb\xbf"
                      "a"),
              "UTF-8: a");
    EXPECT_EQ(decoded("\xff\xfe"
                      "a\0\xac\x20"sv),
              "UTF-16LE: a€");
    EXPECT_EQ(decoded("\xfe\xff\0a\x20\xac"sv), "UTF-16BE: a€");
    EXPECT_EQ(decoded("\xff\xfe\x3d\xd8\x00\xde"sv), "UTF-16LE: 😀");
    EXPECT_EQ(decoded("[\0a\0b\0]\0"sv), "UTF-16LE: [ab]");
    EXPECT_EQ(decoded("\0[\0a\0b\0]"sv), "UTF-16BE: [ab]");
    EXPECT_EQ(decoded("M\xfcller \x80"), "Windows-1252: Müller €");
}

TEST(Encoding, HalvesAndNulAreRefused) {
    using namespace std::string_view_literals;
    EXPECT_EQ(decoded("\xff\xfe"
                      "a"),
              "UTF-16 text that ends in half a character");
    EXPECT_EQ(decoded("\xff\xfe\x00\xd8"sv), "UTF-16 text with half of a surrogate pair");
    EXPECT_EQ(decoded("\xff\xfe\x00\xd8"
                      "a\0"sv),
              "UTF-16 text with half of a surrogate pair");
    EXPECT_EQ(decoded("\xff\xfe\x00\xdc"sv), "UTF-16 text with half of a surrogate pair");
    EXPECT_EQ(decoded("a\0b"sv), "a NUL byte, which no text has");
}

}  // namespace
}  // namespace hsmreq
