// The keys under one CKA_ID, told apart by their public keys.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/plan.hpp"
#include "hsmreq/public_key.hpp"
#include "hsmreq/result.hpp"
#include "token/key_pair.hpp"

namespace hsmreq::workflow {

/// One key: usually a private and a public object.
struct HeldKey {
    std::string sha256;  ///< of the SubjectPublicKeyInfo; "" when no public value tells it
    PublicKey public_key;
    std::vector<token::ObjectHandle> private_keys;
    std::vector<token::ObjectHandle> public_keys;
};

/// Sorts the objects. A private key that shows no public value is told by what it signs when there are several public
/// keys to choose from. Errors: token faults.
Result<std::vector<HeldKey>> sort_keys(token::Session& session, const token::FoundObjects& found, const KeyPlan& plan);

/// True when what the private key signs verifies under the public key; false where it can't sign.
/// Errors: token faults that concern more than the key.
Result<bool> signs_for(token::Session& session, token::ObjectHandle private_key, const KeyPlan& plan,
                       const PublicKey& public_key);

/// SHA-256 of a public key's SubjectPublicKeyInfo; "" when it is no possible key.
std::string public_key_sha256(const PublicKey& key);

}  // namespace hsmreq::workflow
