// Internal roots among those that this machine trusts.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/result.hpp"
#include "hsmreq/trust.hpp"

namespace hsmreq::workflow {

/// Puts each root into a file "hsmreq-FARM-SHA256.crt" (the hash's first 16 digits) in the directory that
/// update-ca-certificates(8) reads, or in `directory` when it is not empty, and runs that program. Answers the files.
/// Errors: ExitCode::output.
Result<std::vector<std::string>> anchor_roots(const std::string& farm, const std::vector<InternalAuthority>& roots,
                                              const std::string& directory);

}  // namespace hsmreq::workflow
