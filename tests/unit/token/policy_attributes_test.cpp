#include "token/policy_attributes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <ostream>
#include <set>
#include <string>

#include "token/key_templates.hpp"
#include "token/quirk_profiles.hpp"

namespace hsmreq::token {
namespace {

KeyTemplate template_with(bool decrypt, bool extractable, bool wrap_with_trusted) {
    KeyTemplate wanted;
    wanted.decrypt = decrypt;
    wanted.extractable = extractable;
    wanted.wrap_with_trusted = wrap_with_trusted;
    return wanted;
}

struct ValueCase {
    ObjectKind object;
    CK_ATTRIBUTE_TYPE type;
    const char* attribute;
    KeyTemplate wanted;
    bool value;
};
void PrintTo(const ValueCase& given, std::ostream* stream) {
    *stream << to_name(given.object) << ' ' << given.attribute << " decrypt=" << given.wanted.decrypt
            << " extractable=" << given.wanted.extractable;
}
class FullTemplate : public ::testing::TestWithParam<ValueCase> {};

TEST_P(FullTemplate, StatesTheAttributeWithThePolicysValue) {
    const auto& given = GetParam();
    const auto all = policy_attributes();
    const auto row = std::find_if(all.begin(), all.end(), [&](const PolicyAttribute& attribute) {
        return attribute.object == given.object && attribute.type == given.type;
    });
    ASSERT_NE(row, all.end());
    EXPECT_STREQ(row->name, given.attribute);
    EXPECT_TRUE(states(*row, given.wanted, 0, nullptr));
    EXPECT_EQ(wanted_value(*row, given.wanted), given.value);
}

#define PRIVATE(name) ObjectKind::private_key, name, #name
#define PUBLIC(name) ObjectKind::public_key, name, #name
const KeyTemplate strict = template_with(false, false, false);
const ValueCase value_cases[] = {
    {PRIVATE(CKA_TOKEN), strict, true},
    {PRIVATE(CKA_PRIVATE), strict, true},
    {PRIVATE(CKA_SENSITIVE), strict, true},
    {PRIVATE(CKA_SIGN), strict, true},
    {PRIVATE(CKA_EXTRACTABLE), strict, false},
    {PRIVATE(CKA_EXTRACTABLE), template_with(false, true, false), true},
    {PRIVATE(CKA_SENSITIVE), template_with(false, true, false), true},
    {PRIVATE(CKA_DECRYPT), strict, false},
    {PRIVATE(CKA_DECRYPT), template_with(true, false, false), true},
    {PRIVATE(CKA_UNWRAP), template_with(true, true, true), false},
    {PRIVATE(CKA_SIGN_RECOVER), strict, false},
    {PRIVATE(CKA_DERIVE), strict, false},
    {PRIVATE(CKA_MODIFIABLE), strict, false},
    {PRIVATE(CKA_COPYABLE), strict, false},
    {PRIVATE(CKA_WRAP_WITH_TRUSTED), template_with(false, true, true), true},
    {PUBLIC(CKA_TOKEN), strict, true},
    {PUBLIC(CKA_VERIFY), strict, true},
    {PUBLIC(CKA_PRIVATE), strict, false},
    {PUBLIC(CKA_ENCRYPT), template_with(true, true, true), false},
    {PUBLIC(CKA_WRAP), strict, false},
    {PUBLIC(CKA_VERIFY_RECOVER), strict, false},
    {PUBLIC(CKA_DERIVE), strict, false},
    {PUBLIC(CKA_MODIFIABLE), strict, false},
    {PUBLIC(CKA_COPYABLE), strict, false},
};
INSTANTIATE_TEST_SUITE_P(Table, FullTemplate, ::testing::ValuesIn(value_cases));

TEST(PolicyAttributes, HaveACaseForEveryRow) {
    for (const auto& row : policy_attributes()) {
        const bool covered = std::any_of(std::begin(value_cases), std::end(value_cases), [&](const ValueCase& given) {
            return given.object == row.object && given.type == row.type;
        });
        EXPECT_TRUE(covered) << to_name(row.object) << ' ' << row.name;
    }
}

std::set<std::string> stated(const KeyTemplate& wanted, unsigned rung, const QuirkProfile* quirks) {
    std::set<std::string> names;
    for (const auto& row : policy_attributes())
        if (states(row, wanted, rung, quirks)) names.insert(std::string(to_name(row.object)) + ' ' + row.name);
    return names;
}

TEST(Ladder, LeavesOutEverMoreAndNeverWhatIsTrue) {
    for (const auto& wanted : {template_with(false, false, false), template_with(true, true, true)}) {
        for (unsigned rung = 1; rung < rung_count; ++rung) {
            const auto before = stated(wanted, rung - 1, nullptr);
            const auto after = stated(wanted, rung, nullptr);
            EXPECT_TRUE(std::includes(before.begin(), before.end(), after.begin(), after.end())) << "rung " << rung;
        }
        const auto least = stated(wanted, rung_count - 1, nullptr);
        for (const auto& row : policy_attributes()) {
            const std::string name = std::string(to_name(row.object)) + ' ' + row.name;
            EXPECT_TRUE(!wanted_value(row, wanted) || least.contains(name)) << name;
        }
    }
}

TEST(Ladder, NeverLeavesOutWhatKeepsTheKeyInside) {
    QuirkProfile eager;
    for (const auto& row : policy_attributes()) {
        eager.omit_private.emplace_back(row.name);
        eager.omit_public.emplace_back(row.name);
    }
    for (unsigned rung = 0; rung < rung_count; ++rung) {
        const auto names = stated(template_with(false, false, false), rung, &eager);
        for (const char* kept : {"private CKA_EXTRACTABLE", "private CKA_SENSITIVE", "private CKA_PRIVATE",
                                 "private CKA_TOKEN", "private CKA_SIGN"})
            EXPECT_TRUE(names.contains(kept)) << kept << " at rung " << rung;
    }
}

TEST(Quirks, LeaveAnAttributeOutOfTheirObjectOnly) {
    QuirkProfile quirks;
    quirks.omit_private = {"CKA_DERIVE"};
    const auto names = stated(template_with(false, false, false), 0, &quirks);
    EXPECT_FALSE(names.contains("private CKA_DERIVE"));
    EXPECT_TRUE(names.contains("public CKA_DERIVE"));
}

TEST(WrapWithTrusted, IsStatedOnlyWithAWrappingKey) {
    EXPECT_FALSE(stated(template_with(false, true, false), 0, nullptr).contains("private CKA_WRAP_WITH_TRUSTED"));
    EXPECT_TRUE(
        stated(template_with(false, true, true), rung_count - 1, nullptr).contains("private CKA_WRAP_WITH_TRUSTED"));
}

TEST(QuirkProfiles, AreFoundByTheTokensOwnNames) {
    ModuleInfo module;
    module.description = "Implementation of PKCS11";
    TokenInfo token;
    token.manufacturer = "SoftHSM project";
    token.model = "SoftHSM v2";
    const auto* profile = find_quirk_profile(module, token);
    ASSERT_NE(profile, nullptr);
    EXPECT_EQ(profile->name, "softhsm2");
    EXPECT_FALSE(profile->cannot_wrap.empty());
    EXPECT_FALSE(profile->sources.empty());
    token.manufacturer = "Somebody else";
    EXPECT_EQ(find_quirk_profile(module, token), nullptr);
}

TEST(QuirkProfiles, OfNssHoldWhateverItsParametersCallIt) {
    ModuleInfo module;
    module.description = "NSS Internal Crypto Services";
    TokenInfo token;
    token.manufacturer = "Mozilla Foundation";
    token.model = "NSS 3";
    const auto* profile = find_quirk_profile(module, token);
    ASSERT_NE(profile, nullptr);
    EXPECT_EQ(profile->name, "nss-softokn");
    module.description = token.manufacturer = "Contoso";
    EXPECT_EQ(find_quirk_profile(module, token), profile);
    for (const auto kind : {&QuirkProfile::omit_private, &QuirkProfile::omit_public, &QuirkProfile::omit_certificate}) {
        EXPECT_TRUE(omits(profile, kind, "CKA_COPYABLE"));
        EXPECT_FALSE(omits(profile, kind, "CKA_MODIFIABLE"));
        EXPECT_FALSE(omits(nullptr, kind, "CKA_COPYABLE"));
    }
}

TEST(CurveParameterForms, AreTheIdentifierAndForEdwardsTheName) {
    EXPECT_EQ(curve_parameters(KeyAlgorithm::ed25519, 0), (Bytes{0x06, 0x03, 0x2b, 0x65, 0x70}));
    const Bytes name = curve_parameters(KeyAlgorithm::ed25519, 1);
    EXPECT_EQ(std::string(name.begin(), name.end()),
              "\x13\x0c"
              "edwards25519");
}

}  // namespace
}  // namespace hsmreq::token
