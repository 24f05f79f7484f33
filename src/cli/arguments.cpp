#include "cli/arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "cli/distribute_step.hpp"
#include "cli/export_flags.hpp"
#include "cli/flags.hpp"
#include "cli/usage.hpp"

namespace hsmreq::cli {
namespace {

using Words = std::vector<std::string>;

/// What the parser made of the words, nothing judged yet.
struct Parsed {
    Command command = Command::none;
    std::map<std::string_view, Words> given;  ///< by Flag::name
    Words rest;                               ///< neither command nor known flag, in order
    Words operands;                           ///< what stood after "--"
};

Error usage(std::string what, std::string hint) {
    return {.code = ExitCode::usage, .what = std::move(what), .hint = std::move(hint)};
}

/// Unlike the parser's own rule, "--flag=" does not take the next word for its value.
Status refuse_empty_values(const Words& words) {
    for (const auto& word : words) {
        if (!word.starts_with("--") || word.find('=') != word.size() - 1) continue;
        const std::string name = word.substr(0, word.size() - 1);
        if (find_flag(name) != nullptr)
            return usage(fmt::format("{} is empty", name), fmt::format("give {} a value, or leave it out", name));
    }
    return {};
}

/// The parser counted a flag's values and was not content: a switch with a value, or a last word without one.
Error mismatch(const Words& words) {
    for (const auto& word : words) {
        const auto equals = word.find('=');
        const Flag* flag = equals == std::string::npos ? nullptr : find_flag(word.substr(0, equals));
        if (flag != nullptr && flag->value.empty())
            return usage(fmt::format("{} takes no value", flag->name), fmt::format("write {} alone", flag->name));
    }
    const Flag* last = words.empty() ? nullptr : find_flag(words.back());
    if (last == nullptr) return usage("the command line can't be understood", "hsmreq --help shows how it is written");
    return usage(fmt::format("{} needs a value", last->name),
                 fmt::format("write {} {}: {}", last->name, last->value, last->help));
}

using DeclaredFlags = std::map<std::string_view, CLI::Option*>;

void declare(CLI::App& app, unsigned command_bits, DeclaredFlags& declared) {
    for (const auto& flag : flags()) {
        if (flag.commands != command_bits &&
            (command_bits == every_command || flag.commands == every_command || (flag.commands & command_bits) == 0))
            continue;
        const std::string names = flag.name == "--help" ? "-h,--help" : std::string(flag.name);
        if (flag.value.empty())
            declared[flag.name] = app.add_flag(names)->disable_flag_override();
        else
            declared[flag.name] = app.add_option(names, [](const CLI::results_t&) { return true; })
                                      ->expected(1)
                                      ->allow_extra_args(false)
                                      ->take_all();
    }
}

void collect(const DeclaredFlags& declared, Parsed& parsed) {
    for (const auto& [name, option] : declared) {
        if (option->count() == 0) continue;
        const bool is_switch = find_flag(name)->value.empty();
        parsed.given[name] = is_switch ? Words(option->count()) : option->results();
    }
}

/// Sorts the words with CLI11. Values come out as they were typed; conversion and judgement are ours, so that the
/// parser's own messages, which repeat values, are never shown.
Result<Parsed> sort_words(Words words) {
    Parsed parsed;
    const auto marker = std::find(words.begin(), words.end(), "--");
    if (marker != words.end()) parsed.operands.assign(marker + 1, words.end());
    words.erase(marker, words.end());
    TRY(refuse_empty_values(words));

    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    app.require_subcommand(0, 1);
    DeclaredFlags everywhere;
    declare(app, every_command, everywhere);
    std::map<const CLI::App*, DeclaredFlags> own;
    for (const auto& command : commands) {
        auto* sub = app.add_subcommand(std::string(command.name))->fallthrough();
        sub->set_help_flag();
        declare(*sub, bit(command.id), own[sub]);
    }
    try {
        app.parse(Words(words.rbegin(), words.rend()));
    } catch (const CLI::Error&) {
        return mismatch(words);
    }
    collect(everywhere, parsed);
    for (const auto* sub : app.get_subcommands()) {
        parsed.command = find_command(sub->get_name())->id;
        collect(own[sub], parsed);
    }
    parsed.rest = app.remaining();
    return parsed;
}

bool looks_like_flag(std::string_view word) {
    return word.size() > 1 && word.front() == '-';
}

Status refuse_unknown_words(const Parsed& parsed) {
    for (const auto& word : parsed.rest) {
        if (looks_like_flag(word)) return unknown_flag(word, parsed.command);
        if (parsed.command == Command::none) return unknown_command(word);
    }
    return {};
}

Status apply_flags(const Parsed& parsed, Arguments& arguments) {
    const unsigned own = parsed.command == Command::none ? every_command : bit(parsed.command);
    for (const auto& flag : flags()) {
        const auto found = parsed.given.find(flag.name);
        // One name may be another command's flag, too, and mean something else there.
        if (found == parsed.given.end() || (flag.commands & own) == 0) continue;
        const Words& values = found->second;
        if (values.size() > 1 && !flag.repeatable && !flag.value.empty())
            return usage(fmt::format("{} is given {} times", flag.name, values.size()), "keep one of them");
        for (const auto& value : values) {
            if (find_flag(value) != nullptr)
                return usage(fmt::format("{} needs a value, and {} is a flag", flag.name, value),
                             fmt::format("write {} {}", flag.name, flag.value));
            if (flag.apply != nullptr) TRY(flag.apply(arguments, value));
        }
        if (!flag.question.empty()) arguments.init.given.emplace_back(flag.question, values);
    }
    return {};
}

Status refuse_conflicts(const Parsed& parsed) {
    for (const auto& conflict : flag_conflicts)
        if (parsed.given.contains(conflict.first) && parsed.given.contains(conflict.second))
            return usage(std::string(conflict.what), std::string(conflict.hint));
    return {};
}

Status take_init_operand(Words operands, Arguments& arguments) {
    if (operands.size() > 1)
        return usage(fmt::format("hsmreq init writes one farm file, and {} words are given", operands.size()),
                     "put a value with blanks into quotes; a flag's value stands right after its flag");
    if (!operands.empty()) arguments.init.output = std::move(operands.front());
    arguments.init.date = arguments.plan.date;
    arguments.init.replace = arguments.request.replace;
    return {};
}

/// All but the farm file, which stays among the operands.
Status take_certificates(Words& operands, InstallOptions& install) {
    if (operands.size() < 2)
        return usage("hsmreq install needs a farm file and the certificates for it",
                     "name both: hsmreq install FARM.toml CERT...; - stands for standard input");
    install.files.assign(operands.begin() + 1, operands.end());
    operands.resize(1);
    if (std::count(install.files.begin(), install.files.end(), "-") > 1)
        return usage("- stands for standard input, which can be read only once", "name - once");
    return {};
}

/// Operands that are too many are counted, not repeated: one of them may be a PIN behind a forgotten flag.
Status take_operands(const Parsed& parsed, Arguments& arguments) {
    Words operands = parsed.rest;
    operands.insert(operands.end(), parsed.operands.begin(), parsed.operands.end());
    const std::string command(facts(arguments.command).name);
    if (std::find(operands.begin(), operands.end(), "") != operands.end())
        return usage("a file name is empty", "check the variable that should hold it");

    if (arguments.command == Command::inspect) {
        if (arguments.list_rules) {
            if (operands.empty()) return {};
            return usage("--list-rules lists every rule and looks at no file",
                         "leave the file out, or leave --list-rules out to judge the file");
        }
        if (operands.empty())
            return usage("hsmreq inspect needs a file", "name one or more files, or - for standard input");
        if (std::count(operands.begin(), operands.end(), "-") > 1)
            return usage("- stands for standard input, which can be read only once", "name - once");
        arguments.inspect.files = std::move(operands);
        if (!arguments.inspect.request.empty() && arguments.inspect.farm_file.empty())
            return usage("--request names a request of a farm, and no farm is given",
                         "add --farm FARM.toml, or leave --request out");
        return {};
    }
    if (arguments.command == Command::init) return take_init_operand(std::move(operands), arguments);
    if (arguments.command == Command::install) TRY(take_certificates(operands, arguments.install));
    if (arguments.command == Command::distribute && !parsed.rest.empty())
        TRY(take_step(operands, arguments.distribute));
    if (!arguments.token_uri.empty()) {
        if (operands.empty()) return {};
        return usage("--token and a farm file are both given",
                     "audit the farm's keys with a farm file, or every key of a token with --token URI");
    }
    if (operands.empty())
        return usage(fmt::format("hsmreq {} needs a farm file", command),
                     fmt::format("name it: hsmreq {} FARM.toml", command));
    if (operands.size() > 1)
        return usage(fmt::format("hsmreq {} takes one farm file, and {} words are given", command, operands.size()),
                     "run it once for each farm; a flag's value stands right after its flag");
    arguments.farm_file = std::move(operands.front());
    return {};
}

/// What all commands that open tokens have in common.
void fill_request(Arguments& arguments) {
    auto& request = arguments.request;
    request.farm_file = arguments.farm_file;
    request.plan = arguments.plan;
    const char* member = std::getenv("HSMREQ_MEMBER");
    if (request.member.empty() && member != nullptr) request.member = member;
    if (arguments.command == Command::renew && request.renewal == Renewal::none) request.renewal = Renewal::new_key;
    arguments.retire.run = request;
    arguments.status.run = request;
    arguments.trust.run = request;
    arguments.install.run = request;
}

Status require_flags(const Parsed& parsed) {
    if (parsed.given.contains("--token") && !parsed.given.contains("--module"))
        return usage("--token needs --module", "no farm file says which PKCS#11 module leads to the token: name it");
    if (const auto format = parsed.given.find("--format");
        format != parsed.given.end() && parsed.given.contains("--json") && format->second.front() != "json")
        return usage(fmt::format("--json and --format {} ask for different things", format->second.front()),
                     "--json is --format json: keep one of them");
    if (parsed.command != Command::retire) return {};
    for (const std::string_view name : {"--request", "--generation"})
        if (!parsed.given.contains(name))
            return usage(fmt::format("hsmreq retire needs {}", name),
                         "it destroys one generation of one request's key: hsmreq retire FARM.toml --request NAME "
                         "--generation N");
    return {};
}

}  // namespace

Result<Arguments> parse_arguments(std::span<const char* const> words) {
    TRY_ASSIGN(const Parsed parsed, sort_words(Words(words.begin(), words.end())));
    Arguments arguments;
    arguments.command = parsed.command;
    arguments.plan.date = today();
    arguments.help = parsed.given.contains("--help");
    arguments.version = parsed.given.contains("--version");
    if (arguments.help || (arguments.version && parsed.command == Command::none && parsed.rest.empty()))
        return arguments;

    TRY(refuse_unknown_words(parsed));
    TRY(refuse_conflicts(parsed));
    TRY(apply_flags(parsed, arguments));
    if (arguments.version) return arguments;
    if (arguments.command == Command::none)
        return usage("no command is given", "hsmreq init, plan, request and others; hsmreq --help explains them");
    TRY(take_operands(parsed, arguments));
    TRY(require_flags(parsed));
    fill_request(arguments);
    const auto given = [&](std::string_view flag) { return parsed.given.contains(flag); };
    if (arguments.command == Command::export_key) {
        arguments.exporting.run = arguments.request;
        TRY(check_export_flags(given, arguments.exporting));
    }
    if (arguments.command == Command::distribute) {
        arguments.distribute.run = arguments.request;
        TRY(check_step_flags(given, arguments.distribute));
    }
    return arguments;
}

bool asks_for_json(std::span<const char* const> words) {
    std::string_view before;
    for (const std::string_view word : words) {
        if (word == "--json" || word == "--format=json" || (before == "--format" && word == "json")) return true;
        if (word == "--") return false;
        before = word;
    }
    return false;
}

}  // namespace hsmreq::cli
