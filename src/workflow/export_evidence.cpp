#include "workflow/export_evidence.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "base/try.hpp"
#include "evidence/envelope.hpp"
#include "evidence/evidence.hpp"
#include "evidence/statement.hpp"
#include "token/quirks.hpp"
#include "workflow/evidence_record.hpp"
#include "workflow/output_state.hpp"

namespace hsmreq::workflow {
namespace {

evidence::Record record_of(const RunFacts& run, const ExportFacts& facts) {
    const auto* quirks = token::find_quirk_profile(facts.token.module(), facts.token.info());
    auto record = make_record(run, {.item = facts.item,
                                    .request = facts.request,
                                    .identity = facts.source.identity,
                                    .token = facts.token,
                                    .key = facts.source.key,
                                    .probe = nullptr,
                                    .quirks = quirks,
                                    .signature_mechanism = {},
                                    .findings = facts.result.findings});
    record.public_key_der = facts.source.public_key_der;
    record.checks = {
        "the key's attributes were read back and compared with the policy one by one",
        "the private key that left the token is the other half of the token's public key and of the certificate's "
        "(OpenSSL)",
        "the certificate was judged by the clock and by its chain to an issuing root",
        "the file was read back, opened again, and all that is in it compared before it had its name",
    };
    return record;
}

std::string record_name(const std::string& stem, unsigned number) {
    return fmt::format("{}.export.{}.evidence.json", stem, number);
}

bool is_record_of(BytesView content, const std::string& file_sha256) {
    const auto statement = evidence::read_statement(content);
    return statement && !statement->subjects.empty() && statement->subjects.front().sha256 == file_sha256;
}

}  // namespace

Bytes make_export_evidence(const RunFacts& run, const ExportFacts& facts) {
    const auto& content = facts.content;
    const bool pem = content.protection == KeyProtection::none;
    return evidence::to_json(
        record_of(run, facts),
        evidence::ExportRecord{.target = std::string(hsmreq::facts(facts.options.target).name),
                               .file = facts.options.output_file,
                               .file_name = std::filesystem::path(facts.options.output_file).filename().string(),
                               .file_sha256 = facts.result.file_sha256,
                               .protection = std::string(hsmreq::facts(content.protection).words),
                               .friendly_name = pem ? "" : content.friendly_name,
                               .windows_provider = content.windows_provider,
                               .key_type = content.key_type ? std::string(to_name(*content.key_type)) : "",
                               .certificate = facts.result.certificate.value_or(ExportedCertificate{}),
                               .chain = facts.result.chain,
                               .mechanisms = facts.result.mechanisms,
                               .recipients = facts.result.recipients,
                               .note = security_note(facts.options),
                               .acknowledged_by = facts.options.acknowledged ? "flag" : "terminal",
                               .short_password_allowed = facts.short_password});
}

std::string next_record(const OutputDirectory& directory, const std::string& stem) {
    for (unsigned number = 1;; ++number) {
        std::string name = record_name(stem, number);
        if (!directory.has(name) && !directory.has(evidence::envelope_name(name))) return name;
    }
}

Status publish_record(TokenSessions& sessions, StatementFile record, OutputDirectory& directory) {
    const std::string name = record.name;
    TRY_ASSIGN(const auto signer, sessions.evidence_signer());
    TRY_ASSIGN(auto files, evidence_files(signer, std::move(record), directory));
    for (auto& file : files) file.replace = false;
    auto status = publish(directory, {files.front()});
    if (!status || files.size() == 1) return status;
    status = publish(directory, {files.back()});
    if (!status) TRY(directory.remove(name));
    return status;
}

Status sign_records(TokenSessions& sessions, const std::string& stem, const std::string& file_sha256,
                    OutputDirectory& directory) {
    if (sessions.evidence_key() == nullptr) return {};
    const std::string next = next_record(directory, stem);
    for (unsigned number = 1; record_name(stem, number) != next; ++number) {
        auto content = directory.read(record_name(stem, number), evidence_limit);
        if (!content || !is_record_of(*content, file_sha256)) continue;
        StatementFile record{record_name(stem, number), std::move(*content), true};
        if (envelope_stands(sessions.evidence_key(), record, directory)) continue;
        TRY_ASSIGN(const auto signer, sessions.evidence_signer());
        TRY_ASSIGN(const auto files, evidence_files(signer, std::move(record), directory));
        TRY(publish(directory, files));
    }
    return {};
}

Status remove_record(OutputDirectory& directory, const std::string& name) {
    TRY(directory.remove(evidence::envelope_name(name)));
    return directory.remove(name);
}

}  // namespace hsmreq::workflow
