// `distribute seal`: the key as ciphertext for an offer, in a file that the key itself has signed.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/digest.hpp"
#include "base/try.hpp"
#include "token/signing.hpp"
#include "token/uri.hpp"
#include "workflow/distribute_run.hpp"
#include "workflow/output_file.hpp"
#include "x509/certification_request.hpp"

namespace hsmreq::workflow {
namespace {

using Wrap = std::function<Result<token::WrappedKey>(const token::WrappingWay&)>;

bool has_same(const std::vector<evidence::SealedWrapping>& wrappings, const token::WrappingWay& way, bool standing) {
    return std::ranges::any_of(wrappings, [&](const evidence::SealedWrapping& one) {
        return standing ? one.key_wrap == to_name(way.key_wrap) : one.oaep_hash == to_name(way.oaep);
    });
}

/// What the target will take is not known here, so each hash that the source can do goes into the file.
Result<std::vector<token::WrappedKey>> wrap_in_each_way(const std::vector<token::WrappingWay>& ways, bool standing,
                                                        const Wrap& wrap,
                                                        std::vector<evidence::SealedWrapping>& wrappings) {
    std::vector<token::WrappedKey> made;
    std::optional<Error> refusal;
    for (const auto& way : ways) {
        if (has_same(wrappings, way, standing)) continue;
        auto wrapped = wrap(way);
        if (!wrapped) {
            refusal = std::move(wrapped).error();
            if (refusal->code != ExitCode::token || token::classify(*refusal) != token::FaultClass::item)
                return *refusal;
            continue;
        }
        wrappings.push_back({.key_wrap = std::string(to_name(wrapped->key_wrap)),
                             .oaep_hash = standing ? "" : std::string(to_name(wrapped->oaep)),
                             .secret = wrapped->secret,
                             .key = wrapped->key});
        made.push_back(std::move(wrapped).value());
    }
    if (made.empty() && refusal) return *refusal;
    return made;
}

Result<std::vector<token::WrappedKey>> wrap_for_offer(token::Session& session, const SourceKey& source,
                                                      BytesView offer_der,
                                                      std::vector<evidence::SealedWrapping>& wrappings) {
    TRY_ASSIGN(const auto ways, token::wrapping_ways(session.token(), token::Direction::wrap));
    TRY_ASSIGN(const auto offered, x509::decode_public_key(offer_der));
    TRY_ASSIGN(const auto wrapping, token::import_wrapping_key(session, offered));
    return wrap_in_each_way(
        ways, false,
        [&](const token::WrappingWay& way) {
            return token::wrap_private_key(session, source.key.private_key, wrapping.handle(), way);
        },
        wrappings);
}

Result<std::vector<token::WrappedKey>> wrap_by_standing_key(token::Session& session, const SourceKey& source,
                                                            const std::string& wrapping_key,
                                                            std::vector<evidence::SealedWrapping>& wrappings) {
    TRY_ASSIGN(const auto uri, token::Uri::parse(wrapping_key, token::UriKind::wrapping_key));
    TRY_ASSIGN(const auto ways, token::standing_ways(session.token(), token::Direction::wrap));
    TRY_ASSIGN(const auto standing, find_trusted_key(session, uri));
    return wrap_in_each_way(
        ways, true,
        [&](const token::WrappingWay& way) {
            return token::wrap_with_standing_key(session, source.key.private_key, standing, way);
        },
        wrappings);
}

/// The key signs what the file says of it; the signature is verified before the file is written.
Status sign(token::Session& session, const SourceKey& source, const KeyPlan& plan, evidence::SealedKey& sealed) {
    TRY_ASSIGN(const auto mechanism, token::choose_signature_mechanism(session.token(), plan.algorithm, plan.hash));
    sealed.signature_hash = to_name(plan.hash);
    const Bytes content = evidence::signed_content(sealed);
    TRY_ASSIGN(sealed.signature, token::sign(session, source.key, mechanism, content));
    TRY_ASSIGN(const bool holds, x509::verify_signature(source.public_key_der, content,
                                                        {mechanism.family, mechanism.hash, sealed.signature}));
    if (holds) return {};
    return Error{.code = ExitCode::verification,
                 .what = "the token's signature on the sealed file does not verify",
                 .where = session.token().info().display(),
                 .hint = "nothing was written; the token or its driver gave a wrong answer"};
}

}  // namespace

Status seal_key(DistributeRun& run, const SealInput& input, DistributeItemResult& result) {
    const PlanItem& item = run.facts.plan.items[input.item];
    const RequestPlan& request = run.facts.plan.requests[item.request];
    TRY(check_output(run.options.run, run.options.output_file));
    TRY_ASSIGN(auto* const use, run.token(item.token_member));
    TRY_ASSIGN(auto* const session, run.session(*use));
    TRY_ASSIGN(const auto source, find_source(run.facts, item, *session));
    result.generation = source.identity.generation;
    result.public_key_sha256 = source.public_key_sha256;
    result.key_uri = source.uri;
    result.state = ItemState::planned;
    if (run.options.run.dry_run) return {};

    evidence::SealedKey sealed{.farm = run.facts.plan.farm,
                               .request = request.name,
                               .generation = source.identity.generation,
                               .public_key_sha256 = source.public_key_sha256,
                               .offer_sha256 = sha256_hex(input.offer_der),
                               .public_key = source.public_key_der,
                               .reason = run.options.run.reason,
                               .signature_hash = {}};
    const std::string& standing = request.key.wrapping_key;
    TRY_ASSIGN(const auto wrapped, standing.empty()
                                       ? wrap_for_offer(*session, source, input.offer_der, sealed.wrappings)
                                       : wrap_by_standing_key(*session, source, standing, sealed.wrappings));
    TRY(sign(*session, source, request.key, sealed));
    for (const auto& one : wrapped)
        for (const auto& name : one.mechanisms)
            if (std::ranges::find(result.mechanisms, name) == result.mechanisms.end())
                result.mechanisms.push_back(name);
    result.state = ItemState::created;
    return write_output(run.options.run, run.options.output_file, evidence::to_json(sealed));
}

}  // namespace hsmreq::workflow
