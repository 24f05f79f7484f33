#include "workflow/plan.hpp"

#include "base/try.hpp"
#include "workflow/farm_file.hpp"

namespace hsmreq::workflow {

Result<PlannedFarm> plan_farm(const std::string& farm_file, const PlanOptions& options) {
    TRY_ASSIGN(auto file, read_farm_file(farm_file));
    Plan plan = make_plan(file.farm, options);
    return PlannedFarm{std::move(file.farm), std::move(file.sha256), std::move(plan)};
}

}  // namespace hsmreq::workflow
