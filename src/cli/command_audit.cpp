#include "cli/commands.hpp"
namespace hsmreq::cli {
ExitCode run_audit(const Arguments&) {
    return ExitCode::internal;
}
}  // namespace hsmreq::cli
