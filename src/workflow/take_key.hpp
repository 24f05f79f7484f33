// An exportable key out of its token into this process, which plays the part of a target token.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/result.hpp"
#include "token/wrapping.hpp"
#include "workflow/copy_key.hpp"
#include "x509/private_key.hpp"

namespace hsmreq::workflow {

struct TakenKey {
    x509::PrivateKey key;
    std::vector<std::string> mechanisms;  ///< what the token wrapped with, and under whose key
};

/// Asks only whether the token offers a way. Errors: ExitCode::token naming what is missing.
Status check_ways_out(token::Session& session);

/// Wraps the key in its token under keys of one use, and unwraps it here in locked memory: under an RSA pair made here
/// and an AES key made in the token; where the token refuses that, under an AES key made here. The key is held against
/// the token's public key. Errors: ExitCode::token; ExitCode::verification when what came is not that key.
Result<TakenKey> take_key(token::Session& session, const SourceKey& source);

}  // namespace hsmreq::workflow
