// The JSON documents that commands print, one function each. Schemas in docs/schemas.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "evidence/inspected_file.hpp"
#include "hsmreq/audit.hpp"
#include "hsmreq/export.hpp"
#include "hsmreq/inf.hpp"
#include "hsmreq/install.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/retire.hpp"
#include "hsmreq/status.hpp"
#include "hsmreq/trust.hpp"

namespace hsmreq::evidence {

/// "hsmreq.plan/1". Ends in a newline, as all of them do.
std::string plan_document(const Plan& plan);

/// "hsmreq.request/1": the content of summary.json.
std::string request_document(const RequestSummary& summary);

/// "hsmreq.renew/1": the same, and whether the keys stay.
std::string renew_document(const RequestSummary& summary);

/// "hsmreq.retire/1".
std::string retire_document(const RetireSummary& summary);

/// "hsmreq.export/1".
std::string export_document(const ExportSummary& summary);

/// "hsmreq.audit/1".
std::string audit_document(const AuditSummary& summary);

/// "hsmreq.status/1".
std::string status_document(const StatusSummary& summary);

/// The same as metrics in Prometheus' text format, written at that moment. Label values are escaped, no series is there
/// twice.
std::string status_metrics(const StatusSummary& summary, std::chrono::sys_seconds now);

/// "hsmreq.trust/1".
std::string trust_document(const TrustSummary& summary);
/// "hsmreq.install/1".
std::string install_document(const InstallSummary& summary);

/// "hsmreq.inspect/1".
std::string inspect_document(const std::vector<InspectedFile>& files);

/// "hsmreq.init/1": the farm file, and what of the imported files has no place in it. `file` is "" when the text went
/// nowhere but here.
struct WrittenFarm {
    std::string file;
    std::string text;
};
std::string init_document(const WrittenFarm& farm, const std::vector<UnplacedEntry>& left_out,
                          const std::vector<Finding>& findings);

/// {"error": {"code", "message", "hint", "function", "rv"}}.
std::string error_document(const Error& error);

/// What a former summary.json says was there. Errors: ExitCode::input when it is not one.
struct SummaryItem {
    std::string request;
    std::string member;
};
struct FormerSummary {
    std::string farm;
    std::vector<SummaryItem> items;
};
Result<FormerSummary> read_request_document(BytesView json);

}  // namespace hsmreq::evidence
