// Real documents against docs/schemas, judged by python3-jsonschema.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "unit/evidence/samples.hpp"

namespace hsmreq::evidence {
namespace {

/// What the validator said; passes when it found nothing.
testing::AssertionResult validates(const std::string& schema, const std::string& document) {
    const auto file =
        std::filesystem::path(testing::TempDir()) / ("hsmreq-" + std::to_string(::getpid()) + "-" + schema + ".json");
    std::ofstream(file, std::ios::binary) << document;
    const std::string command = "/usr/bin/python3 '" HSMREQ_SOURCE_DIR "/tests/support/validate_json.py' '" +
                                std::string(HSMREQ_SOURCE_DIR "/docs/schemas/") + schema + ".schema.json' '" +
                                file.string() + "' 2>&1";
    std::string said;
    FILE* output = ::popen(command.c_str(), "r");
    if (output == nullptr) return testing::AssertionFailure() << "the validator did not start";
    std::array<char, 4096> buffer{};
    while (const auto count = std::fread(buffer.data(), 1, buffer.size(), output)) said.append(buffer.data(), count);
    const int status = ::pclose(output);
    std::filesystem::remove(file);
    // 1 means that the document breaks the schema; anything else would be the validator's own trouble.
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) throw std::runtime_error("the validator failed: " + said);
    return WEXITSTATUS(status) == 0 ? testing::AssertionSuccess() : testing::AssertionFailure() << said;
}

std::string statement_of(const Record& record) {
    const auto json = to_json(record);
    return std::string(as_text(json));
}

/// One plan that uses every word of every enumeration a plan shows.
Plan plan_with_every_word() {
    auto plan = samples::plan();
    const auto add = [&plan](auto change) {
        plan.requests.push_back(plan.requests.front());
        change(plan.requests.back());
    };
    for (const auto& row : key_algorithms) add([&](RequestPlan& one) { one.key.algorithm = row.id; });
    for (const auto& row : hashes) add([&](RequestPlan& one) { one.key.hash = row.id; });
    for (const auto& row : named<KeyPurpose>) add([&](RequestPlan& one) { one.key.purpose = row.value; });
    for (const auto& row : named<PrivateKeyPolicy>) add([&](RequestPlan& one) { one.key.private_key = row.value; });
    for (const auto& row : named<Sharing>) add([&](RequestPlan& one) { one.key.sharing = row.value; });
    for (const auto& row : named<FileFormat>) add([&](RequestPlan& one) { one.file_format = row.value; });
    for (const auto& row : named<KeyUsageBit>) add([&](RequestPlan& one) { one.key_usage = {row.value}; });
    for (const auto severity : {Severity::info, Severity::warning, Severity::error}) {
        plan.findings.push_back(samples::finding());
        plan.findings.back().severity = severity;
    }
    return plan;
}

/// One summary with every state and every exit code of a failure.
RequestSummary summary_with_every_word() {
    auto summary = samples::summary();
    for (const auto& row : named<ItemState>) {
        summary.items.push_back(summary.items.front());
        summary.items.back().state = row.value;
    }
    for (const auto code :
         {ExitCode::usage, ExitCode::input, ExitCode::rules, ExitCode::not_found, ExitCode::login, ExitCode::token,
          ExitCode::verification, ExitCode::output, ExitCode::unreachable, ExitCode::internal, ExitCode::interrupted}) {
        summary.items.push_back(summary.items[1]);
        summary.items.back().error->code = code;
    }
    return summary;
}

StatusSummary status_with_every_word() {
    auto summary = samples::status();
    const auto add = [&summary](auto change) {
        summary.items.push_back(summary.items.front());
        change(summary.items.back());
    };
    for (const auto& row : named<StatusState>) add([&](StatusItem& one) { one.state = row.value; });
    for (const auto& row : named<KeyPresence>)
        add([&](StatusItem& one) { one.generations.front().private_key = row.value; });
    for (const char* step : {"request", "install", "renew", "retire", "distribute", ""})
        add([&](StatusItem& one) { one.next = step; });
    for (const auto& row : named<CalendarTopic>) {
        summary.calendar.push_back(summary.calendar.front());
        summary.calendar.back().topic = row.value;
    }
    summary.items.emplace_back().request = "web";
    summary.items.back().token_member = "rp02";
    return summary;
}

TrustSummary trust_with_every_word() {
    auto summary = samples::trust();
    for (const auto& row : named<BackendState>) {
        summary.items.push_back(summary.items.front());
        summary.items.back().state = row.value;
    }
    return summary;
}

TEST(Schemas, StatusWithEveryWordValidates) {
    EXPECT_TRUE(validates("status", status_document(status_with_every_word())));
    for (const auto& row : named<CertificateAuthority>) {
        auto summary = samples::status();
        summary.authority = row.name;
        summary.warn_days.reset();
        EXPECT_TRUE(validates("status", status_document(summary))) << row.name;
    }
}

TEST(Schemas, TrustWithEveryWordValidates) {
    EXPECT_TRUE(validates("trust", trust_document(trust_with_every_word())));
}

TEST(Schemas, PlanWithEveryWordValidates) {
    EXPECT_TRUE(validates("plan", plan_document(plan_with_every_word())));
}

TEST(Schemas, PlanWithoutRequestsValidates) {
    auto plan = samples::plan();
    plan.requests.clear();
    plan.items.clear();
    EXPECT_TRUE(validates("plan", plan_document(plan)));
}

TEST(Schemas, SummaryWithEveryWordValidates) {
    EXPECT_TRUE(validates("request", request_document(summary_with_every_word())));
}

TEST(Schemas, InspectedFilesValidate) {
    auto files = samples::inspected_files();
    files.push_back(files.front());
    auto& ed25519 = *files.back().request;
    ed25519.public_key = {
        .family = KeyFamily::ed25519, .modulus = {}, .public_exponent = {}, .curve_oid = "", .point = {1}};
    ed25519.key_usage.reset();
    ed25519.extended_key_usage.reset();
    ed25519.pem_label.clear();
    files.push_back(files.front());
    files.back().request->public_key = {
        .family = KeyFamily::rsa, .modulus = {0xff}, .public_exponent = {3}, .curve_oid = "", .point = {}};
    files.back().request->pem_label = "CERTIFICATE REQUEST";
    files.push_back(files.front());
    files.back().request->public_key = {};
    EXPECT_TRUE(validates("inspect", inspect_document(files)));
}

TEST(Schemas, InitDocumentsFollowTheirs) {
    EXPECT_TRUE(validates("init", samples::init_text()));
    EXPECT_TRUE(validates("init", init_document({"", "[farm]\n"}, {}, {})));
}

TEST(Schemas, ErrorsValidate) {
    auto error = samples::token_error();
    error.also = {{.code = ExitCode::usage, .what = "\xff", .where = "", .hint = "", .finding = "key.missing"}};
    EXPECT_TRUE(validates("error", error_document(error)));
}

TEST(Schemas, EvidenceValidates) {
    const auto plan = samples::plan();
    auto requests = plan.requests;
    requests.push_back(requests.front());
    requests.back().key.algorithm = KeyAlgorithm::ed25519;
    for (const auto& request : requests) EXPECT_TRUE(validates("evidence", statement_of(samples::record(request))));
}

TEST(Schemas, EvidenceWithUnreadableTokenStringsValidates) {
    const auto plan = samples::plan();
    auto record = samples::record(plan.requests[0]);
    record.token_label = record.token_serial = record.key_label = record.module_path = "\xff\xfe";
    record.key_uri = record.operator_name = record.farm_file = "\x80";
    record.member = record.reason = record.quirk_profile = "";
    record.attributes.clear();
    EXPECT_TRUE(validates("evidence", statement_of(record)));
}

struct Breach {
    std::string schema;
    std::string from;
    std::string to;
};

class Breaches : public testing::TestWithParam<Breach> {};

TEST_P(Breaches, AreRefused) {
    const auto plan = samples::plan();
    std::string document;
    if (GetParam().schema == "plan") document = plan_document(plan);
    if (GetParam().schema == "request") document = request_document(samples::summary());
    if (GetParam().schema == "inspect") document = inspect_document(samples::inspected_files());
    if (GetParam().schema == "error") document = error_document(samples::token_error());
    if (GetParam().schema == "evidence") document = statement_of(samples::record(plan.requests[0]));
    const auto place = document.find(GetParam().from);
    ASSERT_NE(place, std::string::npos);
    document.replace(place, GetParam().from.size(), GetParam().to);
    EXPECT_FALSE(validates(GetParam().schema, document));
}

INSTANTIATE_TEST_SUITE_P(Schemas, Breaches,
                         testing::Values(Breach{"plan", "\"schema\"", "\"further\": 1, \"schema\""},
                                         Breach{"plan", "\"severity\": \"warning\"", "\"severity\": \"fatal\""},
                                         Breach{"plan", "\"algorithm\": \"rsa-2048\"", "\"algorithm\": \"rsa-1024\""},
                                         Breach{"plan", "\"farm\": \"contoso\"", "\"farm\": \"\""},
                                         Breach{"request", "\"state\": \"created\"", "\"state\": \"done\""},
                                         Breach{"request", "\"generation\": 2", "\"generation\": 0"},
                                         Breach{"request", "\"dry_run\": false,", ""},
                                         Breach{"inspect", "\"valid\": true", "\"valid\": \"yes\""},
                                         Breach{"inspect", "\"type\": \"certification-request\"", "\"type\": null"},
                                         Breach{"error", "\"code\": 7", "\"code\": 1"},
                                         Breach{"error", "\"rv\"", "\"return_value\""},
                                         Breach{"evidence", "\"source\": \"probe-tested\"", "\"source\": \"believed\""},
                                         Breach{"evidence", "\"verdict\": \"refused\"", "\"verdict\": \"fine\""},
                                         Breach{"evidence", "\"origin\": \"generated\"", "\"origin\": \"imported\""}));

}  // namespace
}  // namespace hsmreq::evidence
