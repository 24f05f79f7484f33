// `hsmreq plan`: the farm file read and planned.
#pragma once

#include <string>

#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

struct PlannedFarm {
    Farm farm;
    std::string farm_file_sha256;
    Plan plan;
};

/// Reads, parses and plans. What the rules refuse is in Plan::findings, not an error.
/// Errors: ExitCode::input.
Result<PlannedFarm> plan_farm(const std::string& farm_file, const PlanOptions& options);

}  // namespace hsmreq::workflow
