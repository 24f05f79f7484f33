// What the commands that open tokens have in common around their work.
#pragma once

#include <string>

#include "base/file.hpp"
#include "base/lock.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "token/watchdog.hpp"

namespace hsmreq::workflow {

/// The error that stands for a plan whose findings refuse.
Error refused_by_rules(const Plan& plan);

/// The error for a call into a token that did not come back.
Error call_timed_out(const token::CallTimeout& timeout);

/// --out, or ./FARM-requests.
std::string output_path(const RequestOptions& options, const std::string& farm);

/// A dry run only looks; a missing directory is then as good as an empty one.
Result<OutputDirectory> open_directory(const RequestOptions& options, const std::string& path);

/// The lock between runs on one directory; none on a missing one.
Result<FileLock> lock_directory(const RequestOptions& options, RequestObserver& observer,
                                const OutputDirectory& directory);

}  // namespace hsmreq::workflow
