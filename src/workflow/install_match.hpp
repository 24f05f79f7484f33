// Which certificate is for which key of the farm: by public key alone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hsmreq/install.hpp"
#include "hsmreq/plan.hpp"
#include "workflow/install_bundle.hpp"
#include "workflow/install_item.hpp"
#include "workflow/install_keys.hpp"

namespace hsmreq::workflow {

struct MatchInput {
    const Plan& plan;
    const Bundle& bundle;
    const std::vector<FarmKey>& keys;       ///< all that were found in the tokens
    const std::vector<Error>& not_reached;  ///< why a token could not be looked at
    /// SHA-256 of public keys that the output directory's requests name for items that the run leaves out, with the
    /// items' names.
    const std::map<std::string, std::string>& elsewhere;
};

/// A certificate with its key. Without one the result has an error, and the task no keys.
struct MatchedItem {
    InstallTask task;
    InstallItemResult result;
};

struct Matches {
    std::vector<MatchedItem> items;    ///< plan order and generation, then the certificates that are for no key
    std::vector<std::string> notices;  ///< of certificates that are for items left out
};

/// CAs' certificates that are for no key are none of anybody's business here. Errors of items: ExitCode::verification
/// with cert.key-mismatch; ExitCode::not_found for a retired key, several keys under one CKA_ID, two certificates for
/// one key, or what kept a token from being looked at.
Matches match_certificates(const MatchInput& input);

}  // namespace hsmreq::workflow
