#include "cli/flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "hsmreq/names.hpp"
#include "token/pin.hpp"

namespace hsmreq::cli {
namespace {

constexpr unsigned max_jobs = 1024;
constexpr unsigned max_timeout_seconds = 86400;
constexpr unsigned max_shards = 1'000'000;
constexpr std::size_t max_reason_bytes = 1000;

Error bad_value(std::string what, std::string hint) {
    return {.code = ExitCode::usage, .what = std::move(what), .hint = std::move(hint)};
}

std::optional<unsigned> whole_number(std::string_view text, unsigned most) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number == 0 || number > most) return std::nullopt;
    return number;
}

Status set_text(std::string& target, std::string_view flag, const std::string& value) {
    if (value.empty()) return bad_value(fmt::format("{} is empty", flag), fmt::format("give {} a value", flag));
    target = value;
    return {};
}

Status set_color(Arguments& arguments, const std::string& value) {
    static constexpr std::array<std::string_view, 3> words{"auto", "always", "never"};
    const auto* const word = std::find(words.begin(), words.end(), value);
    if (word != words.end()) {
        arguments.output.color = static_cast<ColorMode>(word - words.begin());
        return {};
    }
    const std::string near = nearest(value, words);
    return bad_value(fmt::format("--color does not know \"{}\"", printable(value)),
                     near.empty() ? "use auto, always or never"
                                  : fmt::format("did you mean {}? The words are auto, always and never", near));
}

Status set_date(Arguments& arguments, const std::string& value) {
    const auto date = parse_date(value);
    if (!date)
        return bad_value(fmt::format("--date is not a day of the calendar: \"{}\"", printable(value)),
                         "write the day as YYYY-MM-DD, for example 2027-03-01");
    arguments.plan.date = *date;
    return {};
}

Status set_timeout(Arguments& arguments, const std::string& value) {
    const auto seconds = whole_number(value, max_timeout_seconds);
    if (!seconds)
        return bad_value(
            fmt::format("--timeout is not a number of seconds: \"{}\"", printable(value)),
            fmt::format("give whole seconds from 1 to {}; there is no way to wait without end", max_timeout_seconds));
    arguments.request.timeout = std::chrono::seconds{*seconds};
    return {};
}

Status set_jobs(Arguments& arguments, const std::string& value) {
    const auto jobs = whole_number(value, max_jobs);
    if (!jobs)
        return bad_value(fmt::format("--jobs is not a number of sessions: \"{}\"", printable(value)),
                         fmt::format("give a whole number from 1 to {}; 1 works on one request at a time", max_jobs));
    arguments.request.jobs = *jobs;
    return {};
}

Status set_shard(Arguments& arguments, const std::string& value) {
    const auto slash = value.find('/');
    const auto refused = [&](std::string_view hint) {
        return bad_value(fmt::format("--shard is not I/N: \"{}\"", printable(value)), std::string(hint));
    };
    if (slash == std::string::npos) return refused("write which part and of how many, for example --shard 1/4");
    const auto count = whole_number(std::string_view(value).substr(slash + 1), max_shards);
    if (!count) return refused("N is a whole number from 1 on, for example --shard 1/4");
    const auto index = whole_number(std::string_view(value).substr(0, slash), *count);
    if (!index) return refused(fmt::format("I counts from 1 to {0}: the first of {0} is --shard 1/{0}", *count));
    arguments.request.shard = Shard{.index = *index, .count = *count};
    return {};
}

Status add_only(Arguments& arguments, const std::string& value) {
    const auto slash = value.find('/');
    const bool named = !value.empty() && slash != 0 && slash != value.size() - 1;
    if (!named || (slash != std::string::npos && value.find('/', slash + 1) != std::string::npos))
        return bad_value(fmt::format("--only is not REQUEST or REQUEST/MEMBER: \"{}\"", printable(value)),
                         "take the names from hsmreq plan, for example --only reverse-proxy/rp01");
    arguments.request.only.push_back(value);
    return {};
}

Status set_reason(Arguments& arguments, const std::string& value) {
    const bool control = std::any_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (control || !is_utf8(value))
        return bad_value("--reason holds control characters or is not UTF-8", "write the reason as one plain line");
    if (value.size() > max_reason_bytes)
        return bad_value(fmt::format("--reason has {} bytes", value.size()),
                         fmt::format("keep it within {} bytes; a ticket number does", max_reason_bytes));
    return set_text(arguments.request.reason, "--reason", value);
}

bool is_member_name(std::string_view text) {
    const auto part = [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), part);
}

/// A value that is not understood may be the PIN itself, so no part of it appears in the error.
Status add_pin_source(Arguments& arguments, const std::string& value) {
    PinOverride given{.member = {}, .source = value};
    const auto equals = value.find('=');
    if (equals != std::string::npos && is_member_name(std::string_view(value).substr(0, equals)))
        given = {.member = value.substr(0, equals), .source = value.substr(equals + 1)};
    if (!token::parse_pin_source(given.source))
        return bad_value("--pin-source takes the place where the PIN is, and the value given is no such place",
                         "use prompt, env:NAME, file:PATH, fd:N, credential:NAME or none; if the value was a PIN, "
                         "change that PIN: a command line is seen by every user of the machine and kept by the shell");
    for (const auto& other : arguments.request.pin_sources) {
        if (other.member != given.member) continue;
        const std::string who = given.member.empty() ? "all members" : fmt::format("member {}", given.member);
        return bad_value(fmt::format("--pin-source is given twice for {}", who), "keep one of them");
    }
    arguments.request.pin_sources.push_back(std::move(given));
    return {};
}

Status set_ca(Arguments& arguments, const std::string& value) {
    arguments.inspect.ca = from_name<CertificateAuthority>(value);
    if (arguments.inspect.ca) return {};
    std::vector<std::string_view> words;
    for (const auto& row : named<CertificateAuthority>) words.push_back(row.name);
    const std::string near = nearest(value, words);
    const std::string known = "the words are " + fmt::format("{}", fmt::join(words, ", "));
    return bad_value(fmt::format("--ca does not know \"{}\"", printable(value)),
                     near.empty() ? known : fmt::format("did you mean {}? {}", near, known));
}

template <auto Member>
Status switch_output(Arguments& arguments, const std::string&) {
    arguments.output.*Member = true;
    return {};
}

template <auto Member>
Status switch_request(Arguments& arguments, const std::string&) {
    arguments.request.*Member = true;
    return {};
}

constexpr unsigned on_plan = 1U;
constexpr unsigned on_request = 2U;
constexpr unsigned on_inspect = 4U;
constexpr unsigned on_init = 8U;

using Options = RequestOptions;

constexpr std::array<Flag, 32> table{{
    {"--out", "DIR", "where the files go; default ./FARM-requests", on_request, false,
     [](Arguments& a, const std::string& v) { return set_text(a.request.output_directory, "--out", v); }},
    {"--only", "REQUEST[/MEMBER]", "these alone; may be repeated", on_request, true, add_only},
    {"--member", "M", "this member's items alone; also HSMREQ_MEMBER", on_request, false,
     [](Arguments& a, const std::string& v) { return set_text(a.request.member, "--member", v); }},
    {"--shard", "I/N", "the I-th of N parts of the work, I from 1", on_request, false, set_shard},
    {"--jobs", "N", "sessions side by side on each token; default 1", on_request, false, set_jobs},
    {"--dry-run", "", "all, login included, up to the first write", on_request, false,
     switch_request<&Options::dry_run>},
    {"--from-inf", "FILE", "take answers from a certreq policy file", on_init, false,
     [](Arguments& a, const std::string& v) { return set_text(a.init.inf_file, "--from-inf", v); }},
    {"--from-lync", "FILE", "take the topology from Lync's own shell, as JSON", on_init, false,
     [](Arguments& a, const std::string& v) { return set_text(a.init.lync_file, "--from-lync", v); }},
    {"--no-input", "", "ask nothing: flags, files and defaults answer", on_init, false,
     [](Arguments& a, const std::string&) {
         a.no_input = true;
         return Status{};
     }},
    {"--replace", "", "replace files that differ; never a key", on_request | on_init, false,
     switch_request<&Options::replace>},
    {"--repair", "", "remove what an interrupted key generation left", on_request, false,
     switch_request<&Options::repair>},
    {"--keep-going", "", "go on after a failed item; the default", on_request, false,
     [](Arguments&, const std::string&) { return Status{}; }},
    {"--fail-fast", "", "stop at the first failed item", on_request, false, switch_request<&Options::fail_fast>},
    {"--accept-new-keys", "", "go on although --out has items now unplanned", on_request, false,
     switch_request<&Options::accept_new_keys>},
    {"--reason", "TEXT", "why; goes into the evidence", on_request, false, set_reason},
    {"--module", "NAME-OR-PATH", "PKCS#11 module for every member", on_request, false,
     [](Arguments& a, const std::string& v) { return set_text(a.request.module, "--module", v); }},
    {"--pin-source", "[MEMBER=]SOURCE", "prompt, env:, file:, fd:, credential: or none", on_request, true,
     add_pin_source},
    {"--timeout", "SECONDS", "longest wait for one token call; default 120", on_request, false, set_timeout},
    {"--trust-module", "", "load a module whose file others could change", on_request, false,
     switch_request<&Options::trust_module>},
    {"--allow-final-try", "", "log in although a wrong PIN would lock it", on_request, false,
     switch_request<&Options::allow_final_try>},
    {"--allow-ed25519", "", "Ed25519 keys although libp11 fails with them", on_plan | on_request, false,
     [](Arguments& a, const std::string&) {
         a.plan.allow_ed25519 = true;
         return Status{};
     }},
    {"--farm", "FARM", "compare with what this farm file plans", on_inspect, false,
     [](Arguments& a, const std::string& v) { return set_text(a.inspect.farm_file, "--farm", v); }},
    {"--request", "NAME", "with this request of it; default: the best fit", on_inspect, false,
     [](Arguments& a, const std::string& v) { return set_text(a.inspect.request, "--request", v); }},
    {"--ca", "CA", "judge for this CA; default the farm's or public", on_inspect, false, set_ca},
    {"--list-rules", "", "list every rule and CA instead; takes no FILE", on_inspect, false,
     [](Arguments& a, const std::string&) {
         a.list_rules = true;
         return Status{};
     }},
    {"--json", "", "print the result as JSON", every_command, false, switch_output<&OutputFlags::json>},
    {"--quiet", "", "errors only", every_command, false, switch_output<&OutputFlags::quiet>},
    {"--verbose", "", "every detail", every_command, false, switch_output<&OutputFlags::verbose>},
    {"--color", "WHEN", "auto, always or never; default auto", every_command, false, set_color},
    {"--date", "YYYY-MM-DD", "judge dated rules as on that day", every_command, false, set_date},
    {"--help", "", "this text", every_command, false,
     [](Arguments& a, const std::string&) {
         a.help = true;
         return Status{};
     }},
    {"--version", "", "the program's version", every_command, false,
     [](Arguments& a, const std::string&) {
         a.version = true;
         return Status{};
     }},
}};

/// The title, and the words that can be answered where the line holds them.
std::string question_help(const workflow::Question& question) {
    constexpr std::size_t line = 48;
    const auto text = fmt::format("{}: {}", question.title, fmt::join(question.choices, ", "));
    return question.choices.empty() || text.size() > line ? std::string(question.title) : text;
}

/// A question of init as a flag; owns the texts that the row refers to.
struct QuestionFlag {
    const workflow::Question* question;
    std::string name;
    std::string help;

    [[nodiscard]] Flag flag() const {
        return {.name = name,
                .value = question->value,
                .help = help,
                .commands = on_init,
                .repeatable = !question->separators.empty(),
                .question = question->key};
    }
};

const std::vector<QuestionFlag>& question_flags() {
    static const std::vector<QuestionFlag> all = [] {
        std::vector<QuestionFlag> rows;
        for (const auto& question : workflow::init_questions())
            rows.push_back({&question, fmt::format("--{}", question.key), question_help(question)});
        return rows;
    }();
    return all;
}

}  // namespace

std::span<const Flag> flags() {
    static const std::vector<Flag> all = [] {
        std::vector<Flag> rows;
        std::transform(question_flags().begin(), question_flags().end(), std::back_inserter(rows),
                       [](const QuestionFlag& one) { return one.flag(); });
        rows.insert(rows.end(), table.begin(), table.end());
        return rows;
    }();
    return all;
}

const Flag* find_flag(std::string_view name) {
    for (const auto& flag : flags())
        if (flag.name == name) return &flag;
    return nullptr;
}

const CommandFacts* find_command(std::string_view name) {
    for (const auto& command : commands)
        if (command.name == name) return &command;
    return nullptr;
}

const CommandFacts& facts(Command command) {
    for (const auto& row : commands)
        if (row.id == command) return row;
    return commands.front();
}

}  // namespace hsmreq::cli
