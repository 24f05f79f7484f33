#include "workflow/worker.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/rules.hpp"
#include "token/quirks.hpp"
#include "workflow/evidence_record.hpp"
#include "workflow/worker_task.hpp"

namespace hsmreq::workflow {

std::string Worker::Task::where() const {
    return fmt::format("{}, {}", located.files.csr, use->token->info().display());
}

std::optional<Error> refuse_renewal(const RequestOptions& options, const RequestPlan& request) {
    if (options.renewal == Renewal::none || request.key.uri.empty()) return std::nullopt;
    Error error =
        plan::make_error("key.existing", ExitCode::rules, "request.key.uri", {plan::quoted(request.name), "renewed"});
    error.hint =
        "make the new key with its own tool, put its URI into the farm file and run `hsmreq request --replace`; "
        "--only picks the other requests";
    return error;
}

Worker::Worker(const RunFacts& facts, const TokenPool& pool, RunState& state, Publisher& publisher)
    : facts_(facts), pool_(pool), state_(state), publisher_(publisher) {}

Result<token::Session*> Worker::session(TokenUse& use) {
    auto found = sessions_.find(&use);
    if (found == sessions_.end()) {
        TRY_ASSIGN(auto session, use.token->open_session());
        found = sessions_.emplace(&use, std::move(session)).first;
    }
    return found->second.get();
}

void Worker::settle_failure(Task& task, Error error) {
    if (error.where.empty()) error.where = "member " + task.item.token_member;
    task.result.state = ItemState::failed;
    task.result.csr_file.clear();
    task.result.evidence_file.clear();
    task.result.envelope_file.clear();
    task.result.error = std::move(error);
    state_.settle(task.index, std::move(task.result));
}

void Worker::work(std::size_t index, const PlanItem& item) {
    Task task{.index = index, .item = item, .request = facts_.plan.requests[item.request]};
    task.result.request = task.request.name;
    task.result.member = item.member;
    task.result.token_member = item.token_member;
    if (auto refusal = refuse_renewal(facts_.options, task.request)) return settle_failure(task, std::move(*refusal));
    if (auto gone = evidence_key_gone()) return settle_failure(task, std::move(*gone));
    const auto use = pool_.use(item.token_member);
    if (!use) return settle_failure(task, use.error());
    task.use = *use;
    std::unique_lock turn(task.use->turn, std::defer_lock);
    const auto* quirks = token::find_quirk_profile(task.use->token->module(), task.use->token->info());
    if (quirks != nullptr && quirks->one_session_at_a_time) {
        turn.lock();
        if (state_.stopping()) return;  // --fail-fast or an interruption met the item before
    }
    {
        const std::scoped_lock lock(task.use->mutex);
        if (task.use->gone) return settle_failure(task, *task.use->gone);
    }
    auto status = attempt(task);
    if (!status && token::classify(status.error()) == token::FaultClass::session && task.session != nullptr) {
        // The handles went with the session: reopen it and find everything again, once.
        if (const auto reopened = task.session->reopen(); reopened) status = attempt(task);
    }
    if (status) return;
    if (token::classify(status.error()) == token::FaultClass::token && !evidence_key_gone()) {
        const std::scoped_lock lock(task.use->mutex);
        task.use->gone = status.error();
    }
    settle_failure(task, std::move(status).error());
}

Status Worker::attempt(Task& task) {
    TRY_ASSIGN(task.session, session(*task.use));
    {
        const std::scoped_lock lock(task.use->mutex);
        TRY(token::check_mechanisms(*task.use->token, task.request.key.algorithm, task.request.key.hash));
        TRY_ASSIGN(task.mechanism, token::choose_signature_mechanism(*task.use->token, task.request.key.algorithm,
                                                                     task.request.key.hash));
    }
    TRY_ASSIGN(const auto lock, lock_token(*task.use, facts_.options, facts_.observer));
    return attempt_locked(task);
}

Status Worker::attempt_locked(Task& task) {
    task.result.findings.clear();
    const KeySearch search{
        .session = *task.session,
        .directory = facts_.directory,
        .request = task.request,
        .mechanism = task.mechanism,
        .dry_run = facts_.options.dry_run,
        .repair = facts_.options.repair,
        .replace = facts_.options.replace,
        .renewal = facts_.options.renewal,
    };
    const KeyIdentity identity{facts_.plan.farm, task.request.name, task.item.member, 1};
    TRY_ASSIGN(task.located,
               task.request.key.uri.empty() ? locate_key(search, identity) : locate_existing_key(search, identity));
    task.result.generation = task.located.identity.generation;
    if (!task.located.key && facts_.options.dry_run) return plan_only(task);
    TRY(obtain_key(task));
    TRY(judge(task));
    TRY(probe(task));
    return publish(task);
}

/// What publishing would do; nothing when the published request is the planned one and all its evidence is there.
Result<std::optional<ItemState>> Worker::compare(const Task& task) const {
    if (task.starts_over) return std::optional(ItemState::replaced);
    const PublishedItem& published = task.located.published;
    if (!published.csr_exists && !published.other_csr_exists)
        return std::optional(task.key().generated ? ItemState::created : ItemState::recreated);
    if (published.csr && published.csr->public_key_der != task.public_key_der)
        return plan::make_error("key.changed", ExitCode::verification, task.where(), {task.located.files.csr});
    if (facts_.options.renewal == Renewal::same_key) return std::optional(ItemState::replaced);
    std::vector<std::string> differing;
    if (!published.csr) differing.push_back(published.csr_problem);
    if (published.csr && !published.csr->signature_valid) differing.emplace_back("its signature does not verify");
    if (published.csr)
        for (auto& difference : x509::differences(*published.csr, task.request))
            differing.push_back(std::move(difference));
    if (published.other_csr_exists) differing.push_back(task.located.files.other_csr + " is in the other file format");
    if (differing.empty()) return std::optional<ItemState>{};
    if (facts_.options.replace) return std::optional(ItemState::replaced);
    return Error{.code = ExitCode::output,
                 .what = "the published request differs from the plan: " + join(differing, "; "),
                 .where = task.where(),
                 .hint = "--replace writes a new request for the same key; the key stays"};
}

PublishJob Worker::make_job(Task& task, ItemState state) const {
    const bool signs = state != ItemState::unchanged;
    const auto probed = task.request.key.private_key == PrivateKeyPolicy::non_exportable && task.use->probe;
    PublishJob job;
    job.index = task.index;
    job.request = &task.request;
    job.files = task.located.files;
    job.record =
        make_record(facts_, {.item = task.item,
                             .request = task.request,
                             .identity = task.located.identity,
                             .token = *task.use->token,
                             .key = task.key(),
                             .probe = probed ? &*task.use->probe : nullptr,
                             .quirks = token::find_quirk_profile(task.use->token->module(), task.use->token->info()),
                             .signature_mechanism = signs ? task.mechanism.name() : "",
                             .hash_in_software = task.mechanism.hash_in_software,
                             .findings = task.result.findings});
    job.public_key_der = task.public_key_der;
    job.replace = state == ItemState::replaced;
    job.remove_other = job.replace && task.located.published.other_csr_exists;
    name_files(task, state);
    job.result = task.result;
    return job;
}

void Worker::name_files(Task& task, ItemState state) const {
    task.result.state = state;
    task.result.csr_file = task.located.files.csr;
    task.result.evidence_file = task.located.files.evidence;
    if (pool_.evidence_key() != nullptr) task.result.envelope_file = task.located.files.envelope;
}

std::optional<Error> Worker::evidence_key_gone() const {
    const EvidenceKey* key = pool_.evidence_key();
    if (key == nullptr) return std::nullopt;
    const std::scoped_lock lock(key->use().mutex);
    return key->use().gone;
}

/// Signs the evidence here and now, with this thread's session: the publisher has none, and could not be waited for
/// if a token kept it.
Result<std::vector<StagedFile>> Worker::sign_files(const Task& task, PublishJob& job) {
    EvidenceKey& key = *pool_.evidence_key();
    std::unique_lock turn(key.use().turn, std::defer_lock);
    const auto* quirks = token::find_quirk_profile(key.use().token->module(), key.use().token->info());
    // The item's own token is locked already; whoever holds the evidence key's token waits for no other.
    if (&key.use() != task.use && quirks != nullptr && quirks->one_session_at_a_time) turn.lock();
    TRY_ASSIGN(auto* const own, session(key.use()));
    auto files = make_files(job, {&key, own}, facts_.directory);
    if (!files && token::classify(files.error()) == token::FaultClass::token) {
        const std::scoped_lock lock(key.use().mutex);
        key.use().gone = files.error();
    }
    return files;
}

Status Worker::hand_over(Task& task, PublishJob job) {
    if (pool_.evidence_key() != nullptr) {
        TRY_ASSIGN(job.made, sign_files(task, job));
    }
    publisher_.submit(std::move(job));
    return {};
}

Status Worker::publish(Task& task) {
    TRY_ASSIGN(const auto change, compare(task));
    const PublishedItem& published = task.located.published;
    const bool evidence_stands = published.evidence &&
                                 published.evidence->public_key_sha256 == task.result.public_key_sha256 &&
                                 published.evidence->csr_file_sha256 == sha256_hex(published.csr_content);
    const bool vouched_for =
        evidence_stands && envelope_stands(pool_.evidence_key(),
                                           {task.located.files.evidence, published.evidence_content}, facts_.directory);
    if (!change && (vouched_for || facts_.options.dry_run)) {
        name_files(task, ItemState::unchanged);
        state_.settle(task.index, std::move(task.result));
        return {};
    }
    if (facts_.options.dry_run) return plan_only(task);
    if (!change) {
        auto job = make_job(task, ItemState::unchanged);
        job.existing_csr = published.csr_content;
        job.existing_der = published.csr->der;
        if (evidence_stands) job.existing_evidence = published.evidence_content;
        return hand_over(task, std::move(job));
    }
    TRY_ASSIGN(auto info, x509::encode_request_info(task.request, task.public_key_der));
    TRY_ASSIGN(auto signature, token::sign(*task.session, task.key(), task.mechanism, info));
    auto job = make_job(task, *change);
    job.request_info = std::move(info);
    job.signature = {task.mechanism.family, task.mechanism.hash, std::move(signature)};
    return hand_over(task, std::move(job));
}

Status Worker::plan_only(Task& task) {
    name_files(task, ItemState::planned);
    state_.settle(task.index, std::move(task.result));
    return {};
}

}  // namespace hsmreq::workflow
