// The commands, one file each: they call their workflow and show what came of it.
#pragma once

#include "cli/arguments.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::cli {

ExitCode run_init(const Arguments& arguments);
ExitCode run_plan(const Arguments& arguments);
/// request, and renew.
ExitCode run_request(const Arguments& arguments);
ExitCode run_retire(const Arguments& arguments);
ExitCode run_audit(const Arguments& arguments);
ExitCode run_status(const Arguments& arguments);
ExitCode run_trust(const Arguments& arguments);
ExitCode run_inspect(const Arguments& arguments);
ExitCode run_distribute(const Arguments& arguments);
ExitCode run_install(const Arguments& arguments);
ExitCode run_export(const Arguments& arguments);
ExitCode run_prove(const Arguments& arguments);

}  // namespace hsmreq::cli
