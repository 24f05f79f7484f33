// The flags of `export`: their values, and what goes together.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/arguments.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::cli {

// As Flag::apply.
Status set_export_target(Arguments& arguments, const std::string& value);
Status set_password_source(Arguments& arguments, const std::string& value);
Status set_windows_provider(Arguments& arguments, const std::string& value);

/// What is missing or contradicts the target. Errors: ExitCode::usage.
Status check_export_flags(const std::function<bool(std::string_view flag)>& given, const ExportOptions& options);

}  // namespace hsmreq::cli
