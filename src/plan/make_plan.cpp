#include <utility>

#include "plan/draft.hpp"
#include "plan/rules.hpp"

namespace hsmreq {

Plan make_plan(const Farm& farm, const PlanOptions& options) {
    plan::Draft draft{farm, options, plan::profile(farm.ca), {}, {}, {}, {}, {}, {}};
    draft.plan.farm = farm.name;
    draft.plan.farm_file = farm.file;
    draft.plan.date = options.date;
    plan::draft_requests(draft);
    draft.plan.findings = plan::judge(draft);
    plan::apply_waivers(farm.rules, options.date, draft.plan.findings);
    return std::move(draft.plan);
}

}  // namespace hsmreq
