#include "evidence/evidence.hpp"

#include <gmock/gmock.h>

#include "base/text.hpp"
#include "unit/evidence/golden.hpp"
#include "unit/evidence/samples.hpp"

namespace hsmreq::evidence {
namespace {

using testing::HasSubstr;

std::string sample_statement() {
    const auto plan = samples::plan();
    const auto json = to_json(samples::record(plan.requests[0]));
    return std::string(as_text(json));
}

TEST(Evidence, StatementIsWrittenInFull) {
    EXPECT_EQ(sample_statement(), golden("evidence.json"));
}

TEST(Evidence, TokenStringsThatAreNotTextAppearInHexadecimal) {
    const auto plan = samples::plan();
    auto record = samples::record(plan.requests[0]);
    record.token_label = "rp\xff";
    record.key_label = "\xfe";
    record.attributes[0].read = "\xfd";
    record.probe.attempts[0].second = "\xfc";
    const auto json = to_json(record);
    for (const char* hex : {"7270ff", "fe", "fd", "fc"})
        EXPECT_THAT(std::string(as_text(json)), HasSubstr(std::string("\"hex\": \"") + hex + "\""));
    EXPECT_TRUE(read_evidence(json));
}

TEST(Evidence, Ed25519SignatureNamesNoHash) {
    const auto plan = samples::plan();
    auto request = plan.requests[1];
    request.key.algorithm = KeyAlgorithm::ed25519;
    const auto json = to_json(samples::record(request));
    EXPECT_THAT(std::string(as_text(json)), HasSubstr("\"mechanism\": \"CKM_RSA_PKCS\",\n      \"hash\": null,"));
}

TEST(ReadEvidence, GivesBackWhatWasWritten) {
    const auto summary = read_evidence(as_bytes(sample_statement()));
    ASSERT_TRUE(summary);
    // Published SHA-256 values of "abc" (FIPS 180-2, B.1) and "message digest".
    EXPECT_EQ(summary->csr_file_sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(summary->public_key_sha256, "f7846f55cf23e14eebeab5b4e1550cad5b509e3348fbc4efa3a1413d393cb650");
    EXPECT_EQ(summary->origin, "generated");
    EXPECT_EQ(summary->generation, 3U);
}

TEST(ReadEvidence, RefusesEveryCutStatement) {
    const auto statement = sample_statement();
    for (std::size_t size = 0; size + 2 < statement.size(); ++size)
        EXPECT_FALSE(read_evidence(as_bytes(std::string_view(statement).substr(0, size)))) << size;
}

TEST(ReadEvidence, SurvivesEveryByteChanged) {
    const auto statement = sample_statement();
    for (std::size_t place = 0; place < statement.size(); ++place) {
        auto changed = statement;
        changed[place] = '\xff';
        EXPECT_FALSE(read_evidence(as_bytes(changed))) << place;
    }
}

struct Change {
    std::string from;
    std::string to;
};

class ChangedStatements : public testing::TestWithParam<Change> {};

TEST_P(ChangedStatements, AreNotOurEvidence) {
    auto statement = sample_statement();
    const auto place = statement.find(GetParam().from);
    ASSERT_NE(place, std::string::npos);
    statement.replace(place, GetParam().from.size(), GetParam().to);
    EXPECT_FALSE(read_evidence(as_bytes(statement)));
}

INSTANTIATE_TEST_SUITE_P(
    ReadEvidence, ChangedStatements,
    testing::Values(Change{"Statement/v1", "Statement/v2"}, Change{"urn:hsmreq:evidence:1", "urn:hsmreq:evidence:2"},
                    Change{"hsmreq.evidence/1", "hsmreq.evidence/2"}, Change{"\"subject\"", "\"subjects\""},
                    Change{"ba7816bf", "xx7816bf"}, Change{"ba7816bf", "ba"}, Change{"f7846f55", ""},
                    Change{"\"origin\": \"generated\"", "\"origin\": \"found\""},
                    Change{"\"origin\": \"generated\"", "\"origin\": 1"},
                    Change{"\"generation\": 3", "\"generation\": 0"}, Change{"\"generation\": 3", "\"generation\": -3"},
                    Change{"\"generation\": 3", "\"generation\": 3.5"},
                    Change{"\"generation\": 3", "\"generation\": 4294967296"},
                    Change{"\"attestation\": null",
                           "\"attestation\": " + std::string(100, '[') + std::string(100, ']')}));

TEST(ReadEvidence, BracketsInsideStringsAreNoNesting) {
    auto statement = sample_statement();
    const std::string from = "\"attestation\": null";
    statement.replace(statement.find(from), from.size(), "\"attestation\": \"\\\"" + std::string(1000, '[') + "\"");
    EXPECT_TRUE(read_evidence(as_bytes(statement)));
}

TEST(ReadEvidence, AMebibyteOfBracketsIsNotEvidence) {
    for (const char bracket : {'[', '{', ']', '"', '\\', '\0'})
        EXPECT_FALSE(read_evidence(as_bytes(std::string(1U << 20U, bracket))));
}

}  // namespace
}  // namespace hsmreq::evidence
