// A worker's way to a key that the policy accepts: found or made, read back, judged, probed.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/digest.hpp"
#include "base/try.hpp"
#include "workflow/key_findings.hpp"
#include "workflow/key_policy.hpp"
#include "workflow/worker_task.hpp"

namespace hsmreq::workflow {
namespace {

/// A pair of this run that the policy refuses does not stay in the token.
Status discard_refused(token::Session& session, const token::KeyPair& key, Error refusal) {
    if (!key.generated) return refusal;
    auto gone = token::destroy(session, key.private_key);
    if (gone && key.public_object) gone = token::destroy(session, *key.public_object);
    if (!gone) refusal.hint = "the refused pair could not be removed: " + gone.error().what;
    return refusal;
}

}  // namespace

/// What --replace gives up: files of a key that is gone. They go before a new key is made, so that a run killed in
/// between is finished by the next one, which would otherwise find another key than the request's.
Status Worker::remove_outlived_files(Task& task) {
    const PublishedItem& published = task.located.published;
    if (!published.any() || !facts_.options.replace) return {};
    task.starts_over = true;
    TRY(facts_.directory.remove(task.located.files.csr));
    TRY(facts_.directory.remove(task.located.files.other_csr));
    TRY(facts_.directory.remove(task.located.files.envelope));
    return facts_.directory.remove(task.located.files.evidence);
}

/// A token that refuses to make a pair may have made it all the same. A whole one is judged like any that was there;
/// half of one is left to the next run.
Status Worker::take_left_pair(Task& task, Error refusal) {
    if (token::classify(refusal) != token::FaultClass::item) return refusal;
    TRY_ASSIGN(const auto left, token::find_by_id(*task.session, task.located.wanted.id));
    if (left.empty()) return refusal;
    if (left.private_keys.size() != 1 || left.public_keys.size() != 1) {
        refusal.hint = "the token left a part of the pair behind: run again, with --repair if that run asks for it";
        return refusal;
    }
    task.key().private_key = left.private_keys.front();
    task.key().public_object = left.public_keys.front();
    return {};
}

/// The pair that was made, or the one that the token made in spite of its answer; read back, else it does not stay.
Status Worker::make_key(Task& task) {
    TRY(remove_outlived_files(task));
    state_.step(task.index, "making the key");
    auto made = token::generate_key_pair(*task.session, task.located.wanted);
    task.located.key = made ? std::move(made).value() : token::KeyPair{};
    if (!made) TRY(take_left_pair(task, std::move(made).error()));
    auto read = token::read_key_pair(*task.session, task.located.wanted, task.key());
    if (!read && read.error().code == ExitCode::verification)
        return discard_refused(*task.session, task.key(), std::move(read).error());
    return read;
}

Status Worker::obtain_key(Task& task) {
    if (!task.located.key) TRY(make_key(task));
    task.result.generated = task.key().generated;
    task.result.key_uri = token::key_uri(task.use->token->info(), task.key().id, task.key().label);
    TRY(judge_public_key(task));
    TRY_ASSIGN(task.public_key_der, x509::encode_public_key(task.key().public_key));
    task.result.public_key_sha256 = sha256_hex(task.public_key_der);
    if (const EvidenceKey* key = pool_.evidence_key())
        TRY(check_no_item_key(*key, task.request.name, task.public_key_der));
    return {};
}

/// What the public key gives away; before anything is signed with the key, or its encoding refused for less.
Status Worker::judge_public_key(Task& task) {
    TRY_ASSIGN(auto findings,
               key_findings(task.key().public_key,
                            {.where = task.where(), .ca = facts_.farm.ca, .weak_keys = facts_.weak_keys}));
    const auto refusing =
        std::ranges::find_if(findings, [](const Finding& finding) { return finding.severity == Severity::error; });
    if (refusing != findings.end())
        return discard_refused(*task.session, task.key(),
                               {.code = ExitCode::rules,
                                .what = refusing->message,
                                .where = refusing->where,
                                .hint = refusing->fix,
                                .finding = refusing->id});
    std::ranges::move(findings, std::back_inserter(task.result.findings));
    return {};
}

Status Worker::judge(Task& task) {
    const auto& evidence = task.located.published.evidence;
    const bool vouched = evidence && evidence->public_key_sha256 == task.result.public_key_sha256;
    auto judgement = judge_key(task.key(), task.request.key, task.where(), vouched);
    if (judgement.refusal) return discard_refused(*task.session, task.key(), std::move(*judgement.refusal));
    auto& findings = task.result.findings;
    findings.insert(findings.end(), judgement.findings.begin(), judgement.findings.end());
    return {};
}

/// Once per token and run; whoever comes first asks, the others wait for the answer.
Status Worker::probe(Task& task) {
    if (facts_.options.dry_run) return {};
    const std::scoped_lock lock(task.use->mutex);
    if (!task.use->probe) {
        if (task.request.key.private_key != PrivateKeyPolicy::non_exportable) return {};
        TRY_ASSIGN(task.use->probe, token::probe_wrap(*task.session, task.key().private_key));
    }
    auto judgement = judge_probe(*task.use->probe, task.use->token->info().display());
    if (judgement.refusal) return discard_refused(*task.session, task.key(), std::move(*judgement.refusal));
    if (task.request.key.private_key != PrivateKeyPolicy::non_exportable) return {};
    auto& findings = task.result.findings;
    findings.insert(findings.end(), judgement.findings.begin(), judgement.findings.end());
    return {};
}

}  // namespace hsmreq::workflow
