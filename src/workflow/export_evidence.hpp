// The evidence of an export, from facts already in hand.
#pragma once

#include <string>

#include "base/file.hpp"
#include "hsmreq/export.hpp"
#include "hsmreq/plan.hpp"
#include "token/module.hpp"
#include "workflow/copy_key.hpp"
#include "workflow/run_facts.hpp"
#include "workflow/token_sessions.hpp"
#include "x509/pkcs12.hpp"

namespace hsmreq::workflow {

struct ExportFacts {
    const PlanItem& item;
    const RequestPlan& request;
    const SourceKey& source;
    const token::Token& token;
    const ExportOptions& options;
    const x509::PfxContent& content;
    const ExportItemResult& result;  ///< with the file's hash
    bool short_password = false;
};

/// The statement's bytes.
Bytes make_export_evidence(const RunFacts& run, const ExportFacts& facts);

/// STEM.export.N.evidence.json, N from 1: each export has a record of its own, which none that follows writes over.
std::string next_record(const OutputDirectory& directory, const std::string& stem);

/// The record and, where there is a key, the envelope over it: both or neither. Errors: ExitCode::output; those of
/// EvidenceKey::sign.
Status publish_record(TokenSessions& sessions, StatementFile record, OutputDirectory& directory);

/// Signs the records of a file that stands, as they are, where an envelope by the present key is missing: they were
/// written before the farm had it. Errors: ExitCode::output; those of EvidenceKey::sign.
Status sign_records(TokenSessions& sessions, const std::string& stem, const std::string& file_sha256,
                    OutputDirectory& directory);

/// Takes away the record of a file that there is not, and its envelope before it. Errors: ExitCode::output.
Status remove_record(OutputDirectory& directory, const std::string& name);

}  // namespace hsmreq::workflow
