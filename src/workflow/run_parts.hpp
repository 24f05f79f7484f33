// What the commands that open tokens have in common around their work.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/lock.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "token/watchdog.hpp"
#include "workflow/plan.hpp"
#include "workflow/run_facts.hpp"

namespace hsmreq::workflow {

/// The error that stands for findings that refuse `subject`; one of them must.
Error refused_by(const std::vector<Finding>& findings, const std::string& subject);

/// Errors: ExitCode::rules for a plan whose findings refuse.
Status check_rules(const Plan& plan);

/// The error of a run that the user ended.
Error interrupted_run();

/// The same where there is nothing yet that a further run would go on with.
Error interrupted_early();

/// The error of an item that --fail-fast left out because another one failed with `code`.
Error left_out(ExitCode code);

/// The same, by the first of the items that failed.
template <class Items>
Error left_out_of(const Items& items) {
    const auto failed = std::ranges::find_if(items, [](const auto& item) { return item.error.has_value(); });
    return left_out(failed == items.end() ? ExitCode::internal : failed->error->code);
}

/// Items that are not settled fail with the run's error; where it has none, --fail-fast left them out.
template <class Outcome>
void fail_unsettled(const std::vector<bool>& settled, Outcome& outcome) {
    auto& items = outcome.summary->items;
    const Error error = outcome.error ? *outcome.error : left_out_of(items);
    for (std::size_t i = 0; i < settled.size(); ++i)
        if (!settled[i]) items[i].error = error;
}

/// The error for a call into a token that did not come back.
Error call_timed_out(const token::CallTimeout& timeout);

/// Where, when and over which farm file a run is. Its output directory is --out, or ./FARM-requests.
RunHeader begin_run(const RequestOptions& options, const PlannedFarm& planned);

/// "I/N", "" without --shard.
std::string shard_text(const RequestOptions& options);

/// A summary with that header and the plan's findings; with shard and dry run where it has them.
template <class Summary>
Summary begin_summary(const RequestOptions& options, const PlannedFarm& planned) {
    Summary summary;
    static_cast<RunHeader&>(summary) = begin_run(options, planned);
    summary.findings = planned.plan.findings;
    if constexpr (requires { summary.shard; }) summary.shard = shard_text(options);
    if constexpr (requires { summary.dry_run; }) summary.dry_run = options.dry_run;
    return summary;
}

/// What a run has of its own beside the farm as it was planned.
struct RunScene {
    const RequestOptions& options;
    OutputDirectory& directory;
    RequestObserver& observer;
    std::string time;
    const x509::WeakKeyList* weak_keys = nullptr;  ///< null when the farm names none, and where nobody asks
};

/// The facts of a run begun now, by this operator on this host. Points to both.
RunFacts make_facts(const PlannedFarm& planned, const RunScene& scene);

/// A dry run only looks; a missing directory is then as good as an empty one.
Result<OutputDirectory> open_directory(const RequestOptions& options, const std::string& path);

/// How a lock between runs is waited for. Points to the observer.
FileLock::Options lock_options(std::string what, const RequestOptions& options, RequestObserver& observer);

/// The lock between runs on one directory; none on a missing one.
Result<FileLock> lock_directory(const RequestOptions& options, RequestObserver& observer,
                                const OutputDirectory& directory);

}  // namespace hsmreq::workflow
