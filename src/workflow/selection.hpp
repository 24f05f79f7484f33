// Which of the plan's items a run works on.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "hsmreq/plan.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

/// Indexes into Plan::items in plan order: --only, --member and --shard applied one after the other.
/// Errors: ExitCode::usage when --only or --member names nothing of the plan (with the nearest name).
Result<std::vector<std::size_t>> select_items(const Plan& plan, const RequestOptions& options);

/// ExitCode::usage for a flag's word that is none of `known`, with the nearest of them.
Error names_nothing(const Plan& plan, const std::string& flag, const std::string& word,
                    const std::vector<std::string>& known);

}  // namespace hsmreq::workflow
