// A file whose name the user gave, wherever it is.
#pragma once

#include <string>

#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

/// Errors: ExitCode::output when a file is there that may not be replaced; asked before anything is made for it.
Status check_output(const RequestOptions& options, const std::string& path);

/// Writes one file, wherever it is; an equal one is left. Errors: ExitCode::output when one that differs is there and
/// --replace is not given.
Status write_output(const RequestOptions& options, const std::string& path, Bytes content);

}  // namespace hsmreq::workflow
