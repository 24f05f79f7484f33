// What every token must do for this program. Runs on SoftHSM, or on the token that the environment names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "support/certificates.hpp"
#include "support/token_under_test.hpp"
#include "token/key_pair.hpp"
#include "token/probe.hpp"
#include "token/signing.hpp"

namespace hsmreq::token {
namespace {

using test::login_with;

class OpenToken : public ::testing::Test {
protected:
    void SetUp() override {
        auto loaded = Module::load({under_test_.module, false, &watchdog_});
        ASSERT_TRUE(loaded.ok()) << loaded.error().what << " " << loaded.error().hint;
        module_ = std::move(*loaded);
        auto uri = Uri::parse(under_test_.uri, UriKind::token);
        ASSERT_TRUE(uri.ok()) << uri.error().what;
        auto found = module_->find_token(*uri);
        ASSERT_TRUE(found.ok()) << found.error().what << "\n" << found.error().hint;
        token_ = std::move(*found);
        const auto logged_in = token_->login(login_with(under_test_.pin));
        ASSERT_TRUE(logged_in.ok()) << logged_in.error().what;
        auto opened = token_->open_session();
        ASSERT_TRUE(opened.ok()) << opened.error().what;
        session_ = std::move(*opened);
    }

    void TearDown() override {
        if (session_ != nullptr) destroy_all();
    }

    void destroy_all() {
        auto found = find_by_id(*session_, id_);
        ASSERT_TRUE(found.ok()) << found.error().what;
        for (const auto* group : {&found->private_keys, &found->public_keys, &found->certificates})
            for (const auto object : *group) EXPECT_TRUE(destroy(*session_, object).ok());
    }

    KeyTemplate wanted(KeyAlgorithm algorithm) const {
        KeyTemplate result;
        result.algorithm = algorithm;
        result.id = id_;
        result.label = "contract.test";
        return result;
    }

    test::TokenUnderTest under_test_;
    Watchdog watchdog_{std::chrono::seconds(120), [](const CallTimeout&) { std::abort(); }};
    std::unique_ptr<Module> module_;
    std::unique_ptr<Token> token_;
    std::unique_ptr<Session> session_;
    Bytes id_ = digest(Hash::sha256, as_bytes("hsmreq contract suite"));
};

std::string differences(const KeyPair& pair) {
    std::string text;
    for (const auto& claim : pair.attributes)
        if (claim.verdict == Verdict::differs)
            text += claim.object + " " + claim.attribute + " asked " + claim.asked + " read " + claim.read + "\n";
    return text;
}

/// Algorithm and policy of one pair.
struct Case {
    KeyAlgorithm algorithm;
    bool decrypt;
    bool extractable;

    [[nodiscard]] std::string name() const {
        std::string text(facts(algorithm).name);
        std::replace(text.begin(), text.end(), '-', '_');
        return text + (decrypt ? "_exchange" : "_signature") + (extractable ? "_extractable" : "_unextractable");
    }
};

void PrintTo(const Case& given, std::ostream* stream) {
    *stream << given.name();
}

class KeyPairs : public OpenToken, public ::testing::WithParamInterface<Case> {};

TEST_P(KeyPairs, AreMadeReadBackAndSignUnderThePolicyThatWasAsked) {
    const Case& given = GetParam();
    const auto possible = check_mechanisms(*token_, given.algorithm, Hash::sha256);
    if (!possible.ok() && !under_test_.is_softhsm()) {
        // A token without the algorithm must say so by the mechanism's name before a key is made.
        EXPECT_EQ(possible.error().code, ExitCode::token);
        EXPECT_THAT(possible.error().what, ::testing::HasSubstr("CKM_"));
        return;
    }
    ASSERT_TRUE(possible.ok()) << possible.error().what;
    KeyTemplate asked = wanted(given.algorithm);
    asked.decrypt = given.decrypt;
    asked.extractable = given.extractable;

    auto pair = generate_key_pair(*session_, asked);
    ASSERT_TRUE(pair.ok()) << pair.error().what;
    const auto read = read_key_pair(*session_, asked, *pair);
    ASSERT_TRUE(read.ok()) << read.error().what;
    EXPECT_EQ(differences(*pair), "");
    EXPECT_EQ(pair->algorithm, given.algorithm);
    EXPECT_TRUE(pair->always_sensitive);
    EXPECT_EQ(pair->never_extractable, !given.extractable);
    EXPECT_EQ(pair->id, id_);
    EXPECT_EQ(pair->label, asked.label);

    const auto mechanism = choose_signature_mechanism(*token_, given.algorithm, Hash::sha256);
    ASSERT_TRUE(mechanism.ok()) << mechanism.error().what;
    const auto signature = sign(*session_, *pair, *mechanism, as_bytes("message"));
    ASSERT_TRUE(signature.ok()) << signature.error().what;
    EXPECT_FALSE(signature->empty());
}

std::vector<Case> all_cases() {
    std::vector<Case> cases;
    for (const auto& row : key_algorithms)
        for (const bool extractable : {false, true}) {
            cases.push_back({row.id, false, extractable});
            if (row.family == KeyFamily::rsa) cases.push_back({row.id, true, extractable});
        }
    return cases;
}

std::string case_name(const ::testing::TestParamInfo<Case>& info) {
    return info.param.name();
}

INSTANTIATE_TEST_SUITE_P(AllAlgorithms, KeyPairs, ::testing::ValuesIn(all_cases()), case_name);

TEST_F(OpenToken, ProbeIsRefusedByATokenThatKeepsItsWord) {
    auto pair = generate_key_pair(*session_, wanted(KeyAlgorithm::rsa_2048));
    ASSERT_TRUE(pair.ok()) << pair.error().what;
    const auto outcome = probe_wrap(*session_, pair->private_key);
    ASSERT_TRUE(outcome.ok()) << outcome.error().what;
    std::string attempts;
    for (const auto& attempt : outcome->attempts) attempts += attempt.mechanism + ": " + attempt.answer + "\n";
    for (const auto& name : outcome->not_tried) attempts += "not tried: " + name + "\n";
    EXPECT_NE(outcome->verdict, ProbeVerdict::wrapped) << attempts;
    if (under_test_.is_softhsm()) {
        EXPECT_EQ(outcome->verdict, ProbeVerdict::refused) << outcome->reason << "\n" << attempts;
    }
    RecordProperty("attempts", attempts);
}

/// The objects under the suite's ID, certificates alone.
std::vector<ObjectHandle> certificates(Session& session, const Bytes& id) {
    const auto found = find_by_id(session, id);
    EXPECT_TRUE(found.ok());
    return found ? found->certificates : std::vector<ObjectHandle>{};
}

class Certificates : public OpenToken {
protected:
    CertificateTemplate asked(const Bytes& der) const { return test::certificate_template(der, id_, "contract.test"); }
};

TEST_F(Certificates, AreStoredBesideTheirKeyAndGivenBackAsTheyWere) {
    ASSERT_TRUE(generate_key_pair(*session_, wanted(KeyAlgorithm::rsa_2048)).ok());
    const Bytes der = test::self_signed_certificate("contract.test");
    const auto stored = store_certificate(*session_, asked(der));
    ASSERT_TRUE(stored.ok()) << stored.error().what;
    EXPECT_THAT(certificates(*session_, id_), ::testing::ElementsAre(stored->object));
    EXPECT_EQ(read_certificate(*session_, stored->object).value(), der);
    EXPECT_EQ(find_by_id(*session_, id_)->private_keys.size(), 1U) << "the key is still there";
    if (under_test_.is_softhsm()) {
        EXPECT_THAT(stored->left_out, ::testing::IsEmpty());
    }
}

TEST_F(Certificates, AreFoundBySubjectUnderWhateverId) {
    const Bytes der = test::self_signed_certificate("found.contract.test");
    const Bytes other = test::self_signed_certificate("other.contract.test");
    ASSERT_TRUE(store_certificate(*session_, asked(der)).ok());
    // Under a label of its own: on NSS' softokn a label belongs to one subject.
    const auto stored = store_certificate(*session_, test::certificate_template(other, id_, "other.contract.test"));
    ASSERT_TRUE(stored.ok()) << stored.error().what;
    const auto found = find_certificates(*session_, asked(der).subject);
    ASSERT_TRUE(found.ok()) << found.error().what;
    ASSERT_THAT(*found, ::testing::SizeIs(1));
    EXPECT_EQ(found->front().value, der);
    EXPECT_EQ(found->front().id, id_);
    EXPECT_EQ(found->front().label, "contract.test");
}

TEST_F(Certificates, LongerThanAnyUsualOneAreGivenBackWhole) {
    const Bytes der = test::self_signed_certificate("long.contract.test", 1, 6000);
    ASSERT_GT(der.size(), 6000U);
    const auto stored = store_certificate(*session_, asked(der));
    ASSERT_TRUE(stored.ok()) << stored.error().what;
    EXPECT_EQ(read_certificate(*session_, stored->object).value(), der);
}

TEST_F(Certificates, AreReplacedByPuttingTheNewOneFirst) {
    const Bytes old_one = test::self_signed_certificate("contract.test", 1);
    const Bytes new_one = test::self_signed_certificate("contract.test", 2);
    const auto before = store_certificate(*session_, asked(old_one));
    ASSERT_TRUE(before.ok()) << before.error().what;
    const auto after = store_certificate(*session_, asked(new_one));
    ASSERT_TRUE(after.ok()) << after.error().what;
    EXPECT_THAT(certificates(*session_, id_), ::testing::SizeIs(2));
    ASSERT_TRUE(destroy(*session_, before->object).ok());
    EXPECT_THAT(certificates(*session_, id_), ::testing::ElementsAre(after->object));
    EXPECT_EQ(read_certificate(*session_, after->object).value(), new_one);
}

}  // namespace
}  // namespace hsmreq::token
