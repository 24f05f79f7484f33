#include "cli/flag_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "hsmreq/names.hpp"
#include "token/pin.hpp"

namespace hsmreq::cli {
namespace {

constexpr unsigned max_generation = 9999;
constexpr unsigned max_shards = 1'000'000;
constexpr std::size_t max_reason_bytes = 1000;
constexpr unsigned max_port = 65535;
constexpr unsigned max_jobs = 1024;
constexpr unsigned max_timeout_seconds = 86400;
constexpr unsigned max_warn_days = 3650;

/// The word's index. Errors: ExitCode::usage, with the nearest one.
Result<std::size_t> choose_word(std::string_view flag, const std::string& value,
                                std::span<const std::string_view> words) {
    const auto word = std::ranges::find(words, value);
    if (word != words.end()) return static_cast<std::size_t>(word - words.begin());
    const std::string near = nearest(value, words);
    const std::string first = fmt::format("{}", fmt::join(words.first(words.size() - 1), ", "));
    return bad_value(fmt::format("{} does not know \"{}\"", flag, printable(value)),
                     near.empty() ? fmt::format("use {} or {}", first, words.back())
                                  : fmt::format("did you mean {}? The words are {} and {}", near, first, words.back()));
}

Result<std::chrono::seconds> read_timeout(const std::string& value) {
    const auto seconds = whole_number(value, max_timeout_seconds);
    if (seconds) return std::chrono::seconds{*seconds};
    return bad_value(
        fmt::format("--timeout is not a number of seconds: \"{}\"", printable(value)),
        fmt::format("give whole seconds from 1 to {}; there is no way to wait without end", max_timeout_seconds));
}

}  // namespace

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
    TRY_ASSIGN(const std::size_t index, choose_word("--color", value, words));
    arguments.output.color = static_cast<ColorMode>(index);
    return {};
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
    TRY_ASSIGN(arguments.request.timeout, read_timeout(value));
    return {};
}

Status set_server_timeout(Arguments& arguments, const std::string& value) {
    TRY_ASSIGN(arguments.trust.timeout, read_timeout(value));
    return {};
}

Status set_warn_days(Arguments& arguments, const std::string& value) {
    const auto days = whole_number(value, max_warn_days);
    if (!days)
        return bad_value(fmt::format("--warn-days is not a number of days: \"{}\"", printable(value)),
                         fmt::format("give whole days from 1 to {}; left out, a third of the certificate's lifetime "
                                     "counts",
                                     max_warn_days));
    arguments.status.warn_days = arguments.trust.warn_days = std::chrono::days{*days};
    return {};
}

Status set_format(Arguments& arguments, const std::string& value) {
    static constexpr std::array<std::string_view, 3> words{"text", "json", "prometheus"};
    TRY_ASSIGN(const std::size_t index, choose_word("--format", value, words));
    if (words[index] == "json") arguments.output.json = true;
    arguments.output.metrics = words[index] == "prometheus";
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

Status set_generation(Arguments& arguments, const std::string& value) {
    const auto number = whole_number(value, max_generation);
    if (!number)
        return bad_value(
            fmt::format("--generation is not a number of a generation: \"{}\"", printable(value)),
            fmt::format("generations count from 1 and end at {}; hsmreq audit lists them", max_generation));
    arguments.retire.generation = *number;
    return {};
}

Status set_public_key(Arguments& arguments, const std::string& value) {
    const std::string hash = to_lower(value);
    if (hash.size() != 64 || hash.find_first_not_of("0123456789abcdef") != std::string::npos)
        return bad_value("--public-key is not a SHA-256 in hexadecimal (64 digits)",
                         "take it from the error key.ambiguous, or from hsmreq audit");
    arguments.retire.public_key_sha256 = hash;
    return {};
}

/// The last colon parts host and port; an IPv6 address stands in brackets.
Status add_listener(Arguments& arguments, const std::string& value) {
    const auto colon = value.rfind(':');
    std::string host = value.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const bool has_port =
        colon != std::string::npos && whole_number(std::string_view(value).substr(colon + 1), max_port);
    if (!has_port || host.empty() || (!bracketed && host.find(':') != std::string::npos))
        return bad_value(fmt::format("--listener is not HOST:PORT: \"{}\"", printable(value)),
                         "for example --listener 192.0.2.10:443, or --listener [2001:db8::10]:443");
    arguments.retire.listeners.push_back({std::move(host), value.substr(colon + 1)});
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

}  // namespace hsmreq::cli
