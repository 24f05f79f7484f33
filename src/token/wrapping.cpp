#include "token/wrapping.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "token/key_templates.hpp"
#include "token/one_time_keys.hpp"
#include "token/state.hpp"

namespace hsmreq::token {
namespace {

constexpr std::size_t wrapped_room = 16 * 1024;  // an RSA-4096 key takes about 2.4 KiB; size queries are known to lie
constexpr std::size_t wrapped_limit = 256 * 1024;

/// What a key travels under at this step, and how.
struct Step {
    CK_MECHANISM* mechanism;
    ObjectHandle key;
};

Result<Bytes> wrap(Session& session, const Step& step, ObjectHandle what) {
    const Caller& caller = session.state().caller();
    for (std::size_t room = wrapped_room;; room *= 4) {
        Bytes wrapped(room);
        CK_ULONG size = room;
        const CK_RV value = caller.ask(CRYPTOKI(C_WrapKey), session.state().handle, step.mechanism, step.key, what,
                                       wrapped.data(), &size);
        if (value == CKR_OK && size > 0 && size <= room) {
            wrapped.resize(size);
            return wrapped;
        }
        if (value == CKR_OK) return token_error(caller.where(), "C_WrapKey", CKR_GENERAL_ERROR);
        if (value != CKR_BUFFER_TOO_SMALL || room >= wrapped_limit)
            return token_error(caller.where(), "C_WrapKey", value);
    }
}

const Ascent unwrapping_ascent{
    "C_UnwrapKey", &LadderMemory::unwrapping,
    [](const FoundObjects& found) { return found.private_keys.empty() && found.unreadable.empty(); },
    ". Let this token make the key (key.generate_on), or give each member a key of its own "
    "(key.sharing)"};

/// SoftHSM keeps the beginnings of a key that it then refuses to unwrap. There was none of this ID before; what can't
/// be removed is the next step's business.
void remove_left(Session& session, const KeyTemplate& wanted) {
    const auto left = find_by_id(session, wanted.id);
    if (!left) return;
    for (const auto& objects : {left->private_keys, left->unreadable})
        for (const auto object : objects)
            session.state().caller().ask(CRYPTOKI(C_DestroyObject), session.state().handle, object);
}

Result<UnwrappedKey> unwrap(Session& session, const Step& step, Bytes ciphertext, const KeyTemplate& wanted) {
    const TokenState& token = session.token().state();
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    const auto attempt = [&](LadderStep ladder) {
        // Nothing but the template says what arrives, so class and type are always stated.
        Template values =
            policy_template(token, wanted, ObjectKind::private_key, std::min(ladder.rung, rung_without_type - 1));
        const CK_RV value =
            token.caller.ask(CRYPTOKI(C_UnwrapKey), session.state().handle, step.mechanism, step.key, ciphertext.data(),
                             CK_ULONG{ciphertext.size()}, values.data(), values.size(), &object);
        if (value != CKR_OK) remove_left(session, wanted);
        return value;
    };
    TRY_ASSIGN(const LadderStep taken, climb(session, wanted, unwrapping_ascent, attempt));
    return UnwrappedKey{.private_key = object, .rung = std::min(taken.rung, rung_without_type - 1)};
}

std::string oaep_name(OaepHash hash, bool one_step) {
    return fmt::format("{} ({})", one_step ? "CKM_RSA_AES_KEY_WRAP" : "CKM_RSA_PKCS_OAEP", hsmreq::to_name(hash));
}

Result<WrappedKey> wrap_in_one_step(Session& session, ObjectHandle private_key, ObjectHandle public_key,
                                    const WrappingWay& way) {
    OaepMechanism mechanism(way.oaep, true);
    TRY_ASSIGN(const Bytes both, wrap(session, {mechanism.get(), public_key}, private_key));
    TRY_ASSIGN(const PublicKey rsa, read_public_key(session, public_key));
    const std::size_t first = rsa.modulus.size();
    if (both.size() <= first)
        return token_error(session.state().caller().where(), "C_WrapKey", CKR_WRAPPED_KEY_LEN_RANGE);
    const auto border = both.begin() + static_cast<std::ptrdiff_t>(first);
    return WrappedKey{.key_wrap = way.key_wrap,
                      .oaep = way.oaep,
                      .secret = Bytes(both.begin(), border),
                      .key = Bytes(border, both.end()),
                      .mechanisms = {oaep_name(way.oaep, true)}};
}

Result<UnwrappedKey> unwrap_by(Session& session, const WrappingPair& pair, const WrappedKey& wrapped,
                               const WrappingWay& way, const KeyTemplate& wanted) {
    if (way.one_step) {
        OaepMechanism mechanism(wrapped.oaep, true);
        Bytes both = wrapped.secret;
        both.insert(both.end(), wrapped.key.begin(), wrapped.key.end());
        TRY_ASSIGN(auto key, unwrap(session, {mechanism.get(), pair.private_key}, std::move(both), wanted));
        key.imposes_template = pair.imposes_template;
        key.mechanisms = {oaep_name(wrapped.oaep, true)};
        return key;
    }
    TRY_ASSIGN(const auto secret, unwrap_one_time_secret(session, pair.private_key, wrapped));
    CK_MECHANISM mechanism{way.mechanism, nullptr, 0};
    TRY_ASSIGN(auto key, unwrap(session, {&mechanism, secret.key.handle()}, wrapped.key, wanted));
    key.imposes_template = secret.imposes_template;
    key.mechanisms = {oaep_name(wrapped.oaep, false), mechanism_name(way.mechanism)};
    return key;
}

/// Tries each way that fits what has arrived; the refusal of the preferred one is the answer.
template <class Attempt>
Result<UnwrappedKey> unwrap_by_any(const std::vector<WrappingWay>& ways, const WrappedKey& wrapped, Attempt attempt) {
    std::optional<Error> refusal;
    for (const auto& way : ways) {
        if (way.key_wrap != wrapped.key_wrap || (!wrapped.secret.empty() && way.oaep != wrapped.oaep)) continue;
        auto key = attempt(way);
        if (key || classify(key.error()) != FaultClass::item || key.error().code != ExitCode::token) return key;
        if (!refusal) refusal = std::move(key).error();
    }
    if (refusal) return *refusal;
    return Error{.code = ExitCode::token,
                 .what = fmt::format("the token does not unwrap {}", hsmreq::to_name(wrapped.key_wrap)),
                 .hint = "the other token must wrap in a way that this one understands"};
}

}  // namespace

Result<WrappedKey> wrap_private_key(Session& session, ObjectHandle private_key, ObjectHandle public_key,
                                    const WrappingWay& way) {
    if (way.one_step) return wrap_in_one_step(session, private_key, public_key, way);
    TRY_ASSIGN(const SessionObject secret, make_one_time_secret(session));
    OaepMechanism oaep(way.oaep, false);
    WrappedKey wrapped{.key_wrap = way.key_wrap, .oaep = way.oaep};
    // The AES key first: whether the token takes the hash shows before the private key is touched.
    TRY_ASSIGN(wrapped.secret, wrap(session, {oaep.get(), public_key}, secret.handle()));
    CK_MECHANISM mechanism{way.mechanism, nullptr, 0};
    TRY_ASSIGN(wrapped.key, wrap(session, {&mechanism, secret.handle()}, private_key));
    wrapped.mechanisms = {mechanism_name(way.mechanism), oaep_name(way.oaep, false)};
    return wrapped;
}

Result<UnwrappedKey> unwrap_private_key(Session& session, const WrappingPair& pair, const WrappedKey& wrapped,
                                        const KeyTemplate& wanted) {
    TRY_ASSIGN(const auto ways, wrapping_ways(session.token(), Direction::unwrap));
    return unwrap_by_any(ways, wrapped,
                         [&](const WrappingWay& way) { return unwrap_by(session, pair, wrapped, way, wanted); });
}

Result<StandingKey> find_standing_key(Session& session, const Uri& uri) {
    Template wanted;
    wanted.add_number(CKA_CLASS, CKO_SECRET_KEY);
    if (!uri.object_id().empty()) wanted.add_bytes(CKA_ID, uri.object_id());
    if (!uri.object_label().empty()) wanted.add_bytes(CKA_LABEL, as_bytes(uri.object_label()));
    TRY_ASSIGN(const auto found, find_objects(session, wanted));
    if (found.size() != 1)
        return Error{.code = ExitCode::not_found,
                     .what = found.empty() ? std::string("the token has no secret key that key.wrapping_key names")
                                           : fmt::format("{} secret keys match key.wrapping_key", found.size()),
                     .where = fmt::format("{}, {}", session.token().info().display(), uri.text()),
                     .hint = "the same AES key must stand in every token that the shared key goes to or comes from"};
    constexpr CK_ATTRIBUTE_TYPE types[] = {CKA_TRUSTED};
    TRY_ASSIGN(const auto values, AttributeValues::read(session, found.front(), types));
    return StandingKey{.handle = found.front(),
                       .trusted = values.boolean(CKA_TRUSTED).value_or(false),
                       .imposes_template = has_unwrap_template(session, found.front())};
}

Result<WrappedKey> wrap_with_standing_key(Session& session, ObjectHandle private_key, const StandingKey& standing,
                                          const WrappingWay& way) {
    CK_MECHANISM mechanism{way.mechanism, nullptr, 0};
    WrappedKey wrapped{.key_wrap = way.key_wrap, .mechanisms = {mechanism_name(way.mechanism)}};
    TRY_ASSIGN(wrapped.key, wrap(session, {&mechanism, standing.handle}, private_key));
    return wrapped;
}

Result<UnwrappedKey> unwrap_with_standing_key(Session& session, const StandingKey& standing, const WrappedKey& wrapped,
                                              const KeyTemplate& wanted) {
    TRY_ASSIGN(const auto ways, standing_ways(session.token(), Direction::unwrap));
    return unwrap_by_any(ways, wrapped, [&](const WrappingWay& way) -> Result<UnwrappedKey> {
        CK_MECHANISM mechanism{way.mechanism, nullptr, 0};
        TRY_ASSIGN(auto key, unwrap(session, {&mechanism, standing.handle}, wrapped.key, wanted));
        key.imposes_template = standing.imposes_template;
        key.mechanisms = {mechanism_name(way.mechanism)};
        return key;
    });
}

}  // namespace hsmreq::token
