#include "hsmreq/prove.hpp"

#include <utility>

#include "base/try.hpp"
#include "token/openssl_bridge.hpp"
#include "workflow/prove_items.hpp"
#include "workflow/run_parts.hpp"
#include "x509/tls_handshake.hpp"

namespace hsmreq::workflow {
namespace {

ProveSummary begin(const ProveOptions& options, const PlannedFarm& planned) {
    auto summary = begin_summary<ProveSummary>(options.run, planned);
    summary.interim = options.interim;
    summary.openssl = x509::openssl_version();
    summary.libp11 = token::libp11_version();
    return summary;
}

/// The summary with what the proof has by now.
ProveOutcome close(const ProveSummary& begun, const ProofRun& run, std::optional<Error> error) {
    ProveOutcome outcome{.summary = begun, .error = std::move(error)};
    auto results = run.results(outcome.error);
    outcome.summary->items = std::move(results.items);
    outcome.summary->findings.insert(outcome.summary->findings.end(), results.findings.begin(), results.findings.end());
    return outcome;
}

Result<ProveOutcome> prove(const ProveOptions& options, const ProveContext& context, const PlannedFarm& planned,
                           const ProveSummary& begun) {
    TRY_ASSIGN(auto targets, select_proofs(planned.farm, planned.plan, options.run));
    TRY(check_rules(planned.plan));
    if (targets.empty()) context.observer.notice("there is nothing to prove: no token holds a key of this selection");
    TRY_ASSIGN(auto directory, open_directory(options.run, begun.output_directory));
    TRY_ASSIGN(const auto lock, lock_directory(options.run, context.observer, directory));
    const auto facts = make_facts(planned, {options.run, directory, context.observer, begun.time});
    const ProofRun* running = nullptr;
    token::Watchdog watchdog(options.run.timeout, [&](const token::CallTimeout& timeout) {
        if (context.hung && running != nullptr) context.hung(close(begun, *running, call_timed_out(timeout)));
    });
    token::PinCache pins;
    ProofRun run(facts, {std::move(targets), options.interim, watchdog, pins});
    running = &run;
    auto status = run.run();
    return close(begun, run, status ? std::nullopt : std::optional(std::move(status).error()));
}

}  // namespace
}  // namespace hsmreq::workflow

namespace hsmreq {

ProveOutcome prove_keys(const ProveOptions& options, const ProveContext& context) {
    const auto planned = workflow::plan_farm(options.run.farm_file, options.run.plan);
    if (!planned) return {.summary = std::nullopt, .error = planned.error()};
    const auto begun = workflow::begin(options, *planned);
    auto outcome = workflow::prove(options, context, *planned, begun);
    if (outcome) return std::move(outcome).value();
    return {.summary = begun, .error = std::move(outcome).error()};
}

}  // namespace hsmreq
