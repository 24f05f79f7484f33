#include "cli/usage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "cli/flags.hpp"

namespace hsmreq::cli {
namespace {

struct FamiliarWord {
    std::string_view word;
    std::string_view ours;
};

/// Words that people bring from openssl, certtool, step and the like, and what they are called here.
constexpr std::array<FamiliarWord, 25> familiar_commands{{
    {"new", "init"},          {"wizard", "init"},    {"setup", "init"},    {"help", "--help"},
    {"version", "--version"}, {"check", "plan"},     {"validate", "plan"}, {"create", "request"},
    {"generate", "request"},  {"csr", "request"},    {"req", "request"},   {"show", "inspect"},
    {"dump", "inspect"},      {"verify", "inspect"}, {"rotate", "renew"},  {"rekey", "renew"},
    {"destroy", "retire"},    {"delete", "retire"},  {"revoke", "retire"}, {"list", "audit"},
    {"expiry", "status"},     {"state", "status"},   {"roots", "trust"},   {"pfx", "export"},
    {"pkcs12", "export"},
}};

constexpr std::array<FamiliarWord, 17> familiar_flags{{
    {"--pin", "--pin-source"},
    {"--user-pin", "--pin-source"},
    {"--password", "--pin-source"},
    {"-p", "--pin-source"},
    {"--output", "--out"},
    {"--outdir", "--out"},
    {"-o", "--out"},
    {"--force", "--replace"},
    {"--overwrite", "--replace"},
    {"-f", "--replace"},
    {"--parallel", "--jobs"},
    {"--threads", "--jobs"},
    {"-j", "--jobs"},
    {"-n", "--dry-run"},
    {"-q", "--quiet"},
    {"-v", "--verbose"},
    {"--no-color", "--color never"},
}};

template <std::size_t N>
std::string familiar(const std::array<FamiliarWord, N>& table, std::string_view word) {
    for (const auto& row : table)
        if (row.word == word) return std::string(row.ours);
    return {};
}

std::string command_list() {
    std::vector<std::string> names;
    for (const auto& command : commands) names.emplace_back(command.name);
    return join(names, ", ");
}

std::string flag_lines(unsigned commands_wanted, bool of_every_command) {
    constexpr std::size_t help_column = 32;
    std::string text;
    for (const auto& flag : flags()) {
        const bool everywhere = flag.commands == every_command;
        if (everywhere != of_every_command || (flag.commands & commands_wanted) == 0) continue;
        const std::string left =
            flag.value.empty() ? fmt::format("  {}", flag.name) : fmt::format("  {} {}", flag.name, flag.value);
        text += fmt::format("{:<{}}{}\n", left, help_column, flag.help);
    }
    return text;
}

}  // namespace

std::string help_text(Command command) {
    const std::string shared = "\nFlags of every command:\n" + flag_lines(every_command, true);
    if (command == Command::none) {
        std::string text =
            "usage: hsmreq COMMAND [FLAGS] OPERAND...\n\n"
            "From one reviewed farm file: keys made inside PKCS#11 tokens, and the\n"
            "certification requests that they sign.\n\nCommands:\n";
        for (const auto& row : commands) text += fmt::format("  {:<12}{}\n", row.name, row.summary);
        return text + shared + "\nhsmreq COMMAND --help shows a command's flags; hsmreq(1) is the manual.\n";
    }
    const auto& row = facts(command);
    std::string text =
        fmt::format("usage: hsmreq {} [FLAGS] {}\n\nPurpose: {}.\n", row.name, row.operands, row.summary);
    const std::string own = flag_lines(bit(row.id), false);
    if (!own.empty()) text += "\nFlags:\n" + own;
    return text + shared + "\nThe manual is hsmreq(1).\n";
}

Error unknown_command(std::string_view word) {
    const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
    Error error{.code = ExitCode::usage, .what = "the first word is not a command"};
    if (plain) error.what = fmt::format("there is no command \"{}\"", word);
    if (word.ends_with(".toml")) {
        error.hint = "a farm file stands after the command: hsmreq plan FARM.toml, or hsmreq request FARM.toml";
        return error;
    }
    std::string meant = familiar(familiar_commands, word);
    if (meant.empty()) {
        std::vector<std::string_view> names;
        for (const auto& command : commands) names.push_back(command.name);
        meant = nearest(word, names);
    }
    error.hint = meant.empty() ? fmt::format("the commands are {}; hsmreq --help explains them", command_list())
                               : fmt::format("did you mean hsmreq {}?", meant);
    return error;
}

Error unknown_flag(std::string_view word, Command command) {
    std::string name(word.substr(0, word.find('=')));
    // After a single dash, anything past the letter may be a value written without a space.
    if (!name.starts_with("--")) name.resize(std::min<std::size_t>(name.size(), 2));
    const std::string owner = command == Command::none ? "hsmreq" : fmt::format("hsmreq {}", facts(command).name);
    Error error{.code = ExitCode::usage};
    error.what = fmt::format("{} has no flag {}", owner, printable(name));

    if (const Flag* known = find_flag(name)) {
        if (command != Command::none && (known->commands & bit(command)) != 0) {
            error.what = fmt::format("{} stands before the command", name);
            error.hint = fmt::format("write it after: {} {} {}", owner, name, known->value);
            return error;
        }
        const Flag* own = find_flag(familiar(familiar_flags, name));
        if (command != Command::none && own != nullptr && (own->commands & bit(command)) != 0) {
            error.hint = fmt::format("did you mean {}?", own->name);
            return error;
        }
        unsigned bits = 0;
        for (const auto& flag : flags())
            if (flag.name == name) bits |= flag.commands;
        std::vector<std::string> owners;
        for (const auto& row : commands)
            if ((bits & bit(row.id)) != 0) owners.push_back(fmt::format("hsmreq {}", row.name));
        error.hint = fmt::format("{} belongs to {} and stands after the command", name, join(owners, ", "));
        return error;
    }
    std::string meant = familiar(familiar_flags, name);
    if (meant.empty()) {
        std::vector<std::string_view> names;
        for (const auto& flag : flags())
            if (command == Command::none || (flag.commands & bit(command)) != 0) names.push_back(flag.name);
        meant = nearest(name, names);
    }
    if (meant == "--pin-source" && !name.starts_with("--pin-"))
        error.hint =
            "a PIN never stands on the command line: use --pin-source with prompt, env:NAME, file:PATH, fd:N, "
            "credential:NAME or none";
    else
        error.hint =
            meant.empty() ? fmt::format("{} --help lists the flags", owner) : fmt::format("did you mean {}?", meant);
    return error;
}

}  // namespace hsmreq::cli
