// `hsmreq inspect`: what is in a file, and what is wrong with it.
#pragma once

#include <string>
#include <vector>

#include "evidence/documents.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

/// One entry per file, in order; "-" is standard input. A file that can't be read carries its error; one that claims to
/// be a request and can't be decoded the finding csr.malformed too; a bad signature the finding csr.bad-signature.
std::vector<evidence::InspectedFile> inspect(const std::vector<std::string>& files);

/// The command's code: that of the first file with an error or a finding that refuses (4), else 0.
ExitCode exit_code(const std::vector<evidence::InspectedFile>& files);

}  // namespace hsmreq::workflow
