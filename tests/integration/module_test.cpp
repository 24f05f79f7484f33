// Modules that are broken from the first call on, and slots that are.
#include <dlfcn.h>
#include <unistd.h>

#include <filesystem>
#include <ostream>

#include "integration/faulty_token.hpp"

namespace hsmreq::token {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FaultyModule : public test::FaultyToken {};

TEST_F(FaultyModule, WithoutAFunctionListIsRefused) {
    test::FaultRules::set("C_GetFunctionList=null");
    const auto loaded = load();
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code, ExitCode::not_found);
}

TEST_F(FaultyModule, OfAnotherCryptokiVersionIsRefusedBeforeACallIsMade) {
    test::FaultRules::set("C_GetFunctionList=version:1");
    const auto loaded = load();
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code, ExitCode::not_found);
    EXPECT_THAT(loaded.error().what, HasSubstr("Cryptoki 1."));
    EXPECT_EQ(faults_.calls("C_Initialize"), 0);
}

TEST_F(FaultyModule, OfVersionThreeIsTaken) {
    test::FaultRules::set("C_GetFunctionList=version:3");
    EXPECT_TRUE(find().ok());
}

TEST_F(FaultyModule, IsAskedToLockSinceSessionsRunSideBySide) {
    test::FaultRules::set("C_Initialize=demand-locking");
    const auto loaded = load();
    EXPECT_TRUE(loaded.ok()) << loaded.error().what;
}

TEST_F(FaultyModule, ThatIsNotAModuleIsRefused) {
    const auto file = softhsm_.folder().write("text.so", "not a shared object");
    const auto text = Module::load({file, true, &watchdog_});
    ASSERT_FALSE(text.ok());
    EXPECT_EQ(text.error().code, ExitCode::not_found);
    ::Dl_info libc{};
    ASSERT_NE(::dladdr(reinterpret_cast<const void*>(&::getpid), &libc), 0);
    const auto library = Module::load({std::filesystem::canonical(libc.dli_fname), true, &watchdog_});
    ASSERT_FALSE(library.ok());
    EXPECT_EQ(library.error().code, ExitCode::not_found);
    EXPECT_THAT(library.error().what, HasSubstr("C_GetFunctionList"));
}

TEST_F(FaultyModule, LoadedTwiceIsInitialisedAndFinalisedOnce) {
    ASSERT_TRUE(load().ok());
    {
        const auto second = Module::load({HSMREQ_FAULT_MODULE, true, &watchdog_});
        ASSERT_TRUE(second.ok()) << second.error().what;
    }
    EXPECT_EQ(faults_.calls("C_Finalize"), 0);
    module_.reset();
    EXPECT_EQ(faults_.calls("C_Finalize"), 1);
}

TEST_F(FaultyModule, StaysInTheProcessWhenItIsFinalisedSinceALaterPhaseLoadsItAgain) {
    ASSERT_TRUE(load().ok());
    module_.reset();
    EXPECT_EQ(faults_.calls("C_Finalize"), 1);
    void* const still = ::dlopen(HSMREQ_FAULT_MODULE, RTLD_NOW | RTLD_NOLOAD);
    ASSERT_NE(still, nullptr);
    ::dlclose(still);
}

TEST_F(FaultyModule, ThatFailsToInitialiseIsATokenErrorAndNotFinalised) {
    test::FaultRules::set("C_Initialize=return:30");
    const auto loaded = load();
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code, ExitCode::token);
    EXPECT_EQ(loaded.error().fault->function, "C_Initialize");
    EXPECT_EQ(faults_.calls("C_Finalize"), 0);
}

struct ListCase {
    const char* name;
    const char* rule;
};
void PrintTo(const ListCase& given, std::ostream* stream) {
    *stream << given.rule;
}
class AbsurdList : public test::FaultyToken, public ::testing::WithParamInterface<ListCase> {};

TEST_P(AbsurdList, IsAnErrorAndNoMemoryIsTakenForIt) {
    test::FaultRules::set(GetParam().rule);
    auto status = find();
    if (status) {
        const auto mechanisms = token_->mechanisms();
        ASSERT_FALSE(mechanisms.ok());
        status = mechanisms.error();
    }
    EXPECT_EQ(status.error().code, ExitCode::token);
    EXPECT_FALSE(status.error().what.empty());
}

constexpr ListCase list_cases[] = {
    {"SlotsHuge", "C_GetSlotList=count:8000000000000000"},
    {"SlotsUnavailable", "C_GetSlotList=count:ffffffffffffffff"},
    {"SlotsMany", "C_GetSlotList=count:10001"},
    {"SlotsHugeInTheSecondCall", "C_GetSlotList#2=count:8000000000000000;C_GetSlotList#3=count:8000000000000000"},
    {"MechanismsHuge", "C_GetMechanismList=count:8000000000000000"},
    {"MechanismsUnavailable", "C_GetMechanismList=count:ffffffffffffffff"},
    {"NoSlotList", "C_GetSlotList=missing"},
    {"NoMechanismList", "C_GetMechanismList=missing"},
};
INSTANTIATE_TEST_SUITE_P(Table, AbsurdList, ::testing::ValuesIn(list_cases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(FaultyModule, MayAnswerATooSmallCountFirst) {
    test::FaultRules::set("C_GetMechanismList#1=count:0;C_GetSlotList#1=count:0");
    ASSERT_TRUE(find().ok());
    const auto mechanisms = token_->mechanisms();
    ASSERT_TRUE(mechanisms.ok()) << mechanisms.error().what;
    EXPECT_GT((*mechanisms)->size(), 20U);
}

TEST_F(FaultyModule, IsAskedForItsMechanismsOnce) {
    ASSERT_TRUE(find().ok());
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(check_mechanisms(*token_, KeyAlgorithm::ec_p256, Hash::sha256).ok());
    EXPECT_EQ(faults_.calls("C_GetMechanismList"), 2) << "its length, then the list";
}

struct MechanismCase {
    const char* name;
    const char* rules;
    KeyAlgorithm algorithm;
    const char* missing;
};
void PrintTo(const MechanismCase& given, std::ostream* stream) {
    *stream << given.rules;
}
class MissingMechanism : public test::FaultyToken, public ::testing::WithParamInterface<MechanismCase> {};

TEST_P(MissingMechanism, IsNamedBeforeAKeyIsMade) {
    test::FaultRules::set(GetParam().rules);
    ASSERT_TRUE(find().ok());
    const auto status = check_mechanisms(*token_, GetParam().algorithm, Hash::sha256);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ExitCode::token);
    EXPECT_THAT(status.error().what, HasSubstr(GetParam().missing));
    EXPECT_EQ(faults_.calls("C_GenerateKeyPair"), 0);
}

constexpr MechanismCase mechanism_cases[] = {
    {"EcGeneration", "C_GetMechanismList=hide:1040", KeyAlgorithm::ec_p256, "CKM_EC_KEY_PAIR_GEN"},
    {"Ecdsa", "C_GetMechanismList=hide:1041", KeyAlgorithm::ec_p256, "CKM_ECDSA"},
    {"RsaGeneration", "C_GetMechanismList=hide:0", KeyAlgorithm::rsa_2048, "CKM_RSA_PKCS_KEY_PAIR_GEN"},
    {"RsaInBothForms", "C_GetMechanismList=hide:1;C_GetMechanismList=hide:40", KeyAlgorithm::rsa_2048,
     "CKM_SHA256_RSA_PKCS"},
};
INSTANTIATE_TEST_SUITE_P(Table, MissingMechanism, ::testing::ValuesIn(mechanism_cases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(FaultyModule, WithSeveralMatchingTokensListsThemAll) {
    softhsm_.add_token("rp02");
    const auto status = find("pkcs11:model=SoftHSM%20v2");
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ExitCode::not_found);
    EXPECT_THAT(status.error().what, HasSubstr("2 tokens match"));
    EXPECT_THAT(status.error().hint, HasSubstr("token rp01,"));
    EXPECT_THAT(status.error().hint, HasSubstr("token rp02,"));
}

TEST_F(FaultyModule, WithTwoTokensOfOneLabelListsTheirSerials) {
    softhsm_.add_token("rp01");
    const auto status = find("pkcs11:token=rp01");
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ExitCode::not_found);
    const auto first = status.error().hint.find(", serial ");
    ASSERT_NE(first, std::string::npos);
    const auto serial = status.error().hint.substr(first + 9, 16);
    ASSERT_TRUE(find("pkcs11:token=rp01;serial=" + serial).ok());
    EXPECT_EQ(token_->info().serial, serial);
}

TEST_F(FaultyModule, WithoutAMatchShowsTheTokensThereAre) {
    const auto status = find("pkcs11:token=rp77");
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ExitCode::not_found);
    EXPECT_EQ(status.error().what, "no token matches");
    EXPECT_THAT(status.error().hint, HasSubstr("token rp01,"));
}

TEST_F(FaultyModule, WithAFailingSlotStillFindsTheOther) {
    softhsm_.add_token("rp02");
    std::string rules_end;
    for (const char* rule : {"C_GetTokenInfo#1=return:30", "C_GetTokenInfo#2=return:e1", "C_GetSlotInfo#1=return:5"}) {
        int found = 0;
        for (const char* uri : {"pkcs11:token=rp01", "pkcs11:token=rp02"}) {
            test::FaultRules::set(rule + rules_end);  // other text, so that the calls are counted anew
            rules_end += ';';
            const auto status = find(uri);
            if (status) {
                ++found;
                continue;
            }
            EXPECT_EQ(status.error().code, ExitCode::not_found);
            EXPECT_THAT(status.error().hint, HasSubstr("CKR_"));
        }
        EXPECT_EQ(found, 1) << rule;
    }
}

}  // namespace
}  // namespace hsmreq::token
