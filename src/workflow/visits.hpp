// The keys of a farm one by one, each with the token it is looked for in.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/plan.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "workflow/plan.hpp"

namespace hsmreq::workflow {

/// One key to look at in one token. `item` belongs to the plan.
struct Visit {
    const PlanItem& item;
    std::string token_member;
    bool copy = false;  ///< of a shared key that is made in another member's token
};

/// Every planned key and the copies of the shared ones, as --only and --member leave them. `planned` must outlive the
/// result. Errors: ExitCode::usage when either names nothing of the plan.
Result<std::vector<Visit>> choose_visits(const PlannedFarm& planned, const RequestOptions& options);

/// Who the key is, without a generation.
KeyIdentity identity_of(const Plan& plan, const Visit& visit);

}  // namespace hsmreq::workflow
