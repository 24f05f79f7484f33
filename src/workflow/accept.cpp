// `distribute accept`: a sealed file held against farm, offer and key, unwrapped, and the offer used up.
#include <fmt/format.h>

#include <optional>

#include "base/digest.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/rules.hpp"
#include "token/uri.hpp"
#include "workflow/distribute_run.hpp"
#include "workflow/output_state.hpp"
#include "x509/certification_request.hpp"

namespace hsmreq::workflow {
namespace {

Error does_not_fit(std::string what, std::string hint) {
    return {.code = ExitCode::rules, .what = std::move(what), .hint = std::move(hint)};
}

Error altered(std::string what) {
    return {.code = ExitCode::verification,
            .what = std::move(what),
            .hint = "the file is not as it was sealed: have it sealed and sent again; nothing was changed"};
}

/// The sealed key has signed every field, so whoever alters one is found out whatever the token thinks of it.
Status check_signature(const evidence::SealedKey& sealed, const KeyPlan& plan) {
    if (sha256_hex(sealed.public_key) != sealed.public_key_sha256)
        return altered("the public key in the file does not have the SHA-256 that the file names");
    const auto hash = from_name<Hash>(sealed.signature_hash);
    if (hash != plan.hash) return altered("the file is signed with another hash than the farm's");
    const auto holds = x509::verify_signature(sealed.public_key, evidence::signed_content(sealed),
                                              {facts(plan.algorithm).family, *hash, sealed.signature});
    if (!holds) return altered("the public key in the file can't verify its signature: " + holds.error().what);
    if (!*holds) return altered("the signature of the sealed key does not fit what the file says");
    return {};
}

Status check_place(const RunInputs& inputs, const evidence::SealedKey& sealed, const std::string& member) {
    if (sealed.farm != inputs.plan.farm)
        return does_not_fit(
            fmt::format("the file is for farm {}, this is {}", printable(sealed.farm), inputs.plan.farm),
            "use the farm file that the key was sealed under");
    for (const auto& request : inputs.plan.requests) {
        if (request.name != sealed.request) continue;
        if (takes_copy(inputs.farm, request, member)) return {};
        return does_not_fit(fmt::format("member {} does not use request {}", member, request.name),
                            "the request's members are in the farm file");
    }
    return does_not_fit(fmt::format("the farm has no request {}", printable(sealed.request)),
                        "use the farm file that the key was sealed under");
}

/// The pair that waits for the file, by its private key.
Result<token::WrappingPair> find_pair(token::Session& session, const std::string& farm, const std::string& member) {
    TRY_ASSIGN(const auto found, token::find_by_id(session, wrapping_pair_id(farm, member)));
    if (found.private_keys.size() != 1) {
        Error error =
            does_not_fit("no offer of this member waits for a sealed file",
                         "a file is accepted once, by the token that made the offer: `hsmreq distribute offer` "
                         "makes another, for another file");
        error.where = session.token().info().display();
        return error;
    }
    std::optional<token::ObjectHandle> object;
    if (!found.public_keys.empty()) object = found.public_keys.front();
    return token::read_wrapping_pair(session, found.private_keys.front(), object);
}

/// The public object first: a private key that is left still tells which offer it was.
Status use_up(token::Session& session, const token::WrappingPair& pair) {
    if (pair.public_object) TRY(token::destroy(session, *pair.public_object));
    return token::destroy(session, pair.private_key);
}

Status check_offer(const token::WrappingPair& pair, const evidence::SealedKey& sealed) {
    TRY_ASSIGN(const auto der, x509::encode_public_key(pair.public_key));
    if (sha256_hex(der) == sealed.offer_sha256) return {};
    return does_not_fit("the file was sealed for another offer", "have the key sealed for the offer that waits here");
}

/// A request or evidence that lies here says which key it should be; without one nothing here does.
Result<std::vector<Finding>> check_published(const DistributeRun& run, const RequestPlan& request,
                                             const SourceKey& source) {
    const auto published = read_published(run.facts.directory, item_files(request, source.identity));
    const bool other = (published.csr && published.csr->public_key_der != source.public_key_der) ||
                       (published.evidence && published.evidence->public_key_sha256 != source.public_key_sha256);
    if (other)
        return Error{.code = ExitCode::verification,
                     .what = "the sealed key is another one than that of the request published here",
                     .where = run.facts.directory.path(),
                     .hint = "find out which is right before anything else; nothing was changed",
                     .finding = "key.changed"};
    if (published.csr || published.evidence) return std::vector<Finding>{};
    return std::vector{plan::make_finding("policy.sealed-key-unconfirmed", run.facts.directory.path(),
                                          {request.name, source.public_key_sha256})};
}

Result<token::WrappedKey> to_wrapped(const evidence::SealedWrapping& wrapping, bool standing) {
    const auto key_wrap = from_name<token::KeyWrap>(wrapping.key_wrap);
    const auto oaep = standing ? token::OaepHash::sha1 : from_name<token::OaepHash>(wrapping.oaep_hash);
    if (!key_wrap || !oaep || wrapping.secret.empty() != standing)
        return Error{.code = ExitCode::input, .what = "the sealed file wraps its key in a way that is not known here"};
    return token::WrappedKey{.key_wrap = *key_wrap, .oaep = *oaep, .secret = wrapping.secret, .key = wrapping.key};
}

Result<token::UnwrappedKey> unwrap_one(const CopyTask& task, const token::WrappingPair& pair,
                                       const evidence::SealedWrapping& wrapping) {
    const std::string& standing = task.request.key.wrapping_key;
    TRY_ASSIGN(const auto wrapped, to_wrapped(wrapping, !standing.empty()));
    if (standing.empty()) return token::unwrap_private_key(task.session, pair, wrapped, task.wanted);
    TRY_ASSIGN(const auto uri, token::Uri::parse(standing, token::UriKind::wrapping_key));
    TRY_ASSIGN(const auto key, token::find_standing_key(task.session, uri));
    return token::unwrap_with_standing_key(task.session, key, wrapped, task.wanted);
}

/// The first wrapping of the file that the token takes.
Result<token::UnwrappedKey> unwrap_any(const CopyTask& task, const token::WrappingPair& pair,
                                       const evidence::SealedKey& sealed, evidence::CopyRecord& record) {
    std::optional<Error> refusal;
    for (const auto& wrapping : sealed.wrappings) {
        auto key = unwrap_one(task, pair, wrapping);
        if (key) {
            record.unwrapped_with = key->mechanisms;
            record.kept_non_extractable_by = key->imposes_template ? "token-reported" : "tool-enforced";
            return key;
        }
        if (key.error().code != ExitCode::token || token::classify(key.error()) != token::FaultClass::item) return key;
        refusal = std::move(key).error();
    }
    return *refusal;
}

Result<SourceKey> source_of(const evidence::SealedKey& sealed, const PlanItem& item) {
    SourceKey source{.identity = {sealed.farm, sealed.request, item.member, sealed.generation}};
    source.public_key_der = sealed.public_key;
    source.public_key_sha256 = sealed.public_key_sha256;
    TRY_ASSIGN(source.public_key, x509::decode_public_key(source.public_key_der));
    return source;
}

evidence::CopyRecord record_of(const evidence::SealedKey& sealed, const RequestPlan& request) {
    evidence::CopyRecord record;
    record.way = "sealed-file";
    record.offer_sha256 = sealed.offer_sha256;
    record.seal_reason = sealed.reason;
    record.wrapping_key = request.key.wrapping_key;
    return record;
}

}  // namespace

Result<AcceptInput> read_sealed(const RunInputs& inputs, const DistributeOptions& options) {
    TRY_ASSIGN(const auto content, read_file(options.sealed_file, evidence::sealed_file_limit));
    AcceptInput input;
    const auto with_file = [&](Error error) {
        if (error.where.empty()) error.where = options.sealed_file;
        return error;
    };
    auto sealed = evidence::read_sealed_file(content);
    if (!sealed) return with_file(std::move(sealed).error());
    input.sealed = std::move(sealed).value();
    if (auto fits = check_place(inputs, input.sealed, options.run.member); !fits)
        return with_file(std::move(fits).error());
    TRY_ASSIGN(input.item, shared_item(inputs.plan, input.sealed.request));
    const RequestPlan& request = inputs.plan.requests[inputs.plan.items[input.item].request];
    if (auto holds = check_signature(input.sealed, request.key); !holds) return with_file(std::move(holds).error());
    return input;
}

Status accept_key(DistributeRun& run, const AcceptInput& input, DistributeItemResult& result) {
    const PlanItem& item = run.facts.plan.items[input.item];
    const RequestPlan& request = run.facts.plan.requests[item.request];
    TRY_ASSIGN(auto* const use, run.token(run.options.run.member));
    TRY_ASSIGN(auto* const session, run.session(*use));
    TRY_ASSIGN(const auto source, source_of(input.sealed, item));
    result.generation = source.identity.generation;
    result.public_key_sha256 = source.public_key_sha256;
    if (const EvidenceKey* key = run.evidence_key()) TRY(check_no_item_key(*key, request.name, source.public_key_der));
    const CopyTask task{.session = *session,
                        .request = request,
                        .source = source,
                        .wanted = copy_template(request, source.identity),
                        .dry_run = run.options.run.dry_run,
                        .repair = run.options.run.repair};
    result.key_uri = token::key_uri(use->token->info(), task.wanted.id, task.wanted.label);

    TRY_ASSIGN(const auto guard, run.lock(*use));
    TRY_ASSIGN(const auto pair, find_pair(*session, run.facts.plan.farm, run.options.run.member));
    TRY(check_offer(pair, input.sealed));
    TRY_ASSIGN(const auto unconfirmed, check_published(run, request, source));
    CopyFacts facts{item, run.options.run.member, *use, task, record_of(input.sealed, request)};
    TRY_ASSIGN(auto copy, find_copy(task));
    result.state = copy ? ItemState::unchanged : task.dry_run ? ItemState::planned : ItemState::created;
    if (task.dry_run) return {};
    if (!copy) {
        TRY_ASSIGN(copy, receive_copy(task, [&] { return unwrap_any(task, pair, input.sealed, facts.record); }));
    }
    copy->findings.insert(copy->findings.end(), unconfirmed.begin(), unconfirmed.end());
    result.findings = copy->findings;
    result.mechanisms = facts.record.unwrapped_with;
    TRY(publish_copy(run, facts, *copy, result));
    auto used_up = use_up(*session, pair);
    if (!used_up)
        used_up.error().hint = "the copy is in the token and on record; run again to have the offer's pair destroyed";
    return used_up;
}

}  // namespace hsmreq::workflow
