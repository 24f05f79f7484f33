// Which copies of shared keys a run of `distribute` makes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "hsmreq/farm.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

/// One shared key and one other member's token.
struct PlannedCopy {
    std::size_t item = 0;  ///< index into Plan::items: the key
    std::string member;    ///< whose token is to hold the copy
};

/// The copies in plan order: --only, --member and --shard applied one after the other. Errors: ExitCode::usage when
/// --only or --member names nothing of the plan; ExitCode::rules with the policy's reason when what is selected is not
/// shared, or may not leave its token.
Result<std::vector<PlannedCopy>> select_copies(const Farm& farm, const Plan& plan, const RequestOptions& options);

/// Holds --only and --member against what the plan and the farm name, copies' members included.
/// Errors: ExitCode::usage with the nearest name.
Status check_selection(const Farm& farm, const Plan& plan, const RequestOptions& options);

/// True when --only and --member leave the request's key on that member in.
bool is_selected(const RequestPlan& request, const std::string& member, const RequestOptions& options);

/// The item of one shared key by the request's name. Errors: as select_copies.
Result<std::size_t> shared_item(const Plan& plan, const std::string& request);

/// True for a member whose token can hold a copy of the request's key.
bool takes_copy(const Farm& farm, const RequestPlan& request, const std::string& member);

}  // namespace hsmreq::workflow
