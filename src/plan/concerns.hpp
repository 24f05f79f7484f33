// Which of a plan's findings belong to one of its items.
#pragma once

#include "hsmreq/farm.hpp"
#include "hsmreq/plan.hpp"

namespace hsmreq::plan {

/// False for a finding that is about another request, another member, or a name that only others carry; true for the
/// item's own and for those of the farm as a whole.
bool concerns(const Finding& finding, const Farm& farm, const Plan& plan, const PlanItem& item);

}  // namespace hsmreq::plan
