#include "hsmreq/install.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/rules.hpp"
#include "token/pin_cache.hpp"
#include "workflow/install_judge.hpp"
#include "workflow/install_match.hpp"
#include "workflow/install_search.hpp"
#include "workflow/key_findings.hpp"
#include "workflow/plan.hpp"
#include "workflow/prove_items.hpp"
#include "workflow/run_parts.hpp"

namespace hsmreq::workflow {
namespace {

InstallSummary begin(const InstallOptions& options, const PlannedFarm& planned) {
    auto summary = begin_summary<InstallSummary>(options.run, planned);
    summary.store_chain = options.store_chain;
    return summary;
}

/// What is read before any token is opened.
struct Inputs {
    std::vector<KeyPlace> places;
    Bundle bundle;
    std::optional<x509::WeakKeyList> weak_keys;
    OutputDirectory directory;
};

std::vector<Finding> not_in_any_chain(const Bundle& bundle) {
    std::vector<Finding> findings;
    for (std::size_t i = 0; i < bundle.certificates.size(); ++i) {
        const auto holds = [&](const auto& chain) { return std::ranges::find(chain.order, i) != chain.order.end(); };
        const auto& [certificate, file, where] = bundle.certificates[i];
        if (std::ranges::none_of(bundle.chains, holds))
            findings.push_back(plan::make_finding("cert.not-in-chain", where, {printable(certificate.subject_text)}));
    }
    return findings;
}

/// Certificates that lead from the leaf to the root, both left out.
Status take_chain(const Bundle& bundle, MatchedItem& item) {
    const auto* chain = bundle.chain_of(item.task.certificate);
    if (chain == nullptr || chain->root.empty()) return {};
    item.result.root = chain->root;
    for (std::size_t i = 1; i + 1 < chain->path.size(); ++i) {
        TRY_ASSIGN(auto read, inspect_certificates(chain->path[i]));
        const auto given = std::ranges::find_if(bundle.certificates,
                                                [&](const auto& one) { return one.certificate.der == chain->path[i]; });
        item.result.chain.push_back(
            describe_given(read.front(), given == bundle.certificates.end() ? "" : given->file));
        item.task.intermediates.push_back(std::move(read.front()));
    }
    return {};
}

bool is_of(const ProofResult& proof, const InstallItemResult& item) {
    return proof.request == item.request && proof.member == item.member &&
           (proof.generation == item.generation || proof.generation == 0);
}

/// The certificate is where it belongs; what failed is the proof, in the code of its own failure.
Error proof_failed(const InstallItemResult& item, const ProofResult& proof, const std::string& farm_file) {
    Error error = *proof.error;
    error.what = fmt::format("the certificate is stored, and stays so, but the proof failed: {}", error.what);
    if (error.where.empty()) error.where = "member " + proof.token_member;
    error.hint += fmt::format("{}prove again with `hsmreq prove {} --only {}`", error.hint.empty() ? "" : "; ",
                              farm_file, item.request);
    return error;
}

/// The part of a run that has an output directory.
class Installation {
public:
    Installation(const InstallOptions& options, const InstallContext& context, const PlannedFarm& planned,
                 Inputs inputs)
        : options_(options),
          context_(context),
          inputs_(std::move(inputs)),
          summary_(begin(options, planned)),
          facts_(make_facts(planned, {options.run, inputs_.directory, context.observer, summary_.time,
                                      inputs_.weak_keys ? &*inputs_.weak_keys : nullptr})) {}

    InstallOutcome work() {
        token::Watchdog watchdog(options_.run.timeout,
                                 [this](const token::CallTimeout& timeout) { end_hung(timeout); });
        auto status = with_tokens(watchdog);
        if (status) status = prove(watchdog);
        if (!status && proof_)
            status.error().what = "the certificates are stored, and not proved: " + status.error().what;
        return close(status ? std::nullopt : std::optional(std::move(status).error()));
    }

private:
    Status with_tokens(token::Watchdog& watchdog) {
        TokenPool pool(facts_.farm, options_.run, watchdog, &pins_);
        TokenSessions sessions(pool, options_.run, context_.observer);
        const auto published = read_published_keys(facts_, inputs_.places, inputs_.bundle);
        KeySearchRun search(facts_, pool, sessions, inputs_.bundle);
        TRY(search.search(inputs_.places, published.items));
        auto matches =
            match_certificates({facts_.plan, inputs_.bundle, search.keys(), search.not_reached(), published.elsewhere});
        for (const auto& notice : matches.notices) context_.observer.notice(notice);
        if (matches.items.empty())
            context_.observer.notice("there is nothing to do: no certificate is for a selected item");
        items_ = std::move(matches.items);
        for (auto& item : items_) TRY(judge(search, item));
        const bool stores =
            std::ranges::any_of(items_, [](const auto& item) { return !item.result.error.has_value(); });
        const auto evidence_key = stores ? pool.open_evidence_key(facts_.plan, context_.observer) : Status{};
        begin_items(pool);
        TRY(evidence_key);
        const auto refused =
            std::ranges::find_if(items_, [](const auto& item) { return item.result.error.has_value(); });
        if (refused != items_.end() && options_.run.fail_fast) return *refused->result.error;
        store_items({sessions, facts_, options_, inputs_.bundle});
        return context_.observer.interrupted() && unsettled() ? Status(interrupted_run()) : Status{};
    }

    Status judge(const KeySearchRun& search, MatchedItem& item) {
        if (item.result.error) return {};
        const FarmKey& key = item.task.keys.front();
        const RequestPlan& request = facts_.plan.requests[facts_.plan.items[key.item].request];
        const Yardstick yardstick{.product = facts_.farm.product,
                                  .ca = facts_.farm.ca,
                                  .date = facts_.plan.date,
                                  .now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
                                  .warn_days = std::nullopt,
                                  .weak_keys = facts_.weak_keys};
        TRY_ASSIGN(auto judgement, judge_leaf({inputs_.bundle, item.task.certificate, request, key.current}, yardstick,
                                              facts_.farm.rules));
        item.result.findings = std::move(judgement.findings);
        for (auto& finding : search.copies_not_reached(key.item)) item.result.findings.push_back(std::move(finding));
        item.result.error = std::move(judgement.refusal);
        return take_chain(inputs_.bundle, item);
    }

    /// From here on the summary lists all items, however the run ends.
    void begin_items(const TokenPool& pool) {
        auto findings = pool.findings();
        std::ranges::move(not_in_any_chain(inputs_.bundle), std::back_inserter(findings));
        plan::apply_waivers(facts_.farm.rules, facts_.plan.date, findings);
        const std::scoped_lock lock(mutex_);
        std::ranges::move(findings, std::back_inserter(summary_.findings));
        for (const auto& item : items_) {
            summary_.items.push_back(item.result);
            settled_.push_back(item.result.error.has_value());
            failed_ = failed_ || item.result.error.has_value();
        }
    }

    void store_items(const InstallScene& scene) {
        for (std::size_t i = 0; i < items_.size(); ++i) {
            if (settled_[i]) continue;
            if (context_.observer.interrupted() || (failed_ && options_.run.fail_fast)) return;
            InstallItemResult result = items_[i].result;
            context_.observer.progress({i, items_.size(), item_name(result), "installing"});
            if (auto status = install_item(scene, items_[i].task, result); !status) {
                result.state = ItemState::failed;
                result.error = std::move(status).error();
                failed_ = true;
            }
            const std::scoped_lock lock(mutex_);
            summary_.items[i] = std::move(result);
            settled_[i] = true;
        }
    }

    /// A phase of its own: the module is in libp11's hands now.
    Status prove(token::Watchdog& watchdog) {
        if (options_.run.dry_run) return {};
        std::vector<ProofTarget> targets;
        for (std::size_t i = 0; i < items_.size(); ++i) {
            if (!settled_[i] || summary_.items[i].error) continue;
            for (const auto& key : items_[i].task.keys)
                targets.push_back({key.item, key.member, key.identity.generation});
        }
        if (targets.empty()) return {};
        {
            const std::scoped_lock lock(mutex_);
            proof_ = std::make_unique<ProofRun>(
                facts_, ProofSettings{.targets = std::move(targets), .watchdog = watchdog, .pins = pins_});
        }
        return proof_->run();
    }

    [[nodiscard]] bool unsettled() const { return std::ranges::find(settled_, false) != settled_.end(); }

    void add_proofs(InstallOutcome& outcome) const {
        if (!proof_) return;
        auto results = proof_->results(outcome.error);
        auto& summary = *outcome.summary;
        std::ranges::move(results.findings, std::back_inserter(summary.findings));
        for (auto& proof : results.items)
            for (auto& item : summary.items) {
                if (item.error && item.proofs.empty()) continue;
                if (!is_of(proof, item)) continue;
                if (proof.error && !item.error) item.error = proof_failed(item, proof, summary.farm_file);
                item.proofs.push_back(proof);
            }
    }

    InstallOutcome close(std::optional<Error> error) {
        const std::scoped_lock lock(mutex_);
        InstallOutcome outcome{.summary = summary_, .error = std::move(error)};
        fail_unsettled(settled_, outcome);
        add_proofs(outcome);
        return outcome;
    }

    /// On the watchdog's thread.
    void end_hung(const token::CallTimeout& timeout) {
        const InstallOutcome outcome = close(call_timed_out(timeout));
        if (context_.hung) context_.hung(outcome);
    }

    const InstallOptions& options_;
    const InstallContext& context_;
    Inputs inputs_;
    token::PinCache pins_;
    std::mutex mutex_;
    InstallSummary summary_;
    std::vector<bool> settled_;
    bool failed_ = false;
    RunFacts facts_;
    std::vector<MatchedItem> items_;
    std::unique_ptr<ProofRun> proof_;
};

Result<InstallOutcome> run(const InstallOptions& options, const InstallContext& context, const PlannedFarm& planned,
                           const std::string& path) {
    TRY_ASSIGN(auto places, select_places(planned.farm, planned.plan, options.run));
    TRY(check_rules(planned.plan));
    TRY_ASSIGN(const auto roots, issuing_roots(&planned.farm));
    TRY_ASSIGN(auto bundle, read_bundle(options.files, roots));
    auto weak_keys = load_weak_key_list(planned.farm.rules.weak_key_list);
    if (!weak_keys) return std::move(weak_keys).error();
    TRY_ASSIGN(auto directory, open_directory(options.run, path));
    TRY_ASSIGN(const auto lock, lock_directory(options.run, context.observer, directory));
    return Installation(options, context, planned,
                        {std::move(places), std::move(bundle), std::move(*weak_keys), std::move(directory)})
        .work();
}

}  // namespace
}  // namespace hsmreq::workflow

namespace hsmreq {

InstallOutcome install_certificates(const InstallOptions& options, const InstallContext& context) {
    const auto planned = workflow::plan_farm(options.run.farm_file, options.run.plan);
    if (!planned) return {.summary = std::nullopt, .error = planned.error()};
    auto worked =
        workflow::run(options, context, *planned, workflow::begin_run(options.run, *planned).output_directory);
    if (worked) return std::move(worked).value();
    return {.summary = workflow::begin(options, *planned), .error = std::move(worked).error()};
}

}  // namespace hsmreq
