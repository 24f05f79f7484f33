// The evidence of an export, from facts already in hand.
#pragma once

#include "hsmreq/export.hpp"
#include "hsmreq/plan.hpp"
#include "token/module.hpp"
#include "workflow/copy_key.hpp"
#include "workflow/run_facts.hpp"
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

}  // namespace hsmreq::workflow
