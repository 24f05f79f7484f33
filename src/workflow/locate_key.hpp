// Find the key of an item in its token, whatever state an earlier run left it in.
#pragma once

#include <optional>

#include "base/file.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "token/key_pair.hpp"
#include "token/signing.hpp"
#include "workflow/output_state.hpp"

namespace hsmreq::workflow {

struct KeySearch {
    token::Session& session;
    const OutputDirectory& directory;
    const RequestPlan& request;
    token::SignatureMechanism mechanism;
    bool dry_run = false;  ///< nothing is destroyed or created
    bool repair = false;   ///< a private key without any public value is removed
    bool replace = false;  ///< files of a key that is gone don't stop the run
    Renewal renewal = Renewal::none;
};

struct LocatedKey {
    KeyIdentity identity;  ///< with the generation to work on
    token::KeyTemplate wanted;
    ItemFiles files;
    PublishedItem published;
    std::optional<token::KeyPair> key;  ///< read back; absent when there is none and one is to be made
};

/// Probes the generations upward from 1 by CKA_ID, reads what files there are, and reconciles: a cut-off generation is
/// removed, a lost public object is put back. `identity` comes with generation 1. The generation to work on is the
/// highest there is, or by KeySearch::renewal the one after it. Errors: ExitCode::not_found with key.ambiguous,
/// key.incomplete or key.missing; ExitCode::verification with key.changed; token faults.
Result<LocatedKey> locate_key(const KeySearch& search, KeyIdentity identity);

/// The same for `request.key.uri`: an existing key that is used as it is and never made, renewed or destroyed.
Result<LocatedKey> locate_existing_key(const KeySearch& search, KeyIdentity identity);

}  // namespace hsmreq::workflow
