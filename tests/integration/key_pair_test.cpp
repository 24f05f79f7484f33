// Templates that are refused, attributes that come back otherwise, and a token that wraps what it must not.
#include <future>
#include <ostream>

#include "integration/faulty_token.hpp"
#include "token/probe.hpp"
#include "token/signing.hpp"

namespace hsmreq::token {
namespace {

using ::testing::HasSubstr;

struct LadderCase {
    const char* name;
    const char* rules;
    const char* object;
    const char* left_out;
};
void PrintTo(const LadderCase& given, std::ostream* stream) {
    *stream << given.rules;
}
class Ladder : public test::FaultyToken, public ::testing::WithParamInterface<LadderCase> {};

// SoftHSM takes most omitted attributes for true, so what is left out shows in the read-back unless that is set as
// well.
TEST_P(Ladder, LeavesOutWhatTheTokenRefusesAndSaysSo) {
    ASSERT_TRUE(open(GetParam().rules).ok());
    const auto pair = make(wanted());
    ASSERT_TRUE(pair.ok()) << pair.error().what;
    const auto* claimed = claim(*pair, GetParam().object, GetParam().left_out);
    ASSERT_NE(claimed, nullptr);
    EXPECT_TRUE(claimed->left_out);
    EXPECT_NE(claimed->verdict, Verdict::differs) << claimed->read;
    for (const char* kept : {"CKA_EXTRACTABLE", "CKA_SENSITIVE", "CKA_PRIVATE", "CKA_TOKEN", "CKA_SIGN"})
        EXPECT_FALSE(claim(*pair, "private", kept)->left_out) << kept;
}

constexpr LadderCase ladder_cases[] = {
    {"UnknownCopyable", "C_GenerateKeyPair=refuse:171;C_GetAttributeValue=unknown:171", "private", "CKA_COPYABLE"},
    {"NoRecovery", "C_GenerateKeyPair=refuse:109;C_GetAttributeValue=read:109,00", "private", "CKA_SIGN_RECOVER"},
    {"NoUnwrap", "C_GenerateKeyPair=refuse:107;C_GetAttributeValue=read:107,00", "private", "CKA_UNWRAP"},
    {"NoDecrypt", "C_GenerateKeyPair=refuse:105;C_GetAttributeValue=read:105,00", "private", "CKA_DECRYPT"},
    {"NoWrapOnThePublicKey", "C_GenerateKeyPair=refuse:106;C_GetAttributeValue=read:106,00", "public", "CKA_WRAP"},
};
INSTANTIATE_TEST_SUITE_P(Table, Ladder, ::testing::ValuesIn(ladder_cases),
                         [](const auto& row) { return std::string(row.param.name); });

class Keys : public test::FaultyToken {};

TEST_F(Keys, KeepTheRungThatWorked) {
    ASSERT_TRUE(open("C_GenerateKeyPair=refuse:171").ok());
    ASSERT_TRUE(make(wanted()).ok());
    EXPECT_EQ(faults_.calls("C_GenerateKeyPair"), 2);
    id_.back() ^= 1;
    ASSERT_TRUE(make(wanted()).ok());
    EXPECT_EQ(faults_.calls("C_GenerateKeyPair"), 3);
}

TEST_F(Keys, LeftOutAreJudgedByTheReadBack) {
    ASSERT_TRUE(open("C_GenerateKeyPair=refuse:107").ok());
    const auto pair = make(wanted());
    ASSERT_TRUE(pair.ok());
    EXPECT_THAT(differing(*pair), HasSubstr("private CKA_UNWRAP")) << "SoftHSM takes what is left out for true";
}

struct NeverCase {
    const char* name;
    const char* rules;
};
void PrintTo(const NeverCase& given, std::ostream* stream) {
    *stream << given.rules;
}
class NeverLeftOut : public test::FaultyToken, public ::testing::WithParamInterface<NeverCase> {};

TEST_P(NeverLeftOut, SoThatATokenThatRefusesItGetsNoKey) {
    ASSERT_TRUE(open(GetParam().rules).ok());
    const auto pair = generate_key_pair(*session_, wanted());
    ASSERT_FALSE(pair.ok());
    EXPECT_EQ(pair.error().code, ExitCode::token);
    EXPECT_EQ(pair.error().fault->name, "CKR_TEMPLATE_INCONSISTENT");
    EXPECT_TRUE(find_by_id(*session_, id_)->empty());
}

constexpr NeverCase never_cases[] = {
    {"Extractable", "C_GenerateKeyPair=refuse:162"},
    {"Sensitive", "C_GenerateKeyPair=refuse:103"},
    {"Private", "C_GenerateKeyPair=refuse:2"},
};
INSTANTIATE_TEST_SUITE_P(Table, NeverLeftOut, ::testing::ValuesIn(never_cases),
                         [](const auto& row) { return std::string(row.param.name); });

struct ReadBackCase {
    const char* name;
    const char* rules;
    const char* differing;  ///< "" when all is well
};
void PrintTo(const ReadBackCase& given, std::ostream* stream) {
    *stream << given.rules;
}
class ReadBack : public test::FaultyToken, public ::testing::WithParamInterface<ReadBackCase> {};

TEST_P(ReadBack, NamesWhatDiffers) {
    ASSERT_TRUE(open(GetParam().rules).ok());
    const auto pair = make(wanted());
    ASSERT_TRUE(pair.ok()) << pair.error().what;
    EXPECT_EQ(differing(*pair), GetParam().differing);
}

constexpr ReadBackCase read_back_cases[] = {
    {"AsAsked", "", ""},
    {"MadeExtractable", "C_GenerateKeyPair=make:162,01", "private CKA_EXTRACTABLE;"},
    {"MadeNotSensitive", "C_GenerateKeyPair=make:103,00", "private CKA_SENSITIVE;"},
    {"MadeForDecryption", "C_GenerateKeyPair=make:105,01", "private CKA_DECRYPT;"},
    {"MadeUnderAnotherId", "C_GenerateKeyPair=make:102,4711", "private CKA_ID;"},
    {"ReadsExtractable", "C_GetAttributeValue=read:162,01", "private CKA_EXTRACTABLE;"},
    {"UnknownCopyableIsHarmless", "C_GetAttributeValue=unknown:171", ""},
    {"UnknownRecoveryIsUnusableByEc", "C_GetAttributeValue=unknown:109", ""},
    {"UnknownDeriveIsUsableByEc", "C_GetAttributeValue=unknown:10c", "private CKA_DERIVE;public CKA_DERIVE;"},
    {"UnknownExtractableDiffers", "C_GetAttributeValue=unknown:162", "private CKA_EXTRACTABLE;"},
    {"UnknownSensitiveDiffers", "C_GetAttributeValue=unknown:103", "private CKA_SENSITIVE;"},
    {"BooleanOfTwoBytesDiffers", "C_GetAttributeValue=read:162,0000", "private CKA_EXTRACTABLE;"},
    {"ModuleThatStopsAtAnUnknownAttribute", "C_GetAttributeValue=stop:120", ""},
};
INSTANTIATE_TEST_SUITE_P(Table, ReadBack, ::testing::ValuesIn(read_back_cases),
                         [](const auto& row) { return std::string(row.param.name); });

// NSS' softokn answers CKR_BUFFER_TOO_SMALL to a number's buffer that is larger than a number.
TEST_F(Keys, AreReadAndFoundOnATokenThatWantsNumbersInBuffersOfTheirSize) {
    for (const char* rules : {"C_GetAttributeValue=exact", "C_GetAttributeValue=exact;C_GetAttributeValue=stop:120"}) {
        ASSERT_TRUE(open(rules).ok());
        const auto pair = make(wanted());
        ASSERT_TRUE(pair.ok()) << pair.error().what;
        EXPECT_EQ(differing(*pair), "") << rules;
        EXPECT_EQ(pair->generation_mechanism, "CKM_EC_KEY_PAIR_GEN") << rules;
        const auto found = find_by_id(*session_, id_);
        ASSERT_TRUE(found.ok()) << found.error().what;
        EXPECT_TRUE(found->unreadable.empty()) << rules;
        for (const auto* objects : {&found->private_keys, &found->public_keys}) {
            ASSERT_EQ(objects->size(), 1U) << rules;
            ASSERT_TRUE(destroy(*session_, objects->front()).ok());
        }
    }
}

TEST_F(Keys, WithImpossiblePublicValuesDoNotVerify) {
    ASSERT_TRUE(open("C_GetAttributeValue=read:181,0401").ok());
    const auto pair = make(wanted());
    ASSERT_FALSE(pair.ok());
    EXPECT_EQ(pair.error().code, ExitCode::verification);
}

TEST_F(Keys, WithoutReadablePublicValuesAreIncomplete) {
    ASSERT_TRUE(open("C_GetAttributeValue=unknown:181").ok());
    const auto pair = make(wanted());
    ASSERT_FALSE(pair.ok());
    EXPECT_EQ(pair.error().code, ExitCode::not_found);
    EXPECT_EQ(pair.error().finding, "key.incomplete");
}

TEST_F(Keys, LeftBehindByAFailureAreFoundByTheirId) {
    ASSERT_TRUE(open("C_GenerateKeyPair=after:30").ok());
    const auto pair = generate_key_pair(*session_, wanted());
    ASSERT_FALSE(pair.ok());
    EXPECT_EQ(pair.error().fault->name, "CKR_DEVICE_ERROR");
    const auto found = find_by_id(*session_, id_);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->private_keys.size(), 1U);
    EXPECT_EQ(found->public_keys.size(), 1U);
}

TEST_F(Keys, ThatATokenWillNotHaveDecryptLeadToThePurposeOfSigning) {
    ASSERT_TRUE(open("C_GenerateKeyPair=return:63").ok());
    auto asked = wanted(KeyAlgorithm::rsa_2048);
    for (const bool decrypt : {true, false}) {
        asked.decrypt = decrypt;
        const auto pair = generate_key_pair(*session_, asked);
        ASSERT_FALSE(pair.ok());
        EXPECT_EQ(pair.error().fault->name, "CKR_KEY_TYPE_INCONSISTENT");
        EXPECT_EQ(pair.error().hint.find("key.purpose = \"signature\"") != std::string::npos, decrypt);
    }
}

TEST_F(Keys, LeftBehindByARefusalEndTheLadder) {
    ASSERT_TRUE(open("C_GenerateKeyPair=after:d1").ok());
    const auto pair = generate_key_pair(*session_, wanted());
    ASSERT_FALSE(pair.ok());
    EXPECT_THAT(pair.error().hint, HasSubstr("left objects behind"));
    EXPECT_EQ(faults_.calls("C_GenerateKeyPair"), 1);
}

TEST_F(Keys, ThatLostTheirPublicObjectGetItBackOnATokenThatRefusesTheFullTemplate) {
    ASSERT_TRUE(open("C_CreateObject#1=return:d1;C_CreateObject#2=return:12").ok());
    auto pair = make(wanted());
    ASSERT_TRUE(pair.ok());
    ASSERT_TRUE(destroy(*session_, *pair->public_object).ok());
    const auto object = create_public_object(*session_, wanted(), pair->public_key);
    ASSERT_TRUE(object.ok()) << object.error().what << " " << object.error().hint;
    EXPECT_EQ(faults_.calls("C_CreateObject"), 3);
    const auto key = read_public_key(*session_, *object);
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(*key, pair->public_key);
}

TEST_F(Keys, AreFoundAgainAfterTheSessionWasLost) {
    ASSERT_TRUE(open("C_Sign#1=return:b3").ok());
    auto pair = make(wanted());
    ASSERT_TRUE(pair.ok());
    const auto mechanism = choose_signature_mechanism(*token_, KeyAlgorithm::ec_p256, Hash::sha256);
    const auto lost = sign(*session_, *pair, *mechanism, as_bytes("message"));
    ASSERT_FALSE(lost.ok());
    EXPECT_EQ(classify(lost.error()), FaultClass::session);
    ASSERT_TRUE(session_->reopen().ok());
    const auto found = find_by_id(*session_, id_);
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(found->private_keys.size(), 1U);
    pair->private_key = found->private_keys.front();
    EXPECT_TRUE(sign(*session_, *pair, *mechanism, as_bytes("message")).ok());
}

TEST_F(Keys, ThatTakeTooLongAreReportedByTheWatchdog) {
    std::promise<CallTimeout> late;
    Watchdog watchdog(std::chrono::seconds(1), [&](const CallTimeout& timeout) { late.set_value(timeout); });
    test::FaultRules::set("C_GetTokenInfo#1=hang:3");
    auto loaded = Module::load({HSMREQ_FAULT_MODULE, true, &watchdog});
    ASSERT_TRUE(loaded.ok());
    const auto found = (*loaded)->find_token(*Uri::parse("pkcs11:token=rp01", UriKind::token));
    EXPECT_TRUE(found.ok());
    const CallTimeout timeout = late.get_future().get();
    EXPECT_EQ(timeout.function, "C_GetTokenInfo");
    EXPECT_THAT(timeout.token, HasSubstr("fault.so"));
}

struct ProbeCase {
    const char* name;
    const char* rules;
    ProbeVerdict verdict;
};
void PrintTo(const ProbeCase& given, std::ostream* stream) {
    *stream << given.rules;
}
class Probe : public test::FaultyToken, public ::testing::WithParamInterface<ProbeCase> {};

TEST_P(Probe, JudgesTheAnswerOfWrapping) {
    ASSERT_TRUE(open(GetParam().rules).ok());
    const auto pair = make(wanted());
    ASSERT_TRUE(pair.ok());
    const auto outcome = probe_wrap(*session_, pair->private_key);
    ASSERT_TRUE(outcome.ok()) << outcome.error().what;
    EXPECT_EQ(outcome->verdict, GetParam().verdict) << outcome->reason;
    EXPECT_EQ(outcome->reason.empty(), GetParam().verdict != ProbeVerdict::inconclusive);
    EXPECT_EQ(faults_.calls("C_DestroyObject"), faults_.calls("C_GenerateKey")) << "the session keys go again";
}

constexpr auto passes = ProbeVerdict::refused;
constexpr auto fails = ProbeVerdict::wrapped;
constexpr auto open_question = ProbeVerdict::inconclusive;
constexpr ProbeCase probe_cases[] = {
    {"Unextractable", "C_WrapKey=return:6a", passes},
    {"NotWrappable", "C_WrapKey=return:69", passes},
    {"NotPermitted", "C_WrapKey=return:68", passes},
    {"ActionProhibited", "C_WrapKey=return:1b", passes},
    {"Wrapped", "C_WrapKey=wrap", fails},
    {"WrappedOnce", "C_WrapKey#2=wrap", fails},
    {"OkWithoutWriting", "C_WrapKey=return:0", fails},
    {"MechanismInvalid", "C_WrapKey=return:70", open_question},
    {"GeneralError", "C_WrapKey=return:5", open_question},
    {"DeviceError", "C_WrapKey=return:30", open_question},
    {"KeyHandleInvalid", "C_WrapKey=return:60", open_question},
    {"VendorsOwnAnswer", "C_WrapKey=return:80000001", open_question},
    {"BufferTooSmall", "C_WrapKey=return:150", open_question},
    {"RefusedAndUnclear", "C_WrapKey#1=return:54", open_question},
    {"NoFunction", "C_WrapKey=missing", open_question},
    {"NoMechanismInfo", "C_GetMechanismInfo=return:54", open_question},
};
INSTANTIATE_TEST_SUITE_P(Table, Probe, ::testing::ValuesIn(probe_cases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(Keys, AreProbedAgainWhenTheSessionWasLost) {
    ASSERT_TRUE(open("C_WrapKey#1=return:b3").ok());
    const auto pair = make(wanted());
    ASSERT_TRUE(pair.ok());
    const auto lost = probe_wrap(*session_, pair->private_key);
    ASSERT_FALSE(lost.ok());
    EXPECT_EQ(classify(lost.error()), FaultClass::session);
}

TEST_F(Keys, OnATokenThatMakesNoWrappingKeyAreNotProbed) {
    ASSERT_TRUE(open("C_GenerateKey=return:70").ok());
    const auto pair = make(wanted());
    ASSERT_TRUE(pair.ok());
    const auto outcome = probe_wrap(*session_, pair->private_key);
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(outcome->verdict, ProbeVerdict::inconclusive);
    EXPECT_THAT(outcome->reason, HasSubstr("CKR_MECHANISM_INVALID"));
}

}  // namespace
}  // namespace hsmreq::token
