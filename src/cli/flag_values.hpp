// Values of flags: how they are read, and what is said of wrong ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/arguments.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::cli {

/// ExitCode::usage.
Error bad_value(std::string what, std::string hint);

/// A number from 1 to `most` and nothing else.
std::optional<unsigned> whole_number(std::string_view text, unsigned most);

/// Stores a text that may not be empty. Errors: ExitCode::usage.
Status set_text(std::string& target, std::string_view flag, const std::string& value);

// As Flag::apply.
Status set_color(Arguments& arguments, const std::string& value);
Status set_date(Arguments& arguments, const std::string& value);
Status set_timeout(Arguments& arguments, const std::string& value);
Status set_server_timeout(Arguments& arguments, const std::string& value);
Status set_format(Arguments& arguments, const std::string& value);
Status set_warn_days(Arguments& arguments, const std::string& value);
Status set_jobs(Arguments& arguments, const std::string& value);
Status set_ca(Arguments& arguments, const std::string& value);
Status set_shard(Arguments& arguments, const std::string& value);
Status add_only(Arguments& arguments, const std::string& value);
Status set_reason(Arguments& arguments, const std::string& value);
Status add_pin_source(Arguments& arguments, const std::string& value);
Status set_generation(Arguments& arguments, const std::string& value);
Status set_public_key(Arguments& arguments, const std::string& value);
Status add_listener(Arguments& arguments, const std::string& value);

}  // namespace hsmreq::cli
