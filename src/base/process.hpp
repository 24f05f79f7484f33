// Running another program.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/result.hpp"

namespace hsmreq {

struct ProgramEnd {
    int status = 0;      ///< its exit status; 128 and the signal's number when one ended it
    std::string output;  ///< what it wrote to either stream, at most 64 KiB of it
};

/// Runs `words` and waits for its end. The first word is looked for in PATH unless it has a slash; standard input is
/// empty. Must not be called between a module's C_Initialize and C_Finalize, for it forks.
/// Errors: ExitCode::output when the program can't be started.
Result<ProgramEnd> run_program(std::vector<std::string> words);

}  // namespace hsmreq
