#include "plan/host_name.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hsmreq::plan {
namespace {

using namespace std::string_literals;

struct Read {
    std::string written;
    std::string value;
};

class ReadsHostName : public testing::TestWithParam<Read> {};

TEST_P(ReadsHostName, WithoutFault) {
    const auto name = read_host_name(GetParam().written);
    EXPECT_EQ(name.value, GetParam().value);
    EXPECT_TRUE(name.faults.empty()) << name.faults.front().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Names, ReadsHostName,
    testing::Values(Read{"meet.contoso.com", "meet.contoso.com"}, Read{"MEET.Contoso.COM", "meet.contoso.com"},
                    Read{"*.contoso.com", "*.contoso.com"}, Read{"a-b.c--d.com", "a-b.c--d.com"},
                    Read{"b\u00fccher.de", "xn--bcher-kva.de"}, Read{"B\u00dcCHER.de", "xn--bcher-kva.de"},
                    Read{"*.b\u00fccher.de", "*.xn--bcher-kva.de"}, Read{"xn--bcher-kva.de", "xn--bcher-kva.de"},
                    Read{"fa\u00df.de", "xn--fa-hia.de"}, Read{"1a.2b.com", "1a.2b.com"},
                    Read{std::string(63, 'a') + ".com", std::string(63, 'a') + ".com"}, Read{"192.0.2.1", "192.0.2.1"},
                    Read{"[2001:DB8::0:1]", "2001:db8::1"}, Read{"2001:db8::1", "2001:db8::1"}));

struct Faulty {
    std::string written;
    NameFault fault;
};

[[maybe_unused]] void PrintTo(const FaultFound& found, std::ostream* out) {
    *out << static_cast<int>(found.fault) << ' ' << found.detail;
}

void PrintTo(const Faulty& faulty, std::ostream* out) {
    *out << testing::PrintToString(faulty.written);
}

class RefusesHostName : public testing::TestWithParam<Faulty> {};

TEST_P(RefusesHostName, WithItsFault) {
    const auto name = read_host_name(GetParam().written);
    EXPECT_THAT(name.faults, testing::Contains(testing::Field(&FaultFound::fault, GetParam().fault)));
}

INSTANTIATE_TEST_SUITE_P(
    Breakouts, RefusesHostName,
    testing::Values(Faulty{"", NameFault::not_ldh}, Faulty{".", NameFault::not_ldh}, Faulty{"*", NameFault::not_ldh},
                    Faulty{"*.", NameFault::not_ldh}, Faulty{"a.com,DNS:evil.com", NameFault::not_ldh},
                    Faulty{"a.com\0.evil.com"s, NameFault::not_ldh}, Faulty{"a.com\n", NameFault::not_ldh},
                    Faulty{"a.com\r\nb", NameFault::not_ldh}, Faulty{"\"a.com\"", NameFault::not_ldh},
                    Faulty{"'a.com'", NameFault::not_ldh}, Faulty{"a b.com", NameFault::not_ldh},
                    Faulty{" a.com", NameFault::not_ldh}, Faulty{"DNS:a.com", NameFault::not_ldh},
                    Faulty{"a=b.com", NameFault::not_ldh}, Faulty{"#a.com", NameFault::not_ldh},
                    Faulty{"a/b.com", NameFault::not_ldh}, Faulty{"a\\b.com", NameFault::not_ldh},
                    Faulty{"u@a.com", NameFault::not_ldh}, Faulty{"a.com:443", NameFault::not_ldh},
                    Faulty{"\x1b[31ma.com", NameFault::not_ldh}, Faulty{"\xff\xfe.com", NameFault::not_ldh},
                    Faulty{"a\xef\xbc\x8c"
                           "DNS.com",
                           NameFault::not_ldh}));

INSTANTIATE_TEST_SUITE_P(
    Labels, RefusesHostName,
    testing::Values(Faulty{"a..com", NameFault::not_ldh}, Faulty{".a.com", NameFault::not_ldh},
                    Faulty{"-a.com", NameFault::not_ldh}, Faulty{"a-.com", NameFault::not_ldh},
                    Faulty{"ab--c.com", NameFault::not_ldh}, Faulty{"xn--a.com", NameFault::not_ldh},
                    Faulty{"xn--.com", NameFault::not_ldh}, Faulty{"a.*.com", NameFault::not_ldh},
                    Faulty{"a*.com", NameFault::not_ldh}, Faulty{"*.*.com", NameFault::not_ldh},
                    Faulty{"10.0.0.256", NameFault::not_ldh}, Faulty{"a_b.com", NameFault::underscore},
                    Faulty{"_sip.a.com", NameFault::underscore}, Faulty{"a.com.", NameFault::trailing_dot},
                    Faulty{std::string(64, 'a') + ".com", NameFault::label_too_long}));

TEST(HostName, OfMoreThan253CharactersIsTooLong) {
    std::string name;
    for (int i = 0; i < 64; ++i) name += "abc.";
    name += "com";
    ASSERT_EQ(name.size(), 259U);
    ASSERT_EQ(read_host_name(name).faults.size(), 1U);
    EXPECT_EQ(read_host_name(name).faults.front().fault, NameFault::too_long);
    EXPECT_TRUE(read_host_name(name.substr(8)).faults.empty());
}

TEST(HostName, WithForeignCharactersIsShownEscaped) {
    EXPECT_EQ(read_host_name("a\x1b[2J.com").value, "a\\x1b[2J.com");
}

TEST(HostName, KnowsHowItWasWritten) {
    EXPECT_TRUE(read_host_name("b\u00fccher.de").from_u_label);
    EXPECT_FALSE(read_host_name("xn--bcher-kva.de").from_u_label);
    EXPECT_TRUE(read_host_name("xn--bcher-kva.de").has_a_label);
    EXPECT_TRUE(read_host_name("*.a.com").wildcard);
    EXPECT_EQ(read_host_name("[::1]").type, NameType::ip);
}

struct Reach {
    std::string name;
    bool internal;
};

class InternalName : public testing::TestWithParam<Reach> {};

TEST_P(InternalName, IsKnownByItsTopLevelDomain) {
    EXPECT_EQ(is_internal_name(read_host_name(GetParam().name)), GetParam().internal);
}

INSTANTIATE_TEST_SUITE_P(Names, InternalName,
                         testing::Values(Reach{"pool01", true}, Reach{"pool01.corp", true},
                                         Reach{"pool01.contoso.local", true}, Reach{"*.contoso.internal", true},
                                         Reach{"a.contoso.com", false}, Reach{"*.contoso.co.uk", false},
                                         Reach{"www.example.ck", false}, Reach{"a.xn--p1ai", false}));

TEST(PublicSuffix, CoversTheIcannPartOnly) {
    EXPECT_TRUE(is_public_suffix("com"));
    EXPECT_TRUE(is_public_suffix("co.uk"));
    EXPECT_FALSE(is_public_suffix("contoso.com"));
    EXPECT_FALSE(is_public_suffix("github.io"));
    EXPECT_FALSE(is_public_suffix("local"));
}

TEST(ParentDomain, IsWhatFollowsTheFirstDot) {
    EXPECT_EQ(parent_domain("meet.contoso.com"), "contoso.com");
    EXPECT_EQ(parent_domain("com"), "");
}

}  // namespace
}  // namespace hsmreq::plan
