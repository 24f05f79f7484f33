// A private key on its way to another token, as ciphertext: the keys it travels under, wrapping and unwrapping.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/public_key.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/secret.hpp"
#include "token/key_pair.hpp"

namespace hsmreq::token {

/// How a private key (as PKCS#8) lies under an AES key.
enum class KeyWrap { padded, plain };
/// The hash of RSA-OAEP and of its MGF1.
enum class OaepHash { sha256, sha1 };

}  // namespace hsmreq::token

namespace hsmreq {

template <>
inline constexpr std::array<Named<token::KeyWrap>, 2> named<token::KeyWrap>{{
    {token::KeyWrap::padded, "aes-kwp"},  // RFC 5649
    {token::KeyWrap::plain, "aes-kw"},    // RFC 3394
}};

template <>
inline constexpr std::array<Named<token::OaepHash>, 2> named<token::OaepHash>{{
    {token::OaepHash::sha256, "sha256"},
    {token::OaepHash::sha1, "sha1"},
}};

}  // namespace hsmreq

namespace hsmreq::token {

/// A private key as it leaves its token. CKM_RSA_AES_KEY_WRAP makes the same two pieces as wrapping in two steps, one
/// behind the other, so that either end may work in one step or in two.
struct WrappedKey {
    KeyWrap key_wrap = KeyWrap::padded;
    OaepHash oaep = OaepHash::sha1;
    Bytes secret = {};  ///< the one-time AES key under the target's RSA key; empty under a standing wrapping key
    Bytes key = {};     ///< the private key under the AES key
    std::vector<std::string> mechanisms = {};  ///< what the source used
};

/// One way to wrap or unwrap, out of what a token offers.
struct WrappingWay {
    bool one_step = false;        ///< CKM_RSA_AES_KEY_WRAP
    unsigned long mechanism = 0;  ///< what the private key is wrapped with
    KeyWrap key_wrap = KeyWrap::padded;
    OaepHash oaep = OaepHash::sha1;

    bool operator==(const WrappingWay&) const = default;
};

enum class Direction { wrap, unwrap };

/// The ways, preferred first, that are open to a token of which `offers(mechanism)` is true for its mechanisms in that
/// direction. Which hashes a token takes for OAEP no list tells, so all of them are there.
std::vector<WrappingWay> wrapping_ways(Direction direction, const std::function<bool(unsigned long)>& offers);

/// The same for a token. Errors: ExitCode::token naming what is missing.
Result<std::vector<WrappingWay>> wrapping_ways(Token& token, Direction direction);

/// The same for a standing AES key on both ends: one way for each mechanism, `oaep` without meaning.
Result<std::vector<WrappingWay>> standing_ways(Token& token, Direction direction);

/// A session object that goes when its owner does. The session must outlive it.
class SessionObject {
public:
    SessionObject(Session& session, ObjectHandle handle) : session_(&session), handle_(handle) {}
    ~SessionObject();
    SessionObject(SessionObject&& other) noexcept;
    SessionObject& operator=(SessionObject&&) = delete;
    SessionObject(const SessionObject&) = delete;
    SessionObject& operator=(const SessionObject&) = delete;

    [[nodiscard]] ObjectHandle handle() const { return handle_; }

private:
    Session* session_;
    ObjectHandle handle_;
};

/// Where a one-time pair lives.
struct WrappingPairPlace {
    bool on_token = false;  ///< else in the session
    Bytes id = {};
    std::string label = {};
};

/// An RSA pair whose private key may only unwrap.
struct WrappingPair {
    ObjectHandle private_key = 0;
    std::optional<ObjectHandle> public_object;
    PublicKey public_key = {};
    bool imposes_template = false;  ///< CKA_UNWRAP_TEMPLATE is set: what it unwraps can't become extractable
};

/// Makes an RSA-3072 pair: sensitive, not extractable, unwrap only, every attribute stated and the private key's read
/// back. Errors: ExitCode::token; ExitCode::rules with policy.attribute-differs when the token made it looser, which
/// then is destroyed.
Result<WrappingPair> make_wrapping_pair(Session& session, const WrappingPairPlace& place);

/// Reads and judges a pair that was there. Errors: as make_wrapping_pair, but nothing is destroyed.
Result<WrappingPair> read_wrapping_pair(Session& session, ObjectHandle private_key,
                                        std::optional<ObjectHandle> public_object);

/// Brings an RSA public key in as a session object that may only wrap. Errors: ExitCode::token.
Result<SessionObject> import_wrapping_key(Session& session, const PublicKey& key);

/// Brings in an AES-256 key whose value this process knows, as a session object that may only wrap; for tokens that
/// wrap for no RSA key. FIPS-mode tokens refuse it. Errors: ExitCode::token; ExitCode::rules when it turned out looser.
Result<SessionObject> import_wrapping_secret(Session& session, const Secret& value);

/// Wraps `private_key` for the holder of the RSA key `public_key` (imported before). In two steps under an AES-256 key
/// of that one use: made in the token, sensitive, wrap only, extractable only because it must be wrapped itself. No
/// clear value leaves the token. Errors: ExitCode::token; ExitCode::rules when the one-time key turned out looser.
Result<WrappedKey> wrap_private_key(Session& session, ObjectHandle private_key, ObjectHandle public_key,
                                    const WrappingWay& way);

/// A private key that has arrived.
struct UnwrappedKey {
    ObjectHandle private_key = 0;
    bool imposes_template = false;             ///< the key it was unwrapped with has CKA_UNWRAP_TEMPLATE
    unsigned rung = 0;                         ///< the step of the template ladder that the token took
    std::vector<std::string> mechanisms = {};  ///< what the target used
};

/// Unwraps it under the policy's template, token object, every attribute stated. The public object must be there
/// before. After an error a private key may exist all the same: search by ID. Errors: ExitCode::token; ExitCode::rules
/// when the one-time AES key turned out looser than asked.
Result<UnwrappedKey> unwrap_private_key(Session& session, const WrappingPair& pair, const WrappedKey& wrapped,
                                        const KeyTemplate& wanted);

/// A wrapping key that stands in the token, as `[key] wrapping_key` names it.
struct StandingKey {
    ObjectHandle handle = 0;
    bool trusted = false;           ///< CKA_TRUSTED
    bool imposes_template = false;  ///< CKA_UNWRAP_TEMPLATE
};

/// The one secret key with the URI's label and id; its token attributes are not looked at, since the key is on both
/// tokens. Errors: ExitCode::not_found for none and for several.
Result<StandingKey> find_standing_key(Session& session, const Uri& uri);

/// The two halves of the way under a standing AES key. Errors: ExitCode::token.
Result<WrappedKey> wrap_with_standing_key(Session& session, ObjectHandle private_key, const StandingKey& standing,
                                          const WrappingWay& way);
Result<UnwrappedKey> unwrap_with_standing_key(Session& session, const StandingKey& standing, const WrappedKey& wrapped,
                                              const KeyTemplate& wanted);

}  // namespace hsmreq::token
