#include "base/text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

namespace hsmreq {
namespace {

using namespace std::string_view_literals;

TEST(ToLower, ChangesAsciiOnly) {
    EXPECT_EQ(to_lower("Contoso.COM Z@[\xc3\x84"), "contoso.com z@[\xc3\x84");
}

struct PrintableCase {
    const char* name;
    std::string_view text;
    std::string_view expected;
};

class Printable : public testing::TestWithParam<PrintableCase> {};

TEST_P(Printable, Shows) {
    EXPECT_EQ(printable(GetParam().text), GetParam().expected);
}

constexpr std::array printable_cases{
    PrintableCase{"Ascii", "token A", "token A"},
    PrintableCase{"Utf8", "Z\xc3\xbcrich \xf0\x9f\x94\x91", "Z\xc3\xbcrich \xf0\x9f\x94\x91"},
    PrintableCase{"EscapeSequence", "a\x1b[2Jb", "a\\x1b[2Jb"},
    PrintableCase{"NewlineTabNul", "a\nb\tc\0d"sv, "a\\x0ab\\x09c\\x00d"},
    PrintableCase{"Del", "a\x7f", "a\\x7f"},
    PrintableCase{"C1Control", "\xc2\x9b", "\\xc2\\x9b"},
    PrintableCase{"DirectionMark", "\xe2\x80\xae", "\\xe2\\x80\\xae"},
    PrintableCase{"LoneContinuation", "a\x80z", "a\\x80z"},
    PrintableCase{"CutOff", "a\xe2\x82", "a\\xe2\\x82"},
    PrintableCase{"Overlong", "\xc0\xaf", "\\xc0\\xaf"},
};

INSTANTIATE_TEST_SUITE_P(Texts, Printable, testing::ValuesIn(printable_cases),
                         [](const auto& test) { return test.param.name; });

TEST(IsUtf8, AcceptsWhatRfc3629Allows) {
    for (const auto text : {""sv, "a\0b"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv,
                            "\xee\x80\x80"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv})
        EXPECT_TRUE(is_utf8(text)) << printable(text);
}

TEST(IsUtf8, RefusesWhatRfc3629Forbids) {
    for (const auto text : {"\x80"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv,
                            "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf8\x88\x80\x80\x80"sv, "\xff"sv, "\xc2"sv,
                            "\xc2\x41"sv, "ok\xf0\x9f\x94"sv})
        EXPECT_FALSE(is_utf8(text)) << printable(text);
}

TEST(Nearest, FindsWhatWasMeant) {
    constexpr std::array keys{"key_size"sv, "key_storage"sv, "module"sv, "sip_domains"sv};
    const std::map<std::string_view, std::string_view> cases{
        {"key_sze", "key_size"}, {"key_sizes", "key_size"},     {"Key_Size", "key_size"},
        {"modlue", "module"},    {"sipdomains", "sip_domains"}, {"key-size", "key_size"},
    };
    for (const auto& [word, meant] : cases) EXPECT_EQ(nearest(word, keys), meant) << word;
}

TEST(Nearest, SaysNothingWhenNothingIsNear) {
    constexpr std::array keys{"key_size"sv, "cn"sv};
    for (const auto word : {""sv, "x"sv, "xy"sv, "exportable"sv, "key"sv}) EXPECT_EQ(nearest(word, keys), "") << word;
    EXPECT_EQ(nearest("key_size", {}), "");
    EXPECT_EQ(nearest(std::string(1'000'000, 'k'), keys), "");
}

TEST(Nearest, PrefersTheSmallerDistanceThenTheFirst) {
    constexpr std::array keys{"names"sv, "name"sv, "fame"sv};
    EXPECT_EQ(nearest("nam", keys), "name");
    constexpr std::array equals{"cat"sv, "car"sv};
    EXPECT_EQ(nearest("cax", equals), "cat");
}

TEST(Join, PutsTheSeparatorBetween) {
    EXPECT_EQ(join({}, ", "), "");
    EXPECT_EQ(join({"a"}, ", "), "a");
    EXPECT_EQ(join({"a", "", "b"}, ", "), "a, , b");
}

TEST(ExpandTemplate, DropsAnEmptyPartWithItsDot) {
    const auto lookup = [](std::string_view name) -> std::string {
        if (name == "request") return "web";
        if (name == "member") return "proxy1";
        return "";
    };
    const std::map<std::string_view, std::string_view> cases{
        {"{request}.{member}", "web.proxy1"},
        {"{request}.{none}", "web"},
        {"{none}.{request}", "web"},
        {"{request}.{none}.{member}", "web.proxy1"},
        {"{none}.{none}.{request}", "web"},
        {"{none}.{none}", ""},
        {"{request}-{none}", "web-"},
        {"{request}{none}.x", "web.x"},
        {"plain.name", "plain.name"},
        {"", ""},
        {"{request", "{request"},
        {"a}b", "a}b"},
    };
    for (const auto& [text, expected] : cases) EXPECT_EQ(expand_template(text, lookup), expected) << text;
}

TEST(ExpandTemplate, DoesNotExpandValuesAgain) {
    EXPECT_EQ(expand_template("{a}", [](std::string_view) { return "{a}"; }), "{a}");
}

TEST(AsBytes, AndBackAreTheSameMemory) {
    const auto text = "a\0b"sv;
    EXPECT_EQ(as_bytes(text).size(), 3U);
    EXPECT_EQ(as_text(as_bytes(text)).data(), text.data());
    EXPECT_EQ(as_text(as_bytes(text)), text);
}

TEST(FillIn, PutsTheWordsIntoTheirPlacesInOrder) {
    EXPECT_EQ(fill_in("{} has {} bits", {"It", "7"}), "It has 7 bits");
    EXPECT_EQ(fill_in("{}{}", {"{}", "b"}), "{}b");
    EXPECT_EQ(fill_in("no place", {"word"}), "no place");
    EXPECT_EQ(fill_in("{} and {}", {"one"}), "one and {}");
    EXPECT_EQ(fill_in("", {}), "");
}

}  // namespace
}  // namespace hsmreq
