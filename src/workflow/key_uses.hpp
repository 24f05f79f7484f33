// What still uses a key: certificates and listeners.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/retire.hpp"
#include "workflow/retire_target.hpp"

namespace hsmreq::workflow {

struct KeyUses {
    std::vector<CertificateUse> certificates;  ///< for the keys that go
    std::vector<ListenerUse> listeners;
    std::vector<Finding> findings;
};

/// Certificates of those generations in the token, and in the output directory STEM.pem and what is kept of former
/// ones, judged at this moment, and the listeners. Errors: ExitCode::unreachable for a listener; token faults.
Result<KeyUses> find_uses(const RetireSearch& search, const std::vector<RetireTarget>& targets,
                          const std::vector<Generation>& generations);

}  // namespace hsmreq::workflow
