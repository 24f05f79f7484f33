// One certificate on its way into its key's tokens and beside the request.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/install.hpp"
#include "hsmreq/result.hpp"
#include "workflow/install_bundle.hpp"
#include "workflow/install_keys.hpp"
#include "workflow/run_facts.hpp"
#include "workflow/token_sessions.hpp"

namespace hsmreq::workflow {

/// What all items of a run share.
struct InstallScene {
    TokenSessions& sessions;
    const RunFacts& facts;
    const InstallOptions& options;
    const Bundle& bundle;
};

/// One certificate and the key that it is for.
struct InstallTask {
    std::size_t certificate = 0;  ///< index into the bundle
    std::vector<FarmKey> keys;    ///< in every token that holds the key; its own token, where it is among them, first
    std::vector<CertificateInspection> intermediates;  ///< from the leaf's issuer upwards
    std::string root;
    bool refused = false;  ///< it was judged, and nothing is to be stored
};

/// Stores the certificate in every token of the task, then writes the files, then removes what gave way. All of it or
/// nothing: on failure what was stored in this run is taken back. Fills `result`, whose names are set.
/// Errors: ExitCode::token, verification, output, not_found.
Status install_item(const InstallScene& scene, const InstallTask& task, InstallItemResult& result);

}  // namespace hsmreq::workflow
