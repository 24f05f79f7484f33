#include "workflow/take_key.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/try.hpp"

namespace hsmreq::workflow {
namespace {

/// True when the token refused this way, so that another may work. A wrong answer is no refusal.
bool is_refusal(const Error& error) {
    return error.code == ExitCode::token && token::classify(error) == token::FaultClass::item;
}

Result<TakenKey> hold_against(token::Session& session, const SourceKey& source, const Secret& pkcs8) {
    auto key = x509::PrivateKey::from_pkcs8(pkcs8);
    if (!key) return std::move(key).error();
    if (key->public_key_der() != source.public_key_der)
        return Error{.code = ExitCode::verification,
                     .what = "the key that left the token is not the private half of its public key",
                     .where = session.token().info().display(),
                     .hint = "nothing was written; the token or its driver gave a wrong answer",
                     .finding = "key.changed"};
    return TakenKey{.key = std::move(key).value(), .mechanisms = {}};
}

/// One wrapping and its undoing for each way; the last refusal is the answer.
template <class Attempt>
Result<TakenKey> by_any(const std::vector<token::WrappingWay>& ways, Attempt attempt) {
    std::optional<Error> refusal;
    for (const auto& way : ways) {
        Result<TakenKey> taken = attempt(way);
        if (taken || !is_refusal(taken.error())) return taken;
        refusal = std::move(taken).error();
    }
    return *refusal;
}

Result<TakenKey> by_rsa(token::Session& session, const SourceKey& source) {
    TRY_ASSIGN(const auto ways, token::wrapping_ways(session.token(), token::Direction::wrap));
    TRY_ASSIGN(const auto pair, x509::TransferPair::make());
    TRY_ASSIGN(const auto wrapping, token::import_wrapping_key(session, pair.public_key()));
    return by_any(ways, [&](const token::WrappingWay& way) -> Result<TakenKey> {
        TRY_ASSIGN(const auto wrapped,
                   token::wrap_private_key(session, source.key.private_key, wrapping.handle(), way));
        const bool sha256 = wrapped.oaep == token::OaepHash::sha256;
        TRY_ASSIGN(const Secret secret,
                   pair.decrypt(wrapped.secret, sha256 ? x509::OaepDigest::sha256 : x509::OaepDigest::sha1));
        const bool padded = wrapped.key_wrap == token::KeyWrap::padded;
        TRY_ASSIGN(const Secret pkcs8, x509::unwrap_by_aes(secret, wrapped.key, padded));
        TRY_ASSIGN(auto taken, hold_against(session, source, pkcs8));
        taken.mechanisms = wrapped.mechanisms;
        return taken;
    });
}

Result<TakenKey> by_known_secret(token::Session& session, const SourceKey& source) {
    TRY_ASSIGN(const auto ways, token::standing_ways(session.token(), token::Direction::wrap));
    TRY_ASSIGN(const Secret secret, x509::make_aes_key());
    TRY_ASSIGN(const auto wrapping, token::import_wrapping_secret(session, secret));
    return by_any(ways, [&](const token::WrappingWay& way) -> Result<TakenKey> {
        TRY_ASSIGN(const auto wrapped,
                   token::wrap_with_standing_key(session, source.key.private_key, {.handle = wrapping.handle()}, way));
        const bool padded = wrapped.key_wrap == token::KeyWrap::padded;
        TRY_ASSIGN(const Secret pkcs8, x509::unwrap_by_aes(secret, wrapped.key, padded));
        TRY_ASSIGN(auto taken, hold_against(session, source, pkcs8));
        taken.mechanisms = wrapped.mechanisms;
        taken.mechanisms.emplace_back("AES-256 key made by hsmreq (C_CreateObject)");
        return taken;
    });
}

}  // namespace

Status check_ways_out(token::Session& session) {
    const auto ways = token::wrapping_ways(session.token(), token::Direction::wrap);
    if (ways || token::standing_ways(session.token(), token::Direction::wrap)) return {};
    return ways.error();
}

Result<TakenKey> take_key(token::Session& session, const SourceKey& source) {
    auto taken = by_rsa(session, source);
    if (taken || !is_refusal(taken.error())) return taken;
    auto other = by_known_secret(session, source);
    if (other || !is_refusal(other.error())) return other;
    Error error = std::move(taken).error();
    error.also.push_back(std::move(other).error());
    return error;
}

}  // namespace hsmreq::workflow
