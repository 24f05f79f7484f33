// A certreq file as its reader sees it, with what the list of rules says of the findings.
#include "base/try.hpp"
#include "farm/inf.hpp"
#include "hsmreq/inf.hpp"
#include "plan/rules.hpp"

namespace hsmreq {

Result<InfInspection> inspect_inf(BytesView bytes, const std::string& file) {
    TRY_ASSIGN(auto inspection, farm::read_inf(bytes, file));
    for (auto& finding : inspection.findings) {
        const auto row = plan::make_finding(finding.id, finding.where, {});
        finding.severity = row.severity;
        finding.source = row.source;
    }
    return inspection;
}

}  // namespace hsmreq
