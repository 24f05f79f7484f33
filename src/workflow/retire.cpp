#include "hsmreq/retire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/clock.hpp"
#include "base/hex.hpp"
#include "base/host.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "evidence/retirement.hpp"
#include "workflow/key_uses.hpp"
#include "workflow/plan.hpp"
#include "workflow/retire_item.hpp"
#include "workflow/retire_target.hpp"
#include "workflow/run_parts.hpp"
#include "workflow/token_pool.hpp"

namespace hsmreq::workflow {
namespace {

RetireSummary begin(const RetireOptions& options, const PlannedFarm& planned) {
    auto summary = begin_summary<RetireSummary>(options.run, planned);
    summary.request = options.request;
    summary.compromised = options.compromised;
    return summary;
}

RetiredGeneration describe(const RetireTarget& target, RetireState state) {
    return {.generation = target.identity.generation,
            .state = state,
            .key_id = to_hex(target.wanted.id),
            .public_key_sha256 = target.key.sha256,
            .private_keys = static_cast<unsigned>(target.key.private_keys.size()),
            .public_keys = static_cast<unsigned>(target.key.public_keys.size()),
            .certificates = static_cast<unsigned>(target.certificates.size()),
            .marker_left = target.marker,
            .record_file = target.record_name};
}

/// What a CA has to be told, and in which order: after the destruction nothing can be signed with the key any more.
std::vector<std::string> revocation_steps(const std::vector<CertificateUse>& certificates) {
    std::vector<std::string> steps{
        "Take the key out of service: `hsmreq renew`, have the new request certified, install and deploy it."};
    for (const auto& use : certificates) {
        if (!use.unexpired) continue;
        auto step = fmt::format("Have the certificate with serial {} by {} revoked, with the reason keyCompromise.",
                                use.serial, use.issuer);
        // The same one may lie in the token and in a file.
        if (std::ranges::find(steps, step) == steps.end()) steps.push_back(std::move(step));
    }
    steps.emplace_back(
        "A CA may ask for a proof made with the key, a request or message signed with it: make that before the key "
        "is destroyed.");
    steps.emplace_back("Look whether the revocation shows in the CA's CRL or OCSP answers, then destroy the key.");
    return steps;
}

Error not_confirmed() {
    return {.code = ExitCode::interrupted, .what = "not confirmed: nothing was destroyed"};
}

Error interrupted() {
    return {.code = ExitCode::interrupted, .what = "interrupted: nothing was destroyed", .hint = "run again"};
}

Error still_there(const RetireTarget& target) {
    return {.code = ExitCode::verification,
            .what = fmt::format("the token answered that it destroyed the key, and still lists it (CKA_ID {})",
                                to_hex(target.wanted.id)),
            .hint = "take the token out of service and ask its vendor; the record stays at \"begun\""};
}

class RetireRun {
public:
    RetireRun(const RetireOptions& options, const RetireContext& context, const PlannedFarm& planned)
        : options_(options), context_(context), planned_(planned), summary_(begin(options, planned)) {}

    RetireOutcome run() {
        auto status = prepare();
        return {.summary = summary_, .error = status ? std::nullopt : std::optional(std::move(status).error())};
    }

private:
    Status prepare() {
        TRY_ASSIGN(const RetireItem item, choose_retire_item(planned_.farm, planned_.plan, options_));
        // They help also where the run goes no further, as with a current key that has no successor yet.
        if (options_.compromised) summary_.revocation = revocation_steps({});
        summary_.member = item.identity.member;
        summary_.token_member = item.token_member;
        TRY(check_rules(planned_.plan));
        TRY_ASSIGN(auto directory, open_directory(options_.run, summary_.output_directory));
        TRY_ASSIGN(const auto lock, lock_directory(options_.run, context_.observer, directory));
        token::Watchdog watchdog(options_.run.timeout, [this](const token::CallTimeout& timeout) {
            if (context_.hung) context_.hung({.summary = summary_, .error = call_timed_out(timeout)});
        });
        TokenPool pool(planned_.farm, options_.run, watchdog);
        TRY(pool.open({item.token_member}, context_.observer));
        for (const auto& finding : pool.findings()) summary_.findings.push_back(finding);
        TRY_ASSIGN(TokenUse * use, pool.use(item.token_member));
        if (use->gone) return *use->gone;
        return with_token(*use, item, directory);
    }

    Status with_token(TokenUse& use, const RetireItem& item, OutputDirectory& directory) {
        TRY_ASSIGN(const auto session, use.token->open_session());
        TRY_ASSIGN(const auto lock, lock_token(use, options_.run, context_.observer));
        const RetireSearch search{*session, directory, item.request, options_, item.copy};
        TRY_ASSIGN(const auto generations, read_generations(search, item.identity));
        TRY_ASSIGN(auto targets, choose_targets(search, item.identity, generations));
        TRY(show_uses(search, targets, generations));
        if (nothing_to_do(targets)) return {};
        if (options_.run.dry_run) return {};
        TRY(confirm());
        if (context_.observer.interrupted()) return interrupted();
        return work(search, targets);
    }

    Status show_uses(const RetireSearch& search, const std::vector<RetireTarget>& targets,
                     const std::vector<Generation>& generations) {
        const auto state = options_.run.dry_run ? RetireState::planned : RetireState::failed;
        for (const auto& target : targets)
            summary_.items.push_back(
                describe(target, target.empty() && target.begun.empty() ? RetireState::unchanged : state));
        TRY_ASSIGN(auto uses, find_uses(search, targets, generations));
        summary_.certificates = std::move(uses.certificates);
        summary_.listeners = std::move(uses.listeners);
        summary_.findings.insert(summary_.findings.end(), uses.findings.begin(), uses.findings.end());
        if (options_.compromised) summary_.revocation = revocation_steps(summary_.certificates);
        return {};
    }

    static bool nothing_to_do(const std::vector<RetireTarget>& targets) {
        return std::ranges::all_of(targets, [](const auto& t) { return t.empty() && t.begun.empty(); });
    }

    Status confirm() {
        if (options_.confirmed) return {};
        TRY_ASSIGN(const bool agreed, context_.confirm(summary_));
        if (!agreed) return not_confirmed();
        return {};
    }

    /// Records first, so that a run that is cut off is known to have begun; private keys before anything else.
    Status work(const RetireSearch& search, std::vector<RetireTarget>& targets) {
        for (std::size_t i = 0; i < targets.size(); ++i) TRY(begin_record(search, targets[i], summary_.items[i]));
        for (const auto& target : targets) TRY(destroy_private(search.session, target));
        for (const auto& target : targets)
            for (const auto& objects : {target.key.public_keys, target.unreadable})
                for (const auto object : objects) TRY(token::destroy(search.session, object));
        // The highest last: as long as its record is open, the next run looks at all of them.
        for (std::size_t i = targets.size(); i-- > 0;) {
            TRY(check_gone(search.session, targets[i]));
            TRY(complete_record(search, targets[i]));
            if (summary_.items[i].state != RetireState::unchanged) summary_.items[i].state = RetireState::retired;
        }
        return {};
    }

    Status begin_record(const RetireSearch& search, RetireTarget& target, const RetiredGeneration& item) const {
        if (!target.begun.empty() || target.recorded) return {};
        const auto& module = search.session.token().module();
        const auto& token = search.session.token().info();
        evidence::Retirement record{.tool_version = HSMREQ_VERSION,
                                    .time = summary_.time,
                                    .operator_name = operator_name(),
                                    .host = host_name(),
                                    .reason = options_.run.reason,
                                    .compromised = options_.compromised,
                                    .all = options_.all,
                                    .farm = summary_.farm,
                                    .farm_file = summary_.farm_file,
                                    .farm_file_sha256 = summary_.farm_file_sha256,
                                    .request = summary_.request,
                                    .member = summary_.member,
                                    .token_member = summary_.token_member,
                                    .module_path = module.path,
                                    .module_sha256 = module.sha256,
                                    .token_label = token.label,
                                    .token_manufacturer = token.manufacturer,
                                    .token_model = token.model,
                                    .token_serial = token.serial,
                                    .item = item,
                                    .certificates = {},
                                    .listeners = summary_.listeners};
        std::ranges::copy_if(summary_.certificates, std::back_inserter(record.certificates),
                             [&](const CertificateUse& use) { return use.generation == item.generation; });
        target.begun = evidence::begun_retirement(record);
        return publish(search.directory, {{target.record_name, target.begun, 0644, false}});
    }

    static Status destroy_private(token::Session& session, const RetireTarget& target) {
        if (target.makes_marker) TRY(token::create_public_object(session, target.wanted, target.key.public_key));
        for (const auto object : target.key.private_keys) TRY(token::destroy(session, object));
        for (const auto object : target.certificates) TRY(token::destroy(session, object));
        return {};
    }

    /// The token's word is not enough.
    static Status check_gone(token::Session& session, const RetireTarget& target) {
        TRY_ASSIGN(const auto left, token::find_by_id(session, target.wanted.id));
        const bool gone = left.private_keys.size() == target.private_keys_left &&
                          (!target.marker || (left.certificates.empty() && !left.public_keys.empty()));
        return gone ? Status{} : still_there(target);
    }

    static Status complete_record(const RetireSearch& search, const RetireTarget& target) {
        if (target.begun.empty()) return {};
        auto record = evidence::completed_retirement(target.begun, timestamp(), operator_name());
        if (!record) return Error{.code = ExitCode::internal, .what = "the record of destruction is not readable"};
        return publish(search.directory, {{target.record_name, std::move(*record), 0644, true}});
    }

    const RetireOptions& options_;
    const RetireContext& context_;
    const PlannedFarm& planned_;
    RetireSummary summary_;
};

}  // namespace
}  // namespace hsmreq::workflow

namespace hsmreq {

RetireOutcome retire_key(const RetireOptions& options, const RetireContext& context) {
    const auto planned = workflow::plan_farm(options.run.farm_file, options.run.plan);
    if (!planned) return {.summary = std::nullopt, .error = planned.error()};
    return workflow::RetireRun(options, context, *planned).run();
}

}  // namespace hsmreq
