// Interim certificates by software keys: what is in them, and when one still stands.
#include "x509/interim_certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "unit/x509/samples.hpp"

namespace hsmreq::x509 {
namespace {

constexpr std::chrono::sys_seconds now{std::chrono::seconds(1'800'000'000)};

struct Issued {
    explicit Issued(const RequestPlan& request, std::chrono::sys_seconds time = now)
        : plan(request),
          public_key_der(spki_of(software_key(plan.key.algorithm))),
          input{plan, public_key_der, {const_cast<EVP_PKEY*>(software_key(plan.key.algorithm)), {}}, time},
          der(issue_interim_certificate(input).value()),
          certificate(inspect_certificates(der).value().front()) {}

    RequestPlan plan;
    Bytes public_key_der;
    InterimInput input;
    Bytes der;
    CertificateInspection certificate;
};

TEST(InterimCertificate, IsForThePlannedNamesAndMarkedInSubjectAndIssuer) {
    for (const auto algorithm : {KeyAlgorithm::ec_p256, KeyAlgorithm::rsa_2048, KeyAlgorithm::ed25519}) {
        const Issued issued(sample_plan(algorithm));
        const auto& certificate = issued.certificate;
        EXPECT_TRUE(is_interim(certificate));
        EXPECT_TRUE(certificate.self_issued);
        EXPECT_EQ(certificate.subject_text, "CN=webext.contoso.com,O=INTERIM self-signed\\, not for production");
        EXPECT_EQ(certificate.subject_alternative_names.size(), 2U);
        EXPECT_EQ(certificate.public_key_der, issued.public_key_der);
        ASSERT_TRUE(certificate.basic_constraints.has_value());
        EXPECT_FALSE(certificate.basic_constraints->ca);
        EXPECT_EQ(certificate.not_after, now + interim_lifetime);
        EXPECT_LT(certificate.not_before, now);
        EXPECT_TRUE(interim_stands(certificate, issued.input)) << facts(algorithm).name;
    }
}

TEST(InterimCertificate, UsesThePlannedHash) {
    const Issued issued(sample_plan(KeyAlgorithm::rsa_2048, Hash::sha384));
    EXPECT_EQ(issued.certificate.signature_algorithm, "sha384WithRSAEncryption");
}

TEST(InterimCertificate, HasASerialNumberOfItsOwn) {
    const auto plan = sample_plan();
    EXPECT_NE(Issued(plan).certificate.serial, Issued(plan).certificate.serial);
}

TEST(InterimCertificate, LeavesACommonNameOutThatDoesNotFit) {
    auto plan = sample_plan();
    plan.subject.common_name = std::string(40, 'a') + "." + std::string(40, 'b') + ".example";
    plan.subject_alternative_names = {{NameType::dns, plan.subject.common_name, {}}};
    const Issued issued(plan);
    EXPECT_EQ(issued.certificate.subject.size(), 1U);
    EXPECT_TRUE(is_interim(issued.certificate));
}

TEST(InterimCertificate, HasNoTemplateOfAWindowsCa) {
    auto plan = sample_plan();
    plan.ad_cs_template = "WebServer";
    const auto& extensions = Issued(plan).certificate.extensions;
    EXPECT_TRUE(std::ranges::none_of(extensions, [](const auto& one) { return one.oid == "1.3.6.1.4.1.311.20.2"; }));
}

TEST(InterimCertificate, StandsNoLongerWhenSomethingElseIsWanted) {
    struct Row {
        const char* what;
        std::function<void(RequestPlan&, std::chrono::sys_seconds&)> change;
        bool stands;
    };
    const Row rows[] = {
        {"nothing changed", [](RequestPlan&, std::chrono::sys_seconds&) {}, true},
        {"another name", [](RequestPlan& plan, auto&) { plan.subject_alternative_names.pop_back(); }, false},
        {"another usage", [](RequestPlan& plan, auto&) { plan.extended_key_usage.pop_back(); }, false},
        {"before it began", [](RequestPlan&, auto& time) { time -= std::chrono::hours(1); }, false},
        {"enough left", [](RequestPlan&, auto& time) { time += interim_lifetime - interim_least_left; }, true},
        {"too little left",
         [](RequestPlan&, auto& time) { time += interim_lifetime - interim_least_left + std::chrono::seconds(1); },
         false},
    };
    const Issued issued(sample_plan());
    for (const auto& row : rows) {
        RequestPlan plan = issued.plan;
        auto time = now;
        row.change(plan, time);
        EXPECT_EQ(interim_stands(issued.certificate, {plan, issued.public_key_der, {}, time}), row.stands) << row.what;
    }
    const Bytes other = spki_of(software_key(KeyAlgorithm::ec_p384));
    EXPECT_FALSE(interim_stands(issued.certificate, {issued.plan, other, {}, now}));
}

TEST(InterimCertificate, WithADamagedSignatureDoesNotStand) {
    Issued issued(sample_plan());
    issued.certificate.der.back() ^= 1;
    EXPECT_FALSE(interim_stands(issued.certificate, issued.input));
}

TEST(InterimCertificate, ByAnotherKeyThanItsOwnIsRefused) {
    const auto plan = sample_plan();
    const Bytes other = spki_of(software_key(KeyAlgorithm::ec_p384));
    const auto issued =
        issue_interim_certificate({plan, other, {const_cast<EVP_PKEY*>(software_key(KeyAlgorithm::ec_p256)), {}}, now});
    ASSERT_FALSE(issued.ok());
    EXPECT_EQ(issued.error().code, ExitCode::verification);
}

TEST(InterimCertificate, InPemIsReadBack) {
    const Issued issued(sample_plan());
    const auto read = inspect_certificates(certificate_to_pem(issued.der));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->front().der, issued.der);
    EXPECT_EQ(read->front().pem_label, "CERTIFICATE");
}

}  // namespace
}  // namespace hsmreq::x509
