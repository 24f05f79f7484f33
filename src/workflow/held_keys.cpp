#include "workflow/held_keys.hpp"

#include <algorithm>
#include <utility>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "token/public_values.hpp"
#include "token/signing.hpp"
#include "x509/certification_request.hpp"

namespace hsmreq::workflow {
namespace {

/// Faults that concern more than the object at hand.
bool ends_session(const Error& error) {
    return error.code == ExitCode::token && token::classify(error) != token::FaultClass::item;
}

HeldKey& key_of(std::vector<HeldKey>& keys, const PublicKey& public_key) {
    const std::string sha256 = public_key_sha256(public_key);
    const auto known = std::ranges::find(keys, sha256, &HeldKey::sha256);
    if (known != keys.end()) return *known;
    return keys.emplace_back(HeldKey{sha256, public_key, {}, {}});
}

/// The public key that verifies what the private key signs; null when none does or it can't sign.
Result<HeldKey*> find_by_signature(token::Session& session, token::ObjectHandle private_key, const KeyPlan& plan,
                                   std::vector<HeldKey>& keys) {
    for (HeldKey& key : keys) {
        TRY_ASSIGN(const bool signs, signs_for(session, private_key, plan, key.public_key));
        if (signs) return &key;
    }
    return nullptr;
}

/// Where there is only one private and one public key, they are taken for a pair.
Status place_private_key(token::Session& session, token::ObjectHandle object, const KeyPlan& plan, bool only_one,
                         std::vector<HeldKey>& keys) {
    token::KeyPair pair;
    pair.private_key = object;
    const auto read = token::read_key_pair(session, {}, pair);
    if (!read && ends_session(read.error())) return read.error();
    if (read) {
        key_of(keys, pair.public_key).private_keys.push_back(object);
        return {};
    }
    HeldKey* owner = only_one && keys.size() == 1 ? &keys.front() : nullptr;
    if (!only_one) {
        TRY_ASSIGN(owner, find_by_signature(session, object, plan, keys));
    }
    if (owner == nullptr) owner = &keys.emplace_back();
    owner->private_keys.push_back(object);
    return {};
}

}  // namespace

Result<bool> signs_for(token::Session& session, token::ObjectHandle private_key, const KeyPlan& plan,
                       const PublicKey& public_key) {
    token::KeyPair pair;
    pair.private_key = private_key;
    const auto message = as_bytes("hsmreq: which public key is this one's");
    const auto algorithm = token::algorithm_of(public_key);
    const auto der = x509::encode_public_key(public_key);
    if (!algorithm || !der) return false;
    const auto mechanism = token::choose_signature_mechanism(session.token(), *algorithm, plan.hash);
    if (!mechanism) return false;
    const auto value = token::sign(session, pair, *mechanism, message);
    if (!value && ends_session(value.error())) return value.error();
    if (!value) return false;
    const auto holds = x509::verify_signature(*der, message, {mechanism->family, mechanism->hash, *value});
    return holds && *holds;
}

std::string public_key_sha256(const PublicKey& key) {
    const auto der = x509::encode_public_key(key);
    return der ? sha256_hex(*der) : std::string();
}

Result<std::vector<HeldKey>> sort_keys(token::Session& session, const token::FoundObjects& found, const KeyPlan& plan) {
    std::vector<HeldKey> keys;
    for (const auto object : found.public_keys) {
        const auto public_key = token::read_public_key(session, object);
        if (!public_key && ends_session(public_key.error())) return public_key.error();
        HeldKey& key = public_key ? key_of(keys, *public_key) : keys.emplace_back();
        key.public_keys.push_back(object);
    }
    const bool only_one = found.private_keys.size() == 1 && keys.size() <= 1;
    for (const auto object : found.private_keys) TRY(place_private_key(session, object, plan, only_one, keys));
    return keys;
}

}  // namespace hsmreq::workflow
