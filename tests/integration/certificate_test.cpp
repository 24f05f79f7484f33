// Certificate objects on tokens that refuse attributes, fill up or give back something else.
#include <ostream>

#include "integration/faulty_token.hpp"
#include "support/certificates.hpp"

namespace hsmreq::token {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StoredCertificates : public test::FaultyToken {
protected:
    [[nodiscard]] CertificateTemplate asked() const {
        return test::certificate_template(der_, id_, "integration.test");
    }
    std::size_t held() { return find_by_id(*session_, id_).value().certificates.size(); }

    Bytes der_ = test::self_signed_certificate("integration.test");
};

struct LadderCase {
    const char* name;
    const char* rules;
    std::vector<std::string> left_out;
};
void PrintTo(const LadderCase& given, std::ostream* stream) {
    *stream << given.rules;
}
class CertificateLadder : public StoredCertificates, public ::testing::WithParamInterface<LadderCase> {};

TEST_P(CertificateLadder, LeavesOutWhatTheTokenRefusesAndSaysSo) {
    ASSERT_TRUE(open(GetParam().rules).ok());
    const auto stored = store_certificate(*session_, asked());
    ASSERT_TRUE(stored.ok()) << stored.error().what;
    EXPECT_EQ(stored->left_out, GetParam().left_out);
    EXPECT_EQ(held(), 1U);
    EXPECT_EQ(read_certificate(*session_, stored->object).value(), der_);
}

const LadderCase ladder_cases[] = {
    {"Nothing", "", {}},
    {"Dates", "C_CreateObject=refuse:111", {"CKA_START_DATE", "CKA_END_DATE"}},
    {"Category", "C_CreateObject=refuse:87", {"CKA_START_DATE", "CKA_END_DATE", "CKA_CERTIFICATE_CATEGORY"}},
    {"Copyable",
     "C_CreateObject=refuse:171",
     {"CKA_START_DATE", "CKA_END_DATE", "CKA_CERTIFICATE_CATEGORY", "CKA_COPYABLE"}},
    {"Modifiable",
     "C_CreateObject=refuse:170",
     {"CKA_START_DATE", "CKA_END_DATE", "CKA_CERTIFICATE_CATEGORY", "CKA_COPYABLE", "CKA_MODIFIABLE"}},
    {"RefusedButMade", "C_CreateObject#1=after:d1", {"CKA_START_DATE", "CKA_END_DATE"}},
};
INSTANTIATE_TEST_SUITE_P(Table, CertificateLadder, ::testing::ValuesIn(ladder_cases),
                         [](const auto& row) { return std::string(row.param.name); });

struct FailureCase {
    const char* name;
    const char* rules;
    ExitCode code;
    const char* words;  ///< of the message
};
void PrintTo(const FailureCase& given, std::ostream* stream) {
    *stream << given.rules;
}
class CertificateFailure : public StoredCertificates, public ::testing::WithParamInterface<FailureCase> {};

TEST_P(CertificateFailure, LeavesNothingBehind) {
    ASSERT_TRUE(open(GetParam().rules).ok());
    const auto stored = store_certificate(*session_, asked());
    ASSERT_FALSE(stored.ok());
    EXPECT_EQ(stored.error().code, GetParam().code);
    EXPECT_THAT(stored.error().what, ::testing::HasSubstr(GetParam().words));
    ASSERT_TRUE(open("").ok());
    EXPECT_EQ(held(), 0U);
}

constexpr FailureCase failure_cases[] = {
    {"Full", "C_CreateObject=return:31", ExitCode::token, "CKR_DEVICE_MEMORY"},
    {"FullButMade", "C_CreateObject=after:31", ExitCode::token, "CKR_DEVICE_MEMORY"},
    {"PrivateRefused", "C_CreateObject=refuse:2", ExitCode::token, "CKR_TEMPLATE_INCONSISTENT"},
    {"ValueRefused", "C_CreateObject=refuse:11", ExitCode::token, "CKR_TEMPLATE_INCONSISTENT"},
    {"GivesBackAnother", "C_GetAttributeValue=read:11,3000", ExitCode::verification, "CKA_VALUE"},
    {"GivesBackAnotherId", "C_GetAttributeValue=read:102,00", ExitCode::verification, "CKA_ID"},
    {"HidesIt", "C_GetAttributeValue=read:2,01", ExitCode::verification, "CKA_PRIVATE"},
    {"ForgetsIt", "C_GetAttributeValue=read:1,00", ExitCode::verification, "CKA_TOKEN"},
    {"CannotReadIt", "C_GetAttributeValue#1=return:6", ExitCode::token, "CKR_FUNCTION_FAILED"},
};
INSTANTIATE_TEST_SUITE_P(Table, CertificateFailure, ::testing::ValuesIn(failure_cases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(StoredCertificates, OlderOnesSurviveAFailure) {
    ASSERT_TRUE(open("C_CreateObject#2=after:31").ok());
    ASSERT_TRUE(store_certificate(*session_, asked()).ok());
    const Bytes newer = test::self_signed_certificate("integration.test", 2);
    const auto refused = store_certificate(*session_, test::certificate_template(newer, id_, "integration.test"));
    ASSERT_FALSE(refused.ok());
    const auto found = find_by_id(*session_, id_);
    ASSERT_TRUE(found.ok());
    ASSERT_THAT(found->certificates, SizeIs(1));
    EXPECT_EQ(read_certificate(*session_, found->certificates.front()).value(), der_);
}

TEST_F(StoredCertificates, AnotherSubjectFindsNone) {
    ASSERT_TRUE(open("").ok());
    ASSERT_TRUE(store_certificate(*session_, asked()).ok());
    const Bytes other = test::self_signed_certificate("other.test");
    EXPECT_THAT(find_certificates(*session_, x509::certificate_parts(other).value().subject).value(), IsEmpty());
}

}  // namespace
}  // namespace hsmreq::token
