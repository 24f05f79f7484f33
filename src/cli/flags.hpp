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

/// A command's place in Flag::commands. Not for Command::none.
constexpr unsigned bit(Command command) {
    return 1U << (static_cast<unsigned>(command) - 1);
}

struct CommandFacts {
    Command id;
    std::string_view name;
    std::string_view operands;  ///< as the usage line shows them
    std::string_view summary;   ///< one line
};

inline constexpr auto commands = std::to_array<CommandFacts>({
    {Command::init, "init", "[OUT.toml]", "write a farm file by asking what the Windows wizard asks"},
    {Command::plan, "plan", "FARM", "show the certificates that a farm needs, each name with its reason"},
    {Command::request, "request", "FARM", "make the keys in the tokens and the requests that they sign"},
    {Command::inspect, "inspect", "FILE...", "show a request, certificates or evidence, and what is wrong"},
    {Command::install, "install", "FARM CERT...", "put the CA's certificates to their keys, and beside the requests"},
    {Command::prove, "prove", "FARM", "show that certificates and token keys serve TLS together"},
    {Command::distribute, "distribute", "[offer|seal|accept] FARM [FILE]",
     "bring a shared key to the other members' tokens"},
    {Command::export_key, "export", "FARM", "take an exportable key out of its token, into a PFX or PEM file"},
    {Command::renew, "renew", "FARM", "make the next generation of keys and their requests"},
    {Command::retire, "retire", "FARM", "destroy the key of an older generation, and its certificate"},
    {Command::audit, "audit", "FARM | --token URI", "compare the keys in the tokens with the farm's policy"},
    {Command::status, "status", "FARM", "show where the certificates stand, and what is to be done next"},
    {Command::trust, "trust", "FARM", "check the servers behind the proxy against the internal roots"},
});

inline constexpr unsigned every_command = [] {
    unsigned all = 0;
    for (const auto& row : commands) all |= bit(row.id);
    return all;
}();

const CommandFacts* find_command(std::string_view name);
/// Must not be asked about Command::none.
const CommandFacts& facts(Command command);

struct Flag {
    std::string_view name;   ///< with its dashes
    std::string_view value;  ///< what the value is called in the help; "" for a switch
    std::string_view help;
    unsigned commands;        ///< bits of commands
    bool repeatable = false;  ///< may be given more than once
    /// Checks one value and stores it. The value of a switch is "". Errors: ExitCode::usage. Null for a question's
    /// flag.
    Status (*apply)(Arguments& arguments, const std::string& value) = nullptr;
    std::string_view question = {};  ///< of init: the question whose answer the values are
};

/// Those that answer no question of init.
std::span<const Flag> plain_flags();
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

inline constexpr auto flag_conflicts = std::to_array<FlagConflict>({
    {"--all", "--public-key", "--all leaves nothing, and --public-key picks one of two keys",
     "use --public-key to remove one of two keys, or --all for every trace of the request's key"},
    {"--files-only", "--private", "--files-only and --private ask for opposite things",
     "--private logs in to the tokens, and --files-only opens none: keep one of them"},
    {"--keep-going", "--fail-fast", "--keep-going and --fail-fast ask for opposite things",
     "leave --keep-going out (it is the default) to stop at the first failure, or --fail-fast out to go on"},
    {"--quiet", "--verbose", "--quiet and --verbose ask for opposite things",
     "use --quiet for errors only, --verbose for every detail, or neither"},
});

}  // namespace hsmreq::cli
