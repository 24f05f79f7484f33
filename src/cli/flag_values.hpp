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

// Those of retire; as Flag::apply.
Status set_generation(Arguments& arguments, const std::string& value);
Status set_public_key(Arguments& arguments, const std::string& value);
Status add_listener(Arguments& arguments, const std::string& value);

}  // namespace hsmreq::cli
