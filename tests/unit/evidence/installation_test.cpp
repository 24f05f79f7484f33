#include "evidence/installation.hpp"

#include <gmock/gmock.h>

#include "base/text.hpp"
#include "evidence/documents.hpp"
#include "unit/evidence/samples.hpp"

namespace hsmreq::evidence {
namespace {

using testing::HasSubstr;
using testing::Not;

GivenCertificate given() {
    return {.file = "leaf.cer",
            .sha256 = std::string(64, 'a'),
            .serial = "4001",
            .subject = "CN=M\xfcnchen",
            .issuer = "CN=Issuing CA",
            .not_before = "2026-11-25T00:00:00Z",
            .not_after = "2027-02-23T00:00:00Z",
            .public_key_sha256 = std::string(64, 'b')};
}

InstallRecord sample() {
    InstalledToken token;
    token.member = "rp01";
    token.state = ItemState::replaced;
    token.left_out = {"CKA_START_DATE"};
    token.replaced = 1;
    token.intermediates = {{"CN=Issuing CA", std::string(64, 'c'), std::string(40, 'c'), ItemState::created}};
    return {.certificate = given(),
            .chain = {given()},
            .root = "CN=Root",
            .tokens = {token},
            .former = FormerCertificate{"17", std::string(64, 'd'), "web.17.pem"},
            .files = {{"web.pem", {'l', 'e', 'a', 'f'}}, {"web.fullchain.pem", {'a', 'l', 'l'}}}};
}

const RequestPlan& planned() {
    static const Plan plan = samples::plan();
    return plan.requests.front();
}

std::string statement_of(const InstallRecord& installation) {
    return std::string(as_text(to_json(samples::record(planned()), installation)));
}

TEST(Installation, SaysWhichFilesItIsAboutByTheirContent) {
    const auto text = statement_of(sample());
    // printf leaf | sha256sum
    EXPECT_THAT(text, HasSubstr("\"name\": \"web.pem\",\n      \"digest\": {\n        \"sha256\": "
                                "\"9f91161f43433e49a6de6db680d79f60159f2e4ac9172621a12846428158440b\""));
    EXPECT_THAT(text, HasSubstr("\"name\": \"SubjectPublicKeyInfo\""));
}

TEST(Installation, IsReadBackByItsCertificate) {
    const auto bytes = to_json(samples::record(planned()), sample());
    EXPECT_EQ(read_install_evidence(bytes), std::string(64, 'a'));
}

TEST(Installation, HasNoWordOfARequest) {
    const auto text = statement_of(sample());
    EXPECT_THAT(text, Not(HasSubstr("\"csr\"")));
    EXPECT_THAT(text, Not(HasSubstr("\"signature\"")));
    EXPECT_THAT(text, HasSubstr("\"urn:hsmreq:install-evidence:1\""));
}

TEST(Installation, KeepsNamesThatAreNotUtf8) {
    EXPECT_THAT(statement_of(sample()), HasSubstr("\"hex\": \"434e3d4dfc6e6368656e\""));
}

TEST(Installation, WithoutAFormerCertificateSaysSo) {
    auto installation = sample();
    installation.former.reset();
    EXPECT_THAT(statement_of(installation), HasSubstr("\"former\": null"));
}

TEST(Installation, ForeignBytesAreNoEvidenceOfOne) {
    for (const char* foreign : {"", "{", "[]", "{}", R"({"predicateType": "urn:hsmreq:install-evidence:1"})",
                                R"({"predicateType": "urn:hsmreq:evidence:1", "schema": "hsmreq.install-evidence/1"})"})
        EXPECT_FALSE(read_install_evidence(as_bytes(foreign))) << foreign;
    EXPECT_FALSE(read_install_evidence(to_json(samples::record(planned()))));
}

TEST(InstallDocument, OfACertificateForNoKeyHasNullsAndNoLists) {
    InstallSummary summary;
    summary.farm = "small";
    InstallItemResult item;
    item.certificate = given();
    item.error = Error{.code = ExitCode::verification, .what = "for no key", .finding = "cert.key-mismatch"};
    summary.items.push_back(item);
    const auto text = install_document(summary);
    for (const char* part : {"\"request\": null", "\"generation\": null", "\"state\": \"failed\"", "\"tokens\": []",
                             "\"proofs\": []", "\"former\": null", "\"finding\": \"cert.key-mismatch\""})
        EXPECT_THAT(text, HasSubstr(part));
}

}  // namespace
}  // namespace hsmreq::evidence
