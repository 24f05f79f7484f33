// Every command and every flag: one row each, read by the parser, the checks and the help text.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::cli {

struct CommandFacts {
    Command id;
    std::string_view name;
    std::string_view operands;  ///< as the usage line shows them
    std::string_view summary;   ///< one line
    unsigned bit;               ///< in Flag::commands
};

inline constexpr std::array<CommandFacts, 4> commands{{
    {Command::init, "init", "[OUT.toml]", "write a farm file by asking what the Windows wizard asks", 8U},
    {Command::plan, "plan", "FARM", "show the certificates that a farm needs, each name with its reason", 1U},
    {Command::request, "request", "FARM", "make the keys in the tokens and the requests that they sign", 2U},
    {Command::inspect, "inspect", "FILE...", "show a request, certificates or evidence, and what is wrong", 4U},
}};

inline constexpr unsigned every_command = 15U;

const CommandFacts* find_command(std::string_view name);
/// Must not be asked about Command::none.
const CommandFacts& facts(Command command);

struct Flag {
    std::string_view name;   ///< with its dashes
    std::string_view value;  ///< what the value is called in the help; "" for a switch
    std::string_view help;
    unsigned commands;        ///< bits of CommandFacts
    bool repeatable = false;  ///< may be given more than once
    /// Checks one value and stores it. The value of a switch is "". Errors: ExitCode::usage. Null for a question's
    /// flag.
    Status (*apply)(Arguments& arguments, const std::string& value) = nullptr;
    std::string_view question = {};  ///< of init: the question whose answer the values are
};

/// In the order of the help text: those of the questions of init, then the others.
std::span<const Flag> flags();
const Flag* find_flag(std::string_view name);

/// Two flags that contradict each other, and what was probably meant.
struct FlagConflict {
    std::string_view first;
    std::string_view second;
    std::string_view what;
    std::string_view hint;
};

inline constexpr std::array<FlagConflict, 2> flag_conflicts{{
    {"--keep-going", "--fail-fast", "--keep-going and --fail-fast ask for opposite things",
     "leave --keep-going out (it is the default) to stop at the first failure, or --fail-fast out to go on"},
    {"--quiet", "--verbose", "--quiet and --verbose ask for opposite things",
     "use --quiet for errors only, --verbose for every detail, or neither"},
}};

}  // namespace hsmreq::cli
