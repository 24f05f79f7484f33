// Which key an export is about, and the policy's word on it.
#include "workflow/export_item.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace hsmreq::workflow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// "shared" exportable on rp01 for all, "own" exportable with a key each; tmg01 receives a file.
struct Sample {
    Farm farm;
    Plan plan;
    ExportOptions options;

    Sample() {
        for (const char* name : {"rp01", "rp02", "tmg01"}) {
            Member member;
            member.name = name;
            if (member.name == "tmg01")
                member.receives = Receives::pfx;
            else
                member.uri = std::string("pkcs11:token=") + name;
            farm.members.push_back(member);
        }
        plan.farm_file = "farm.toml";
        for (const char* name : {"shared", "own"}) {
            RequestPlan request;
            request.name = name;
            request.key.private_key = PrivateKeyPolicy::exportable;
            request.members = {"rp01", "rp02", "tmg01"};
            plan.requests.push_back(request);
        }
        plan.requests[1].members = {"rp01", "rp02"};
        plan.items = {{0, "", "rp01"}, {1, "rp01", "rp01"}, {1, "rp02", "rp02"}};
        options.request = "shared";
    }

    [[nodiscard]] Result<ExportItem> choose() const { return choose_export_item(farm, plan, options); }
};

TEST(ChooseExportItem, TakesASharedKeyAndTellsWhoReceivesIt) {
    const auto chosen = Sample().choose();
    ASSERT_TRUE(chosen.ok());
    EXPECT_EQ(chosen->index, 0U);
    EXPECT_THAT(chosen->recipients, ElementsAre("tmg01"));
    EXPECT_THAT(chosen->findings, IsEmpty());
}

TEST(ChooseExportItem, TakesAMembersOwnKeyByItsName) {
    Sample sample;
    sample.options.request = "own";
    sample.options.run.member = "rp02";
    const auto chosen = sample.choose();
    ASSERT_TRUE(chosen.ok());
    EXPECT_EQ(chosen->index, 2U);
    EXPECT_THAT(chosen->recipients, IsEmpty());
}

struct Refusal {
    const char* said;
    ExitCode code;
    std::function<void(Sample&)> change;
};

TEST(ChooseExportItem, RefusesWithThePolicysReasonOrTheWordThatNamesNothing) {
    const auto policy = [](PrivateKeyPolicy kept) {
        return [kept](Sample& sample) { sample.plan.requests[0].key.private_key = kept; };
    };
    const Refusal refusals[] = {
        {"non-exportable", ExitCode::rules, policy(PrivateKeyPolicy::non_exportable)},
        {"wrap-only", ExitCode::rules, policy(PrivateKeyPolicy::wrap_only)},
        {"wrapping_key", ExitCode::rules, [](Sample& s) { s.plan.requests[0].key.wrapping_key = "pkcs11:object=k"; }},
        {"no member has a token", ExitCode::rules, [](Sample& s) { s.plan.items.erase(s.plan.items.begin()); }},
        {"--request", ExitCode::usage, [](Sample& s) { s.options.request = "shred"; }},
        {"on each of rp01, rp02", ExitCode::usage, [](Sample& s) { s.options.request = "own"; }},
        {"in the token of rp01, not of rp02", ExitCode::usage, [](Sample& s) { s.options.run.member = "rp02"; }},
    };
    for (const auto& refusal : refusals) {
        Sample sample;
        refusal.change(sample);
        const auto chosen = sample.choose();
        ASSERT_FALSE(chosen.ok()) << refusal.said;
        EXPECT_EQ(chosen.error().code, refusal.code) << refusal.said;
        EXPECT_THAT(chosen.error().what, HasSubstr(refusal.said));
        EXPECT_NE(chosen.error().where, "");
    }
}

struct Fit {
    ExportTarget target;
    KeyAlgorithm algorithm;
    bool fits;
};

TEST(ChooseExportItem, WarnsOfKeysThatTheTargetHasNoUseFor) {
    constexpr Fit fits[] = {
        {ExportTarget::tmg_2010, KeyAlgorithm::rsa_4096, true},
        {ExportTarget::tmg_2010, KeyAlgorithm::ec_p256, false},
        {ExportTarget::windows_server_2016, KeyAlgorithm::ec_p256, true},
        {ExportTarget::windows_server_2019, KeyAlgorithm::ec_p384, true},
        {ExportTarget::windows_server_2019, KeyAlgorithm::ed25519, false},
        {ExportTarget::lync_edge, KeyAlgorithm::ed25519, false},
        {ExportTarget::haproxy, KeyAlgorithm::ed25519, true},
    };
    for (const auto& fit : fits) {
        Sample sample;
        sample.options.target = fit.target;
        sample.plan.requests[0].key.algorithm = fit.algorithm;
        const auto chosen = sample.choose();
        ASSERT_TRUE(chosen.ok());
        EXPECT_EQ(chosen->findings.empty(), fit.fits) << facts(fit.target).name << facts(fit.algorithm).name;
        for (const auto& finding : chosen->findings) EXPECT_EQ(finding.id, "export.key-unsupported");
    }
}

TEST(SecurityNote, SaysWhatIsAtStakeForAPfxAndForAPem) {
    ExportOptions options;
    options.request = "web\x1b[31m";
    EXPECT_THAT(security_note(options), testing::Contains(HasSubstr("password is all that protects it")));
    EXPECT_THAT(security_note(options).front(), HasSubstr("web\\x1b[31m"));
    options.target = ExportTarget::haproxy;
    EXPECT_THAT(security_note(options), testing::Contains(HasSubstr("not encrypted")));
}

}  // namespace
}  // namespace hsmreq::workflow
