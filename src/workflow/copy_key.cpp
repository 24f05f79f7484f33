#include "workflow/copy_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/digest.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/rules.hpp"
#include "token/signing.hpp"
#include "token/uri.hpp"
#include "workflow/key_policy.hpp"
#include "x509/certification_request.hpp"

namespace hsmreq::workflow {
namespace {

std::string place(const CopyTask& task) {
    return fmt::format("{}, CKA_ID {}", task.session.token().info().display(), to_hex(task.wanted.id));
}

bool is_copy(const token::KeyPair& key) {
    return !key.local && std::ranges::any_of(key.attributes, [](const token::AttributeClaim& claim) {
        return claim.attribute == "CKA_EXTRACTABLE" && claim.read == "false";
    });
}

Error another_key(const CopyTask& task) {
    return {.code = ExitCode::verification,
            .what = "the token holds another key under the CKA_ID of the shared key",
            .where = place(task),
            .hint = "find out which is right before anything else; nothing was changed",
            .finding = "key.changed"};
}

/// By private key first: without it, what is left is what the next run knows to remove.
Status remove_all(const CopyTask& task) {
    TRY_ASSIGN(const auto found, token::find_by_id(task.session, task.wanted.id));
    for (const auto& objects : {found.private_keys, found.unreadable, found.public_keys})
        for (const auto object : objects) TRY(token::destroy(task.session, object));
    return {};
}

Error undo(const CopyTask& task, Error error) {
    auto removed = remove_all(task);
    if (!removed && token::classify(removed.error()) == token::FaultClass::session) {
        // The handles went with the session; what is to be removed is found again by its ID.
        if (task.session.reopen()) removed = remove_all(task);
    }
    if (!removed)
        error.hint = fmt::format("what there was of the copy could not be removed ({}); the next run removes it",
                                 removed.error().what);
    return error;
}

/// The signature that shows that the private key belongs to the source's public key.
Status verify(const CopyTask& task, Copy& copy) {
    TRY_ASSIGN(const auto mechanism, token::choose_signature_mechanism(task.session.token(), task.request.key.algorithm,
                                                                       task.request.key.hash));
    const std::string text = "hsmreq proof of possession " + task.source.public_key_sha256;
    const BytesView message = as_bytes(text);
    TRY_ASSIGN(auto value, token::sign(task.session, copy.key, mechanism, message));
    TRY_ASSIGN(const bool holds, x509::verify_signature(task.source.public_key_der, message,
                                                        {mechanism.family, mechanism.hash, std::move(value)}));
    if (!holds)
        return Error{.code = ExitCode::verification,
                     .what = "a signature made with the copy does not verify under the public key of its source",
                     .where = place(task),
                     .hint = "the copy is not the key that was sent, or the token does not sign properly"};
    copy.signature_mechanism = mechanism.name();
    copy.hash_in_software = mechanism.hash_in_software;
    return {};
}

Status read_and_judge(const CopyTask& task, Copy& copy) {
    auto read = token::read_key_pair(task.session, task.wanted, copy.key);
    if (!read) return read;
    if (!(copy.key.public_key == task.source.public_key)) return another_key(task);
    auto judgement = judge_copy(copy.key, task.request.key, place(task));
    if (judgement.refusal) return std::move(*judgement.refusal);
    copy.findings = std::move(judgement.findings);
    return {};
}

/// Tokens have been seen to ignore EXTRACTABLE when they unwrap.
Status probe(const CopyTask& task, Copy& copy) {
    TRY_ASSIGN(copy.probe, token::probe_wrap(task.session, copy.key.private_key));
    auto judgement = judge_probe(*copy.probe, place(task));
    if (judgement.refusal) return std::move(*judgement.refusal);
    copy.findings.insert(copy.findings.end(), judgement.findings.begin(), judgement.findings.end());
    return {};
}

Status arrive_and_check(const CopyTask& task, const std::function<Result<token::UnwrappedKey>()>& arrive, Copy& copy) {
    TRY_ASSIGN(copy.key.public_object, token::create_public_object(task.session, task.wanted, task.source.public_key));
    TRY_ASSIGN(const auto arrived, arrive());
    copy.key.private_key = arrived.private_key;
    copy.key.rung = arrived.rung;
    copy.key.generated = true;  // in this run and by this template: what was left out is on record
    TRY(read_and_judge(task, copy));
    TRY(probe(task, copy));
    return verify(task, copy);
}

Error several(const CopyTask& task, const token::FoundObjects& found) {
    const auto counts =
        fmt::format("{} private and {} public ones", found.private_keys.size(), found.public_keys.size());
    return plan::with_hint(plan::make_error("key.ambiguous", ExitCode::not_found, place(task), {counts}),
                           "remove what is not this farm's with the token's own tool, then run again");
}

/// Half of something that was there before: a public object without its private key goes.
Result<std::optional<Copy>> settle_half(const CopyTask& task, const token::FoundObjects& found) {
    if (!found.certificates.empty())
        return plan::with_hint(plan::make_error("key.incomplete", ExitCode::not_found, place(task),
                                                {"there is a certificate and no private key"}),
                               "remove the certificate with the token's own tool, then run again");
    if (!task.dry_run)
        for (const auto object : found.public_keys) TRY(token::destroy(task.session, object));
    return std::optional<Copy>{};
}

Status settle_unreadable(const CopyTask& task, const token::FoundObjects& found) {
    if (found.unreadable.empty()) return {};
    if (!task.repair || task.dry_run)
        return plan::with_hint(plan::make_error("key.incomplete", ExitCode::not_found, place(task),
                                                {"the token lists an object that it can't read"}),
                               "--repair removes it");
    for (const auto object : found.unreadable) TRY(token::destroy(task.session, object));
    return {};
}

/// The private key has lost its public object, or the token keeps none: the source's key says what it should be.
Status restore_public_object(const CopyTask& task, Copy& copy) {
    if (copy.key.public_object || task.dry_run) return {};
    TRY_ASSIGN(const auto object, token::create_public_object(task.session, task.wanted, task.source.public_key));
    copy.key.public_object = object;
    auto holds = verify(task, copy);
    if (!holds && holds.error().code == ExitCode::verification) {
        TRY(token::destroy(task.session, object));
        return another_key(task);
    }
    return holds;
}

}  // namespace

token::KeyTemplate copy_template(const RequestPlan& request, const KeyIdentity& identity) {
    auto wanted = key_template(request, identity);
    wanted.extractable = false;
    wanted.wrap_with_trusted = false;  // nothing wraps a key that is not extractable
    return wanted;
}

Result<SourceKey> find_source(const RunFacts& facts, const PlanItem& item, token::Session& session) {
    const RequestPlan& request = facts.plan.requests[item.request];
    TRY_ASSIGN(const auto mechanism,
               token::choose_signature_mechanism(session.token(), request.key.algorithm, request.key.hash));
    const KeySearch search{
        .session = session, .directory = facts.directory, .request = request, .mechanism = mechanism, .dry_run = true};
    auto* const locate = request.key.uri.empty() ? locate_key : locate_existing_key;
    TRY_ASSIGN(const auto located, locate(search, {facts.plan.farm, request.name, item.member, 1}));
    const std::string where = fmt::format("member {}, {}", item.token_member, session.token().info().display());
    if (!located.key)
        return Error{.code = ExitCode::not_found,
                     .what = fmt::format("there is no key of request {}", request.name),
                     .where = where,
                     .hint = "hsmreq request makes it",
                     .finding = "key.missing"};
    if (is_copy(*located.key))
        return plan::with_hint(plan::make_error("policy.not-generated-in-token", ExitCode::rules, where,
                                                {"The key is a copy itself, and copies don't leave their token"}),
                               "generate_on names the member whose token made the key");
    SourceKey source{.identity = located.identity, .key = *located.key};
    TRY_ASSIGN(source.public_key_der, x509::encode_public_key(located.key->public_key));
    source.public_key = located.key->public_key;
    source.public_key_sha256 = sha256_hex(source.public_key_der);
    source.uri = token::key_uri(session.token().info(), located.key->id, located.key->label);
    const auto& evidence = located.published.evidence;
    auto judgement = judge_key(*located.key, request.key, where,
                               evidence && evidence->public_key_sha256 == source.public_key_sha256);
    if (judgement.refusal) return std::move(*judgement.refusal);
    return source;
}

Result<std::optional<Copy>> find_copy(const CopyTask& task) {
    TRY_ASSIGN(const auto found, token::find_by_id(task.session, task.wanted.id));
    TRY(settle_unreadable(task, found));
    if (found.private_keys.size() > 1 || found.public_keys.size() > 1) return several(task, found);
    if (found.private_keys.empty()) return settle_half(task, found);
    Copy copy;
    copy.key.private_key = found.private_keys.front();
    if (!found.public_keys.empty()) copy.key.public_object = found.public_keys.front();
    TRY(restore_public_object(task, copy));
    auto judged = read_and_judge(task, copy);
    if (!judged) return std::move(judged).error();
    auto verified = verify(task, copy);
    if (!verified && verified.error().code == ExitCode::verification) return another_key(task);
    if (!verified) return std::move(verified).error();
    return std::optional(std::move(copy));
}

Result<Copy> receive_copy(const CopyTask& task, const std::function<Result<token::UnwrappedKey>()>& arrive) {
    Copy copy;
    auto status = arrive_and_check(task, arrive, copy);
    if (!status) return undo(task, std::move(status).error());
    return copy;
}

}  // namespace hsmreq::workflow
