// The roots behind the proxy, and the intermediates that lead to them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "hsmreq/farm.hpp"
#include "hsmreq/finding.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/trust.hpp"
#include "x509/chain.hpp"

namespace hsmreq::workflow {

struct InternalRoots {
    x509::TrustStore store;
    std::vector<InternalAuthority> roots;  ///< each once; those that are none are left out
    std::vector<Finding> findings;

    [[nodiscard]] bool any() const { return !roots.empty(); }
};

/// The files of `[trust] internal_roots`. Intermediates in them are no roots: trust.not-a-root.
/// Errors: ExitCode::input for a file that can't be used; ExitCode::internal.
Result<InternalRoots> internal_roots(const Farm& farm, std::chrono::sys_seconds now);

/// Those of the candidates that lead to the roots at that time, each once and in an order that does not depend on
/// theirs. Errors: ExitCode::internal.
Result<std::vector<InternalAuthority>> verified_intermediates(const InternalRoots& roots,
                                                              const std::vector<InternalAuthority>& candidates,
                                                              std::chrono::sys_seconds now);

}  // namespace hsmreq::workflow
