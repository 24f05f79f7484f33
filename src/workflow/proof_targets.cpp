#include <utility>

#include "base/try.hpp"
#include "workflow/copies.hpp"
#include "workflow/prove_items.hpp"

namespace hsmreq::workflow {

std::vector<ProofTarget> proofs_of(const Farm& farm, const Plan& plan, std::size_t item, unsigned generation) {
    const PlanItem& own = plan.items[item];
    const RequestPlan& request = plan.requests[own.request];
    std::vector<ProofTarget> targets{{item, own.token_member, generation}};
    if (request.key.sharing != Sharing::shared || !request.key.uri.empty()) return targets;
    for (const auto& member : request.members)
        if (member != own.token_member && takes_copy(farm, request, member))
            targets.push_back({item, member, generation});
    return targets;
}

Result<std::vector<ProofTarget>> select_proofs(const Farm& farm, const Plan& plan, const RequestOptions& options) {
    TRY(check_selection(farm, plan, options));
    std::vector<ProofTarget> selected;
    for (std::size_t i = 0; i < plan.items.size(); ++i)
        for (auto& target : proofs_of(farm, plan, i))
            if (is_selected(plan.requests[plan.items[i].request], target.member, options))
                selected.push_back(std::move(target));
    if (!options.shard) return selected;
    std::vector<ProofTarget> share;
    for (std::size_t k = options.shard->index - 1; k < selected.size(); k += options.shard->count)
        share.push_back(std::move(selected[k]));
    return share;
}

}  // namespace hsmreq::workflow
