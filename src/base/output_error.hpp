// Errors about the output directory and the files in it.
#pragma once

#include <string>

#include "hsmreq/result.hpp"

namespace hsmreq {

/// ExitCode::output: "WHAT: the system's words", with a hint for the errno values that have a usual remedy.
Error output_error(const std::string& what, const std::string& where, int error);

/// A name is one path component: neither empty nor "." or "..", and without slash or NUL.
/// Errors: the given code.
Status check_entry_name(const std::string& name, ExitCode code);

}  // namespace hsmreq
