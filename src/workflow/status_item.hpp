// From facts to a state: what an item's certificate is worth, and what is to be done next.
#pragma once

#include <vector>

#include "hsmreq/plan.hpp"
#include "hsmreq/status.hpp"
#include "workflow/certificate_findings.hpp"
#include "workflow/status_facts.hpp"

namespace hsmreq::workflow {

/// Fills in everything of `item` that follows from the generations; what says which item it is, `token` and `error`
/// are there already.
void conclude(const std::vector<GenerationFacts>& generations, const RequestPlan& request, const Yardstick& yardstick,
              StatusItem& item);

}  // namespace hsmreq::workflow
