#include "hsmreq/distribute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/try.hpp"
#include "workflow/distribute_run.hpp"
#include "workflow/key_findings.hpp"
#include "workflow/plan.hpp"
#include "workflow/run_parts.hpp"

namespace hsmreq::workflow {
namespace {

DistributeSummary begin(const DistributeOptions& options, const PlannedFarm& planned) {
    auto summary = begin_summary<DistributeSummary>(options.run, planned);
    summary.step = options.step;
    summary.output_file = options.output_file;
    return summary;
}

/// What the step is to do, decided before any token is opened.
struct Work {
    std::vector<PlannedCopy> copies;
    SealInput seal;
    AcceptInput accept;
    std::vector<std::string> members;  ///< whose tokens are opened
    std::vector<DistributeItemResult> items;
};

void add_item(Work& work, std::string request, std::string member, std::string source) {
    DistributeItemResult item;
    item.request = std::move(request);
    item.member = std::move(member);
    item.source_member = std::move(source);
    work.items.push_back(std::move(item));
}

Status check_member(const Farm& farm, const Plan& plan, const std::string& member) {
    const auto found = std::ranges::find(farm.members, member, &Member::name);
    if (found == farm.members.end())
        return Error{.code = ExitCode::usage,
                     .what = fmt::format("--member names no member of the farm: {}", member),
                     .where = plan.farm_file};
    if (found->receives == Receives::token && !found->uri.empty()) return {};
    return Error{.code = ExitCode::rules,
                 .what = fmt::format("member {} has no token", member),
                 .where = plan.farm_file,
                 .hint = "a member that receives a PFX gets its key by hsmreq export"};
}

Result<Work> prepare(const DistributeOptions& options, const Farm& farm, const Plan& plan) {
    Work work;
    switch (options.step) {
        case DistributeStep::copy: {
            TRY_ASSIGN(work.copies, select_copies(farm, plan, options.run));
            for (const auto& copy : work.copies) {
                const PlanItem& item = plan.items[copy.item];
                add_item(work, plan.requests[item.request].name, copy.member, item.token_member);
                work.members.insert(work.members.end(), {item.token_member, copy.member});
            }
            return work;
        }
        case DistributeStep::offer:
            TRY(check_member(farm, plan, options.run.member));
            work.members = {options.run.member};
            return work;
        case DistributeStep::seal: {
            TRY_ASSIGN(work.seal.item, shared_item(plan, options.request));
            TRY_ASSIGN(work.seal.offer_der, read_offer(options.offer_file, options.fingerprint));
            const PlanItem& item = plan.items[work.seal.item];
            add_item(work, plan.requests[item.request].name, "", item.token_member);
            work.members = {item.token_member};
            return work;
        }
        case DistributeStep::accept: {
            TRY(check_member(farm, plan, options.run.member));
            TRY_ASSIGN(work.accept, read_sealed({farm, plan}, options));
            add_item(work, work.accept.sealed.request, options.run.member, "");
            work.members = {options.run.member};
            return work;
        }
    }
    return work;
}

/// The part of a run that has an output directory.
class Distribution {
public:
    Distribution(const DistributeOptions& options, const DistributeContext& context, const PlannedFarm& planned,
                 OutputDirectory directory)
        : options_(options),
          context_(context),
          directory_(std::move(directory)),
          summary_(begin(options, planned)),
          facts_(make_facts(planned, {options.run, directory_, context.observer, summary_.time})) {}

    DistributeOutcome work(const Work& work) {
        summary_.items = work.items;
        settled_.assign(work.items.size(), false);
        auto status = with_tokens(work);
        return close(status ? std::nullopt : std::optional(std::move(status).error()));
    }

private:
    Status with_tokens(const Work& work) {
        token::Watchdog watchdog(options_.run.timeout,
                                 [this](const token::CallTimeout& timeout) { end_hung(timeout); });
        TokenPool pool(facts_.farm, options_.run, watchdog);
        TRY(pool.open(work.members, context_.observer));
        const bool writes_evidence = options_.step == DistributeStep::copy || options_.step == DistributeStep::accept;
        if (writes_evidence && !work.members.empty()) TRY(pool.open_evidence_key(facts_.plan, context_.observer));
        {
            const std::scoped_lock lock(mutex_);
            summary_.findings.insert(summary_.findings.end(), pool.findings().begin(), pool.findings().end());
        }
        DistributeRun run(options_, facts_, pool);
        if (options_.step == DistributeStep::offer) return offer(run);
        for (std::size_t i = 0; i < work.items.size(); ++i) {
            if (context_.observer.interrupted()) return interrupted_run();
            if (failed_ && options_.run.fail_fast) return {};
            step(run, work, i);
        }
        return {};
    }

    Status offer(DistributeRun& run) {
        TRY_ASSIGN(auto made, make_offer(run));
        const std::scoped_lock lock(mutex_);
        if (!made.fingerprint.empty()) summary_.offer = std::move(made);
        return {};
    }

    void step(DistributeRun& run, const Work& work, std::size_t index) {
        DistributeItemResult result = work.items[index];
        context_.observer.progress({index, work.items.size(), item_name(result), "on its way"});
        auto status = perform(run, work, index, result);
        if (!status) {
            result.state = ItemState::failed;
            result.error = std::move(status).error();
            result.evidence_file.clear();
            result.envelope_file.clear();
            failed_ = true;
        }
        const std::scoped_lock lock(mutex_);
        summary_.items[index] = std::move(result);
        settled_[index] = true;
    }

    Status perform(DistributeRun& run, const Work& work, std::size_t index, DistributeItemResult& result) {
        if (options_.step == DistributeStep::seal) return seal_key(run, work.seal, result);
        if (options_.step == DistributeStep::accept) return accept_key(run, work.accept, result);
        return copy_key(run, work.copies[index], result);
    }

    DistributeOutcome close(std::optional<Error> error) {
        const std::scoped_lock lock(mutex_);
        DistributeOutcome outcome{.summary = summary_, .error = std::move(error)};
        fail_unsettled(settled_, outcome);
        return outcome;
    }

    /// On the watchdog's thread.
    void end_hung(const token::CallTimeout& timeout) {
        const DistributeOutcome outcome = close(call_timed_out(timeout));
        if (context_.hung) context_.hung(outcome);
    }

    const DistributeOptions& options_;
    const DistributeContext& context_;
    OutputDirectory directory_;
    std::mutex mutex_;
    DistributeSummary summary_;
    std::vector<bool> settled_;
    bool failed_ = false;
    RunFacts facts_;
};

Result<DistributeOutcome> run(const DistributeOptions& options, const DistributeContext& context,
                              const PlannedFarm& planned, const std::string& path) {
    // What may travel is the policy's first question; its own refusal says more than the plan's.
    TRY_ASSIGN(const auto work, prepare(options, planned.farm, planned.plan));
    TRY(check_rules(planned.plan));
    if (options.step == DistributeStep::copy && work.copies.empty())
        context.observer.notice("there is nothing to do: no other member with a token is to have a copy");
    // Only copies leave evidence there; the other steps at most look.
    const bool writes = options.step == DistributeStep::copy || options.step == DistributeStep::accept;
    TRY_ASSIGN(auto directory, writes ? open_directory(options.run, path) : OutputDirectory::open_existing(path));
    TRY_ASSIGN(const auto lock, lock_directory(options.run, context.observer, directory));
    return Distribution(options, context, planned, std::move(directory)).work(work);
}

}  // namespace
}  // namespace hsmreq::workflow

namespace hsmreq {

DistributeOutcome distribute_keys(const DistributeOptions& options, const DistributeContext& context) {
    const auto planned = workflow::plan_farm(options.run.farm_file, options.run.plan);
    if (!planned) return {.summary = std::nullopt, .error = planned.error()};
    const auto begun = workflow::begin(options, *planned);
    auto worked = workflow::run(options, context, *planned, begun.output_directory);
    if (worked) return std::move(worked).value();
    return {.summary = begun, .error = std::move(worked).error()};
}

}  // namespace hsmreq
