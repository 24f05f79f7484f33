// What is said about a command line: help, and which word was probably meant.
#pragma once

#include <string>
#include <string_view>

#include "cli/arguments.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::cli {

/// The text of --help: of the program for Command::none, else of the command.
std::string help_text(Command command);

/// A word where a command should stand. Repeats it only when it can't be a PIN's digits.
Error unknown_command(std::string_view word);

/// A flag that the command does not have; `word` may carry "=VALUE", which is not repeated.
Error unknown_flag(std::string_view word, Command command);

}  // namespace hsmreq::cli
