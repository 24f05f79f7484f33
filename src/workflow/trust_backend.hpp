// What a server behind the proxy presents, judged by the internal roots.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/result.hpp"
#include "hsmreq/trust.hpp"
#include "plan/backends.hpp"
#include "workflow/certificate_findings.hpp"
#include "workflow/internal_roots.hpp"

namespace hsmreq::workflow {

struct BackendMeasure {
    const InternalRoots& roots;
    /// Intermediates that are known from elsewhere: they tell a chain that was not sent whole from one to another root.
    const std::vector<InternalAuthority>& known;
    const Yardstick& yardstick;
    std::vector<std::string> hosts;  ///< the certificate has to be for one of these; none when there is no server's
};

/// Connects and takes the chain down. Errors: in the result.
BackendResult ask_backend(const plan::Backend& backend, std::chrono::seconds timeout);

/// Fills in state, root and findings of a result that has a chain. Errors: ExitCode::internal.
Status judge_backend(const BackendMeasure& measure, BackendResult& result);

}  // namespace hsmreq::workflow
