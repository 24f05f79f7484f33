// Asking for a PIN.
#pragma once

#include <string>

#include "hsmreq/result.hpp"
#include "hsmreq/secret.hpp"

namespace hsmreq::cli {

/// Asks on the controlling terminal, whatever standard input is, and does not show what is typed. `question` must be
/// printable. The terminal is as before on every way out, signals included.
/// Errors: ExitCode::login when there is no terminal, nothing was typed or it is longer than 255 bytes;
/// ExitCode::interrupted after a signal.
Result<Secret> ask_secret(const std::string& question);

/// True when there is a controlling terminal to ask on.
bool has_terminal();

/// Shows the question on the controlling terminal and takes one line, echoed as it is typed; at most 255 bytes.
/// Errors: ExitCode::usage when there is no terminal, ExitCode::interrupted after a signal or the end of the input.
Result<std::string> ask_line(const std::string& question);

/// Gives the terminal its echo back when another thread is just asking: for an end of the process that returns
/// nowhere.
void restore_echo();

}  // namespace hsmreq::cli
