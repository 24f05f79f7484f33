// The roots that a farm's certificates may chain to.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/farm.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/result.hpp"
#include "x509/chain.hpp"

namespace hsmreq::workflow {

struct IssuingRoots {
    x509::TrustStore store;
    bool given = false;  ///< the farm file names them; otherwise they are the machine's
};

/// Every certificate of a file of roots. Errors: ExitCode::input, naming the file.
Result<std::vector<CertificateInspection>> read_roots(const std::string& file);

/// The files of `[trust] issuing_roots`, else the machine's store; also without a farm (null).
/// Errors: ExitCode::input for a file that can't be used; ExitCode::internal.
Result<IssuingRoots> issuing_roots(const Farm* farm);

}  // namespace hsmreq::workflow
