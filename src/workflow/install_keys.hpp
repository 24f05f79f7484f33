// The farm's keys as `install` looks for them: every generation that a token holds, known by its public key.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "hsmreq/inspect.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "token/key_pair.hpp"
#include "workflow/install_bundle.hpp"

namespace hsmreq::workflow {

enum class KeyHold {
    whole,        ///< one private key
    public_only,  ///< the mark of a retired generation, or half a pair
    ambiguous,    ///< one of several keys under one CKA_ID
};

/// One generation of one key in one token. Handles are void once the session is reopened.
struct FarmKey {
    std::size_t item = 0;  ///< index into Plan::items
    std::string member;    ///< whose token it is
    bool copy = false;     ///< the key came there from another token
    KeyIdentity identity;
    bool current = false;  ///< the highest generation there
    std::string sha256;    ///< of the SubjectPublicKeyInfo
    KeyHold hold = KeyHold::whole;
    token::KeyPair pair;  ///< read back, where the hold is whole
};

/// One key in one token: where to look.
struct KeyPlace {
    std::size_t item = 0;  ///< index into Plan::items
    std::string member;    ///< whose token
};

/// Where the keys are that --only, --member and --shard leave in: each key's own token, then those of its copies.
/// Errors: ExitCode::usage when --only or --member names nothing of the plan.
Result<std::vector<KeyPlace>> select_places(const Farm& farm, const Plan& plan, const RequestOptions& options);

struct KeyLookup {
    token::Session& session;
    const Plan& plan;
    const KeyPlace& place;
    const Bundle& bundle;  ///< whose certificates tell the public key of one that shows none
};

/// Every generation there, upward from 1. Errors: token faults; ExitCode::input for `request.key.uri`.
Result<std::vector<FarmKey>> find_farm_keys(const KeyLookup& lookup);

}  // namespace hsmreq::workflow
