// What is known about mechanisms: names, and which of them make and use each family of keys.
#pragma once

#include <span>

#include "hsmreq/algorithm.hpp"
#include "hsmreq/result.hpp"
#include "token/cryptoki.hpp"
#include "token/module.hpp"

namespace hsmreq::token {

/// One way to sign; the table lists the preferred ways first.
struct SignatureRow {
    CK_MECHANISM_TYPE type;
    KeyFamily family;
    Hash hash;  ///< no meaning for Ed25519, which hashes inside
    bool hash_in_software;
};
std::span<const SignatureRow> signature_rows();

/// True when the token offers the mechanism and, where it answers C_GetMechanismInfo, for that use (CKF_SIGN, ...).
bool offers_for(Token& token, CK_MECHANISM_TYPE type, CK_FLAGS use);

/// The mechanism that makes such keys on this token. Errors: ExitCode::token naming what is missing.
Result<CK_MECHANISM_TYPE> choose_generation_mechanism(Token& token, KeyFamily family);

/// True when any offered mechanism for keys of that family has the flag.
bool family_can(Token& token, KeyFamily family, CK_FLAGS use);

}  // namespace hsmreq::token
