#include "hsmreq/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <thread>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "evidence/documents.hpp"
#include "plan/rules.hpp"
#include "workflow/key_findings.hpp"
#include "workflow/plan.hpp"
#include "workflow/publisher.hpp"
#include "workflow/run_parts.hpp"
#include "workflow/run_state.hpp"
#include "workflow/selection.hpp"
#include "workflow/token_pool.hpp"
#include "workflow/worker.hpp"

namespace hsmreq::workflow {
namespace {

std::string summary_name(const RequestOptions& options) {
    if (!options.shard) return "summary.json";
    return fmt::format("summary.{}-of-{}.json", options.shard->index, options.shard->count);
}

/// A share of the plan minds what was written for all of it, too.
std::vector<std::string> former_summaries(const RequestOptions& options) {
    if (!options.shard) return {summary_name(options)};
    return {summary_name({}), summary_name(options)};
}

RequestSummary begin(const RequestOptions& options, const PlannedFarm& planned) {
    auto summary = begin_summary<RequestSummary>(options, planned);
    summary.renewal = options.renewal;
    return summary;
}

std::vector<RequestItemResult> expected_items(const Plan& plan, const std::vector<std::size_t>& selected) {
    std::vector<RequestItemResult> items;
    items.reserve(selected.size());
    for (const std::size_t index : selected) {
        const PlanItem& item = plan.items[index];
        RequestItemResult result;
        result.request = plan.requests[item.request].name;
        result.member = item.member;
        result.token_member = item.token_member;
        items.push_back(std::move(result));
    }
    return items;
}

/// What a run holds besides the plan.
struct RunInputs {
    OutputDirectory directory;
    std::optional<x509::WeakKeyList> weak_keys;
};

/// The part of a run that has an output directory.
class Run {
public:
    Run(const RequestOptions& options, const RequestContext& context, const PlannedFarm& planned, RunInputs inputs)
        : options_(options),
          context_(context),
          plan_(planned.plan),
          weak_keys_(std::move(inputs.weak_keys)),
          directory_(std::move(inputs.directory)),
          state_(begin(options, planned), context.observer, options.fail_fast),
          facts_(make_facts(planned,
                            {options, directory_, context.observer, timestamp(), weak_keys_ ? &*weak_keys_ : nullptr})),
          publisher_(facts_, state_) {}

    RequestOutcome work(const std::vector<std::size_t>& selected) {
        state_.expect(expected_items(plan_, selected));
        auto status = with_tokens(selected);
        publisher_.finish();
        return close(status ? std::nullopt : std::optional(std::move(status).error()));
    }

private:
    Status with_tokens(const std::vector<std::size_t>& selected) {
        token::Watchdog watchdog(options_.timeout, [this](const token::CallTimeout& timeout) { end_hung(timeout); });
        TokenPool pool(facts_.farm, options_, watchdog);
        std::vector<std::string> members;
        for (const std::size_t index : selected)
            if (!refuse_renewal(options_, plan_.requests[plan_.items[index].request]))
                members.push_back(plan_.items[index].token_member);
        TRY(pool.open(members, context_.observer));
        if (!members.empty()) TRY(pool.open_evidence_key(plan_, context_.observer));
        auto findings = pool.findings();
        plan::apply_waivers(facts_.farm.rules, plan_.date, findings);
        state_.add_findings(findings);
        work_items(selected, pool);
        return {};
    }

    /// Places in `selected`: the non-exportable keys first, since they are what a token is probed with, and a token
    /// that fails the probe is to publish nothing.
    [[nodiscard]] std::vector<std::size_t> probed_first(const std::vector<std::size_t>& selected) const {
        std::vector<std::size_t> order(selected.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_partition(order.begin(), order.end(), [&](std::size_t place) {
            const auto& request = plan_.requests[plan_.items[selected[place]].request];
            return request.key.private_key == PrivateKeyPolicy::non_exportable;
        });
        return order;
    }

    void work_items(const std::vector<std::size_t>& selected, const TokenPool& pool) {
        const auto order = probed_first(selected);
        std::atomic<std::size_t> next = 0;
        const auto loop = [&] {
            Worker worker(facts_, pool, state_, publisher_);
            for (std::size_t i = next++; i < order.size() && !state_.stopping(); i = next++)
                worker.work(order[i], plan_.items[selected[order[i]]]);
        };
        const std::size_t jobs = std::min({std::size_t{options_.jobs}, selected.size(), pool.worker_limit()});
        std::vector<std::thread> threads;
        for (std::size_t i = 1; i < jobs; ++i) threads.emplace_back(loop);
        loop();
        for (auto& thread : threads) thread.join();
    }

    RequestOutcome close(std::optional<Error> error) {
        if (!error && state_.unsettled() > 0 && context_.observer.interrupted()) error = interrupted_run();
        RequestOutcome outcome;
        outcome.error = error;
        outcome.summary = state_.close(error ? *error : left_out_of(state_.close({}).items));
        if (options_.dry_run) return outcome;
        const std::string document = evidence::request_document(*outcome.summary);
        const BytesView bytes = as_bytes(document);
        auto written = publish(directory_, {{summary_name(options_), Bytes(bytes.begin(), bytes.end()), 0644, true}});
        if (!written && !outcome.error) outcome.error = std::move(written).error();
        return outcome;
    }

    /// On the watchdog's thread: what is signed is still published, the rest is given up.
    void end_hung(const token::CallTimeout& timeout) {
        publisher_.finish();
        const RequestOutcome outcome = close(call_timed_out(timeout));
        if (context_.hung) context_.hung(outcome);
    }

    const RequestOptions& options_;
    const RequestContext& context_;
    const Plan& plan_;
    std::optional<x509::WeakKeyList> weak_keys_;
    OutputDirectory directory_;
    RunState state_;
    RunFacts facts_;
    Publisher publisher_;
};

Result<RequestOutcome> run(const RequestOptions& options, const RequestContext& context, const PlannedFarm& planned,
                           const std::string& path) {
    TRY_ASSIGN(const auto selected, select_items(planned.plan, options));
    if (selected.empty()) context.observer.notice("there is nothing to do: no item of the plan is selected");
    TRY(check_rules(planned.plan));
    TRY_ASSIGN(auto weak_keys, load_weak_key_list(planned.farm.rules.weak_key_list));
    TRY_ASSIGN(auto directory, open_directory(options, path));
    TRY_ASSIGN(const auto lock, lock_directory(options, context.observer, directory));
    if (!options.accept_new_keys)
        for (const std::string& name : former_summaries(options))
            TRY(check_former_summary(directory, name, planned.plan));
    return Run(options, context, planned, {std::move(directory), std::move(weak_keys)}).work(selected);
}

}  // namespace
}  // namespace hsmreq::workflow

namespace hsmreq {

RequestOutcome make_requests(const RequestOptions& options, const RequestContext& context) {
    const auto planned = workflow::plan_farm(options.farm_file, options.plan);
    if (!planned) return {.summary = std::nullopt, .error = planned.error()};
    const auto begun = workflow::begin(options, *planned);
    auto worked = workflow::run(options, context, *planned, begun.output_directory);
    if (worked) return std::move(worked).value();
    return {.summary = begun, .error = std::move(worked).error()};
}

}  // namespace hsmreq
