// Requests and certificates judged without their farm, and compared with its plan.
#include "plan/content.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "farms.hpp"
#include "plan/rules.hpp"

namespace hsmreq::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

SubjectInspection subject_of(const RequestPlan& request) {
    SubjectInspection subject;
    subject.subject = {{"CN", request.subject.common_name, "UTF8String"}};
    for (const auto& name : request.subject_alternative_names)
        subject.subject_alternative_names.push_back({name.type == NameType::ip ? "ip" : "dns", name.value});
    subject.key_usage.emplace(true, std::vector<std::string>{});
    for (const auto bit : request.key_usage) subject.key_usage->second.emplace_back(to_name(bit));
    subject.extended_key_usage.emplace(false, request.extended_key_usage);
    subject.public_key_algorithm = to_name(request.key.algorithm);
    return subject;
}

plan::Content content(const SubjectInspection& subject) {
    return {.subject = subject, .name = "web.csr", .where = "web.csr", .date = november_2026};
}

std::vector<std::string> ids(const std::vector<Finding>& findings) {
    std::vector<std::string> result;
    for (const auto& finding : findings) result.push_back(finding.id);
    return result;
}

TEST(JudgeContent, FindsNothingInWhatAPlanAsksFor) {
    const auto plan = plan_of(generic());
    const auto subject = subject_of(plan.requests[0]);
    auto judged = content(subject);
    judged.ca = CertificateAuthority::private_ca;
    EXPECT_THAT(plan::judge_content(judged), IsEmpty());
}

TEST(JudgeContent, SpeaksOfTheFileAndNeverOfTheFarmFile) {
    auto subject = subject_of(plan_of(contoso()).requests[0]);
    subject.public_key_algorithm = "ec-p256";
    subject.extended_key_usage->second = {"1.3.6.1.5.5.7.3.1"};
    subject.subject_alternative_names.push_back({"dns", "bad_name.contoso.com"});
    for (const bool is_certificate : {false, true}) {
        auto judged = content(subject);
        judged.is_certificate = is_certificate;
        const auto findings = plan::judge_content(judged);
        EXPECT_THAT(ids(findings), UnorderedElementsAre("name.underscore", "usage.key-encipherment-with-ec"));
        for (const auto& finding : findings) {
            EXPECT_EQ(finding.where, "web.csr");
            EXPECT_THAT(finding.fix, Not(HasSubstr("under [")));
            EXPECT_FALSE(finding.fix.empty());
        }
        EXPECT_THAT(findings[1].message, HasSubstr(is_certificate ? "Certificate \"web.csr\"" : "Request \"web.csr\""));
    }
}

TEST(JudgeContent, OfTopologyAndTokensSaysNothing) {
    const SubjectInspection nothing;
    EXPECT_THAT(plan::judge_content(content(nothing)), IsEmpty());
    auto judged = content(nothing);
    judged.product = Product::lync_server_2013;
    EXPECT_THAT(ids(plan::judge_content(judged)), ElementsAre("usage.server-auth-missing"));
}

TEST(JudgeContent, KeepsClientAuthOfAnIssuedCertificate) {
    auto subject = subject_of(plan_of(contoso()).requests[0]);
    subject.extended_key_usage->second = {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"};
    auto judged = content(subject);
    judged.ca = CertificateAuthority::google;
    EXPECT_THAT(ids(plan::judge_content(judged)), Contains("usage.client-auth-public-ca"));
    judged.is_certificate = true;
    EXPECT_THAT(ids(plan::judge_content(judged)), Not(Contains("usage.client-auth-public-ca")));
}

TEST(CompareWithPlan, FindsNothingInWhatWasPlanned) {
    const auto plan = plan_of(contoso());
    const auto subject = subject_of(plan.requests[0]);
    EXPECT_THAT(plan::compare_with_plan(content(subject), plan.requests[0]), IsEmpty());
}

TEST(CompareWithPlan, NamesEachDifference) {
    const auto plan = plan_of(contoso());
    auto subject = subject_of(plan.requests[0]);
    const auto removed = subject.subject_alternative_names.back().value;
    subject.subject_alternative_names.back().value = "stranger.contoso.com";
    subject.public_key_algorithm = "rsa-4096";
    subject.key_usage.reset();
    subject.subject.push_back({"O", "Contoso", "UTF8String"});
    const auto findings = plan::compare_with_plan(content(subject), plan.requests[0]);
    EXPECT_THAT(ids(findings), ElementsAre("name.missing", "name.unexpected", "usage.differs-from-plan",
                                           "key.differs-from-plan", "subject.differs-from-plan"));
    EXPECT_THAT(findings[0].message, HasSubstr(removed));
    EXPECT_THAT(findings[3].message, HasSubstr("The key is rsa-4096, where request \"reverse-proxy\" plans rsa-2048"));
    EXPECT_THAT(findings[4].message, HasSubstr("O is \"Contoso\", where request \"reverse-proxy\" plans none"));
}

TEST(CompareWithPlan, TakesAWildcardForOneLabelAndNoMore) {
    RequestPlan request;
    request.name = "web";
    request.subject_alternative_names = {{NameType::dns, "a.example.com", {"extra"}},
                                         {NameType::dns, "a.b.example.com", {"extra"}},
                                         {NameType::ip, "192.0.2.1", {"extra"}}};
    SubjectInspection subject;
    subject.public_key_algorithm = "rsa-2048";
    subject.subject_alternative_names = {{"dns", "*.EXAMPLE.com"}, {"dns", "192.0.2.1"}};
    std::vector<std::string> missing;
    for (const auto& finding : plan::compare_with_plan(content(subject), request))
        if (finding.id == "name.missing") missing.push_back(finding.message);
    EXPECT_THAT(missing, ElementsAre(HasSubstr("a.b.example.com")));
}

TEST(CompareWithPlan, LetsACertificateLeaveOutWhatTheCaDidNotValidate) {
    Farm farm = contoso();
    farm.certificate.subject.organization = "Contoso";
    const auto plan = plan_of(farm);
    auto subject = subject_of(plan.requests[0]);
    subject.subject.clear();
    auto compared = content(subject);
    EXPECT_THAT(ids(plan::compare_with_plan(compared, plan.requests[0])), Contains("subject.differs-from-plan"));
    compared.is_certificate = true;
    EXPECT_THAT(plan::compare_with_plan(compared, plan.requests[0]), IsEmpty());
}

TEST(CompareWithPlan, ShowsTheWaiverThatActs) {
    Farm farm = contoso();
    farm.rules.accept = {{"name.unexpected", "old.contoso.com", "until the move", ""}};
    const auto plan = plan_of(farm);
    auto subject = subject_of(plan.requests[0]);
    subject.subject_alternative_names.push_back({"dns", "old.contoso.com"});
    auto compared = content(subject);
    auto findings = plan::compare_with_plan(compared, plan.requests[0]);
    plan::apply_waivers(farm.rules, compared.date, findings);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].accepted, "until the move");
}

TEST(BestFit, IsTheRequestWithMostNamesInCommonAndThenFewestApart) {
    const auto request = [](std::vector<std::string> names) {
        RequestPlan one;
        for (auto& name : names) one.subject_alternative_names.push_back({NameType::dns, std::move(name), {}});
        return one;
    };
    const std::vector<RequestPlan> requests{request({"x.example.com"}),
                                            request({"a.example.com", "b.example.com", "c.example.com"}),
                                            request({"a.example.com", "b.example.com"})};
    SubjectInspection subject;
    EXPECT_EQ(plan::best_fit(subject, requests), 0U);
    subject.subject_alternative_names = {{"dns", "a.example.com"}, {"dns", "b.example.com"}};
    EXPECT_EQ(plan::best_fit(subject, requests), 2U);
    subject.subject_alternative_names.push_back({"dns", "c.example.com"});
    EXPECT_EQ(plan::best_fit(subject, requests), 1U);
}

}  // namespace
}  // namespace hsmreq::test
