// A worker: one thread's sessions, and the way of one item through them.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>

#include "hsmreq/result.hpp"
#include "workflow/locate_key.hpp"
#include "workflow/publisher.hpp"
#include "workflow/run_facts.hpp"
#include "workflow/run_state.hpp"
#include "workflow/token_pool.hpp"

namespace hsmreq::workflow {

/// Why `renew` has no business with this request: its key is an existing one. Nothing for `request`.
std::optional<Error> refuse_renewal(const RequestOptions& options, const RequestPlan& request);

class Worker {
public:
    Worker(const RunFacts& facts, const TokenPool& pool, RunState& state, Publisher& publisher);

    /// Makes or finds the item's key, judges it, has the request signed and hands it to the publisher; or settles the
    /// item here when there is nothing to publish. `index` counts the run's results, `item` is the plan's.
    void work(std::size_t index, const PlanItem& item);

private:
    struct Task;

    Result<token::Session*> session(TokenUse& use);
    Status attempt(Task& task);
    Status attempt_locked(Task& task);
    Status remove_outlived_files(Task& task);
    Status take_left_pair(Task& task, Error refusal);
    Status make_key(Task& task);
    Status obtain_key(Task& task);
    Status judge_public_key(Task& task);
    Status judge(Task& task);
    Status probe(Task& task);
    Status publish(Task& task);
    Status plan_only(Task& task);
    Result<std::optional<ItemState>> compare(const Task& task) const;
    PublishJob make_job(Task& task, ItemState state) const;
    [[nodiscard]] std::optional<Error> evidence_key_gone() const;
    Status hand_over(Task& task, PublishJob job);
    Result<std::vector<StagedFile>> sign_files(const Task& task, PublishJob& job);
    void name_files(Task& task, ItemState state) const;
    void settle_failure(Task& task, Error error);

    const RunFacts& facts_;
    const TokenPool& pool_;
    RunState& state_;
    Publisher& publisher_;
    std::map<TokenUse*, std::unique_ptr<token::Session>> sessions_;
};

}  // namespace hsmreq::workflow
