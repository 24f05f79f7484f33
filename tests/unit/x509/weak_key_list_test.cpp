#include "x509/weak_key_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "weak_keys.hpp"
#include "x509/key_checks.hpp"

namespace hsmreq::test {
namespace {

using x509::KeyProblemKind;
using x509::WeakKeyList;

// printf 'Modulus=C0FFEE\n' | sha1sum | cut -c 21-40, and for a modulus with half a byte in front, F00D5 and C0FFEF
constexpr const char* c0ffee = "6149ed99475722f13e18";
constexpr const char* f00d5 = "5ea584378353bff8187b";
constexpr const char* c0ffef = "e1eb55536c7ed0dc9664";

Bytes bytes(const char* hex) {
    return *from_hex(hex);
}

Result<WeakKeyList> parse(const std::string& text) {
    return WeakKeyList::parse(as_bytes(text), "weak.txt");
}

TEST(WeakKeyList, KnowsItsKeysAndNoOthers) {
    const auto list = parse(std::string(c0ffee) + "\n" + f00d5 + "\n");
    ASSERT_TRUE(list.ok());
    EXPECT_EQ(list->size(), 2U);
    EXPECT_TRUE(list->contains(bytes("c0ffee")));
    EXPECT_TRUE(list->contains(bytes("0f00d5")));
    EXPECT_FALSE(list->contains(bytes("c0ffef")));
}

TEST(WeakKeyList, MayBeInAnyOrder) {
    for (const auto& text :
         {std::string(c0ffee) + "\n" + f00d5 + "\n" + c0ffef, std::string(f00d5) + "\n" + c0ffef + "\n" + c0ffee,
          std::string(c0ffef) + "\n" + c0ffee + "\n" + f00d5}) {
        const auto list = parse(text);
        ASSERT_TRUE(list.ok());
        for (const char* modulus : {"c0ffee", "0f00d5", "c0ffef"}) EXPECT_TRUE(list->contains(bytes(modulus)));
    }
}

struct AcceptedCase {
    const char* name;
    std::string text;
};

class Accepted : public testing::TestWithParam<AcceptedCase> {};

TEST_P(Accepted, ListHasTheKey) {
    const auto list = parse(GetParam().text);
    ASSERT_TRUE(list.ok()) << list.error().what;
    EXPECT_EQ(list->size(), 1U);
    EXPECT_TRUE(list->contains(bytes("c0ffee")));
}

INSTANTIATE_TEST_SUITE_P(
    Table, Accepted,
    testing::Values(AcceptedCase{"comments_first", std::string("# a list\n#\n") + c0ffee + "\n"},
                    AcceptedCase{"comments_between", "# one list\n" + std::string(c0ffee) + "\n# another list\n"},
                    AcceptedCase{"empty_lines", "\n\n" + std::string(c0ffee) + "\n\n"},
                    AcceptedCase{"no_line_feed_at_the_end", c0ffee},
                    AcceptedCase{"windows_line_ends", std::string("# list\r\n\r\n") + c0ffee + "\r\n"},
                    AcceptedCase{"capital_digits",
                                 [] {
                                     std::string text = c0ffee;
                                     for (char& c : text) c = static_cast<char>(std::toupper(c));
                                     return text;
                                 }()}),
    [](const auto& test_case) { return test_case.param.name; });

struct RefusedCase {
    const char* name;
    std::string text;
    const char* where;
};

class Refused : public testing::TestWithParam<RefusedCase> {};

TEST_P(Refused, ListNamesItsLine) {
    const auto list = parse(GetParam().text);
    ASSERT_FALSE(list.ok());
    EXPECT_EQ(list.error().code, ExitCode::input);
    EXPECT_EQ(list.error().where, GetParam().where);
    EXPECT_FALSE(list.error().hint.empty());
    EXPECT_LT(list.error().what.size(), 400U);
    EXPECT_EQ(list.error().what.find('\x1b'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Refused,
    testing::Values(RefusedCase{"empty", "", "weak.txt"}, RefusedCase{"comments_only", "# nothing\n", "weak.txt"},
                    RefusedCase{"a_digit_too_few", std::string(c0ffee) + "\n0123456789abcdef012\n", "weak.txt:2"},
                    RefusedCase{"a_digit_too_many", "# c\n0123456789abcdef01234\n", "weak.txt:2"},
                    RefusedCase{"whole_sha1", "0123456789abcdef0123456789abcdef01234567\n", "weak.txt:1"},
                    RefusedCase{"no_digits", "0123456789abcdefghij\n", "weak.txt:1"},
                    RefusedCase{"blank_at_the_end", std::string(c0ffee) + " \n", "weak.txt:1"},
                    RefusedCase{"terminal_control", "\x1b[2J\n", "weak.txt:1"},
                    RefusedCase{"a_long_line", std::string(1U << 20U, 'a'), "weak.txt:1"},
                    RefusedCase{"nul_bytes", std::string(20, '\0'), "weak.txt:1"}),
    [](const auto& test_case) { return test_case.param.name; });

TEST(WeakKeyList, IsOneOfTheChecks) {
    const auto list = parse(c0ffee);
    ASSERT_TRUE(list.ok());
    PublicKey key;
    key.modulus = bytes("c0ffee");
    key.public_exponent = bytes("010001");
    const auto listed = [&](const WeakKeyList* weak_keys) {
        const auto problems = x509::check_public_key(key, weak_keys);
        return std::ranges::any_of(*problems,
                                   [](const auto& problem) { return problem.kind == KeyProblemKind::rsa_listed; });
    };
    EXPECT_TRUE(listed(&*list));
    EXPECT_FALSE(listed(nullptr));
    key.modulus = bytes("c0ffef");
    EXPECT_FALSE(listed(&*list));
}

}  // namespace
}  // namespace hsmreq::test
