#include "workflow/distribute_run.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/file.hpp"
#include "base/try.hpp"
#include "evidence/envelope.hpp"
#include "token/quirks.hpp"
#include "workflow/evidence_record.hpp"
#include "workflow/output_state.hpp"

namespace hsmreq::workflow {
namespace {

std::string evidence_name(const RequestPlan& request, const KeyIdentity& identity, const std::string& member) {
    return fmt::format("{}.{}.copy.evidence.json", file_stem(request, identity), member);
}

/// The copy's evidence that an earlier run left, where it is about this key.
std::optional<Bytes> standing_evidence(const OutputDirectory& directory, const std::string& name,
                                       const std::string& public_key_sha256) {
    if (!directory.exists() || !directory.has(name)) return std::nullopt;
    auto content = directory.read(name, evidence_limit);
    if (!content || evidence::read_copy_evidence(*content) != public_key_sha256) return std::nullopt;
    return std::move(content).value();
}

std::vector<std::string> checks_made(const Copy& copy) {
    std::vector<std::string> checks{
        "the copy's attributes were read back and compared with the policy one by one",
        "its public object carries the public key of the source",
        "a signature made with the copy in this token verifies under the public key of the source (OpenSSL)",
    };
    if (copy.probe) checks.emplace_back("wrapping the copy out of this token was tried (see probe)");
    return checks;
}

/// What no attribute says: whether the token or this program alone saw to it that the copy can't leave again.
evidence::AttributeRecord unwrap_template_record(const evidence::CopyRecord& record) {
    const bool kept = record.kept_non_extractable_by == "token-reported";
    return {.object = "private",
            .attribute = "CKA_UNWRAP_TEMPLATE of the key it was unwrapped with",
            .asked = "SENSITIVE true, EXTRACTABLE false",
            .read = kept ? "kept by the token" : "",
            .verdict = kept ? "as-asked" : "unknown-to-token",
            .source = record.kept_non_extractable_by};
}

evidence::Record make_copy_record(const DistributeRun& run, const CopyFacts& facts, const Copy& copy) {
    const PlanItem item{facts.item.request, "", facts.member};
    auto record = make_record(
        run.facts, {.item = item,
                    .request = facts.task.request,
                    .identity = facts.task.source.identity,
                    .token = *facts.target.token,
                    .key = copy.key,
                    .probe = copy.probe ? &*copy.probe : nullptr,
                    .quirks = token::find_quirk_profile(facts.target.token->module(), facts.target.token->info()),
                    .signature_mechanism = copy.signature_mechanism,
                    .hash_in_software = copy.hash_in_software,
                    .findings = copy.findings,
                    .copy = true});
    record.checks = checks_made(copy);
    record.public_key_der = facts.task.source.public_key_der;
    if (!facts.record.kept_non_extractable_by.empty())
        record.attributes.push_back(unwrap_template_record(facts.record));
    return record;
}

}  // namespace

Status publish_copy(DistributeRun& run, const CopyFacts& facts, const Copy& copy, DistributeItemResult& result) {
    const CopyTask& task = facts.task;
    StatementFile statement{evidence_name(task.request, task.source.identity, facts.member), {}};
    const bool made = !facts.record.unwrapped_with.empty();
    result.evidence_file = statement.name;
    if (run.evidence_key() != nullptr) result.envelope_file = evidence::envelope_name(statement.name);
    if (!made && !run.options.run.replace) {
        auto standing = standing_evidence(run.facts.directory, statement.name, task.source.public_key_sha256);
        statement.published = standing.has_value();
        if (standing) statement.content = std::move(*standing);
        if (standing && envelope_stands(run.evidence_key(), statement, run.facts.directory)) return {};
    }
    if (run.options.run.dry_run) return {};
    if (!statement.published) {
        auto record = facts.record;
        record.local = copy.key.local;
        statement.content = evidence::to_json(make_copy_record(run, facts, copy), record);
    }
    TRY_ASSIGN(const auto signer, run.evidence_signer());
    TRY_ASSIGN(const auto files, evidence_files(signer, std::move(statement), run.facts.directory));
    return publish(run.facts.directory, files);
}

}  // namespace hsmreq::workflow
