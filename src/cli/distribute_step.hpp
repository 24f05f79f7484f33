// The steps of `hsmreq distribute`: which one the operands name, and what each takes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/distribute.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::cli {

/// Takes `offer`, `seal` or `accept` from before the farm file, and the sealed file from behind it.
/// Errors: ExitCode::usage.
Status take_step(std::vector<std::string>& operands, DistributeOptions& options);

/// Refuses flags that the step does not take, and asks for those that it can't do without. `given_on_line` tells
/// whether a flag stood on the command line. Errors: ExitCode::usage.
Status check_step_flags(const std::function<bool(std::string_view)>& given_on_line, const DistributeOptions& options);

}  // namespace hsmreq::cli
