// From answers to a farm.
#pragma once

#include <vector>

#include "hsmreq/farm.hpp"
#include "workflow/init_answers.hpp"

namespace hsmreq::workflow {

/// What the answers say; what they leave open stays at its default. Errors: ExitCode::usage where two answers don't go
/// together, such as a meeting URL for which no SIP domain can be told.
Result<Farm> make_farm(const Answers& answers, const std::vector<SimpleUrlSite>& sites);

}  // namespace hsmreq::workflow
