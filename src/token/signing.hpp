// Signatures made by the token.
#pragma once

#include <string>

#include "hsmreq/algorithm.hpp"
#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"
#include "token/key_pair.hpp"

namespace hsmreq::token {

/// How the token will sign: chosen from its mechanism list before the key is made.
struct SignatureMechanism {
    unsigned long type = 0;  ///< CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_ECDSA, CKM_ECDSA_SHA256, CKM_EDDSA, ...
    KeyFamily family = KeyFamily::rsa;
    Hash hash = Hash::sha256;
    bool hash_in_software = true;

    [[nodiscard]] std::string name() const { return mechanism_name(type); }
};

/// Prefers the form that signs a given hash; takes the hash-and-sign form when the token has only that.
/// Errors: ExitCode::token naming what is missing.
Result<SignatureMechanism> choose_signature_mechanism(Token& token, KeyAlgorithm algorithm, Hash hash);

/// C_SignInit and C_Sign over the message; two calls, one more login (context specific) for a key that is
/// CKA_ALWAYS_AUTHENTICATE. Answers the token's raw form: RSA octets, ECDSA r || s, EdDSA 64 octets. Errors:
/// ExitCode::token, login.
Result<Bytes> sign(Session& session, const KeyPair& key, const SignatureMechanism& mechanism, BytesView message);

/// True when the token computes with an RSA key on octets that were padded elsewhere (CKM_RSA_X_509), as RSA-PSS
/// through an old libp11 wants it; tokens in FIPS mode don't.
bool signs_padded_octets(Token& token);

}  // namespace hsmreq::token
