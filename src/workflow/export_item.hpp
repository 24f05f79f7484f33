// Which key `export` is about, and whether the policy lets it go.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "hsmreq/export.hpp"
#include "hsmreq/farm.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

struct ExportItem {
    std::size_t index = 0;                ///< into Plan::items
    std::vector<std::string> recipients;  ///< the members that receive the request's certificate as a file
    std::vector<Finding> findings;        ///< what the target has no use for
};

/// Errors: ExitCode::usage when the words name no key or several; ExitCode::rules with the policy's reason.
Result<ExportItem> choose_export_item(const Farm& farm, const Plan& plan, const ExportOptions& options);

}  // namespace hsmreq::workflow
