#include "evidence/proof.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "unit/evidence/samples.hpp"

namespace hsmreq::evidence {
namespace {

using ::testing::HasSubstr;

ProofResult sample(CertificateKind kind) {
    ProofResult result;
    result.request = "reverse-proxy";
    result.token_member = "rp01";
    result.generation = 3;
    result.state = ProofState::proved;
    result.key_uri = "pkcs11:id=%01";
    result.certificate = ProvedCertificate{.kind = kind, .place = "reverse-proxy.pem", .subject = "CN=a"};
    result.names = {"a.example"};
    result.handshakes = {{"TLSv1.2", "cipher", "group", "signature", "a.example"}, {"TLSv1.3", "c", "", "s", ""}};
    result.decryption = "CKM_RSA_PKCS";
    return result;
}

std::string statement(CertificateKind kind) {
    const auto plan = samples::plan();
    const auto result = sample(kind);
    const auto record = samples::record(plan.requests.front());
    return std::string(as_text(to_json(record, {result, {1, 2, 3}, "OpenSSL 3", "0.4.12"})));
}

TEST(Proof, IsAboutTheCertificateAndItsKey) {
    const std::string text = statement(CertificateKind::issued);
    EXPECT_THAT(text, HasSubstr("\"name\": \"reverse-proxy.pem\""));
    EXPECT_THAT(text, HasSubstr(sha256_hex(Bytes{1, 2, 3})));
    EXPECT_THAT(text, HasSubstr("\"predicateType\": \"urn:hsmreq:proof:1\""));
    EXPECT_THAT(text, HasSubstr("\"decryption\": \"CKM_RSA_PKCS\""));
    EXPECT_THAT(text, HasSubstr("\"libp11\": \"0.4.12\""));
}

TEST(Proof, MarksWhatIsNotForProduction) {
    EXPECT_THAT(statement(CertificateKind::issued), HasSubstr("\"for_production\": true"));
    EXPECT_THAT(statement(CertificateKind::interim), HasSubstr("\"for_production\": false"));
    EXPECT_THAT(statement(CertificateKind::interim), HasSubstr("\"kind\": \"interim\""));
}

TEST(ProveDocument, ListsEveryItemAlsoThoseWithoutACertificate) {
    ProveSummary summary;
    summary.farm = "contoso";
    summary.items = {sample(CertificateKind::issued), {}};
    summary.items.back().request = "other";
    summary.items.back().error = samples::token_error();
    const auto text = prove_document(summary);
    EXPECT_THAT(text, HasSubstr("\"schema\": \"hsmreq.prove/1\""));
    EXPECT_THAT(text, HasSubstr("\"certificate\": null"));
    EXPECT_THAT(text, HasSubstr("\"generation\": null"));
    EXPECT_THAT(text, HasSubstr("\"state\": \"failed\""));
}

}  // namespace
}  // namespace hsmreq::evidence
