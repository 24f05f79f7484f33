#include <gtest/gtest.h>

#include <ostream>

#include "token/call.hpp"
#include "token/cryptoki.hpp"
#include "token/mechanisms.hpp"
#include "token/module.hpp"

namespace hsmreq::token {
namespace {

struct NameCase {
    unsigned long value;
    const char* name;
};
void PrintTo(const NameCase& given, std::ostream* stream) {
    *stream << given.name;
}
class ReturnValueName : public ::testing::TestWithParam<NameCase> {};

TEST_P(ReturnValueName, IsTheStandardsOrAUsefulNumber) {
    EXPECT_EQ(return_value_name(GetParam().value), GetParam().name);
    EXPECT_FALSE(return_value_meaning(GetParam().value).empty());
}

constexpr NameCase name_cases[] = {
    {0x00, "CKR_OK"},
    {0x05, "CKR_GENERAL_ERROR"},
    {0x30, "CKR_DEVICE_ERROR"},
    {0x6a, "CKR_KEY_UNEXTRACTABLE"},
    {0xa0, "CKR_PIN_INCORRECT"},
    {0xb1, "CKR_SESSION_COUNT"},
    {0x190, "CKR_CRYPTOKI_NOT_INITIALIZED"},
    {0x203, "CKR_KEY_EXHAUSTED"},
    {0x80000012, "CKR_VENDOR_DEFINED+0x12"},
    {0x7fff, "0x7fff"},
};
INSTANTIATE_TEST_SUITE_P(Table, ReturnValueName, ::testing::ValuesIn(name_cases));

struct ClassCase {
    const char* name;
    CK_RV value;
    FaultClass fault;
};
void PrintTo(const ClassCase& given, std::ostream* stream) {
    *stream << given.name;
}
class FaultOf : public ::testing::TestWithParam<ClassCase> {};

TEST_P(FaultOf, DecidesHowABatchGoesOn) {
    const Error error = token_error("rp01", "C_Sign", GetParam().value);
    EXPECT_EQ(error.code, ExitCode::token);
    EXPECT_EQ(error.fault->name, GetParam().name);
    EXPECT_EQ(classify(error), GetParam().fault);
}

#define ROW(name, fault) \
    { #name, name, FaultClass::fault }
constexpr ClassCase class_cases[] = {
    ROW(CKR_DEVICE_ERROR, token),
    ROW(CKR_DEVICE_REMOVED, token),
    ROW(CKR_CRYPTOKI_NOT_INITIALIZED, token),
    ROW(CKR_TOKEN_NOT_PRESENT, token),
    ROW(CKR_SESSION_HANDLE_INVALID, session),
    ROW(CKR_OBJECT_HANDLE_INVALID, session),
    ROW(CKR_KEY_HANDLE_INVALID, session),
    ROW(CKR_USER_NOT_LOGGED_IN, session),
    ROW(CKR_OPERATION_ACTIVE, session),
    ROW(CKR_TEMPLATE_INCONSISTENT, item),
    ROW(CKR_MECHANISM_INVALID, item),
    ROW(CKR_FUNCTION_FAILED, item),
};
#undef ROW
INSTANTIATE_TEST_SUITE_P(Table, FaultOf, ::testing::ValuesIn(class_cases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(FaultOf, ALoginErrorIsTheTokensWhateverItsValue) {
    EXPECT_EQ(classify(token_error("rp01", "C_Login", CKR_FUNCTION_FAILED, ExitCode::login)), FaultClass::token);
}

TEST(TokenErrorText, NamesFunctionValueAndMeaning) {
    const Error error = token_error("token rp01", "C_Sign", CKR_DEVICE_ERROR);
    EXPECT_EQ(error.what, "C_Sign failed: CKR_DEVICE_ERROR (the token reports a fault in the device)");
    EXPECT_EQ(error.where, "token rp01");
}

TEST(MechanismName, IsTheStandardsOrANumber) {
    EXPECT_EQ(mechanism_name(CKM_ECDSA), "CKM_ECDSA");
    EXPECT_EQ(mechanism_name(CKM_AES_KEY_WRAP_KWP), "CKM_AES_KEY_WRAP_KWP");
    EXPECT_EQ(mechanism_name(0x80000001), "0x80000001");
}

TEST(SignatureMechanisms, PreferTheFormThatTakesAHash) {
    for (const KeyFamily family : {KeyFamily::rsa, KeyFamily::ec}) {
        bool hashing_form_seen = false;
        for (const auto& row : signature_rows()) {
            if (row.family != family) continue;
            if (!row.hash_in_software) hashing_form_seen = true;
            EXPECT_FALSE(row.hash_in_software && hashing_form_seen) << mechanism_name(row.type);
        }
        EXPECT_TRUE(hashing_form_seen);
    }
}

}  // namespace
}  // namespace hsmreq::token
