// Whether a certificate may be installed: by itself, against the plan, and its way to a root.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "workflow/certificate_findings.hpp"
#include "workflow/install_bundle.hpp"

namespace hsmreq::workflow {

struct LeafToJudge {
    const Bundle& bundle;
    std::size_t certificate = 0;  ///< index into the bundle
    const RequestPlan& request;   ///< whose key it is for
    bool current_key = true;      ///< an older key may be what the plan no longer asks for
};

struct LeafJudgement {
    std::vector<Finding> findings;  ///< waivers applied
    std::optional<Error>
        refusal;  ///< ExitCode::rules for content, ExitCode::verification for a signature that is wrong
};

/// As `inspect --farm` judges, but for one thing: a root that nobody trusts is always an error here, whether the farm
/// file names the roots or the machine does. Errors: ExitCode::internal.
Result<LeafJudgement> judge_leaf(const LeafToJudge& leaf, const Yardstick& yardstick, const Rules& rules);

}  // namespace hsmreq::workflow
