#include "cli/flag_values.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/text.hpp"

namespace hsmreq::cli {
namespace {

constexpr unsigned max_generation = 9999;
constexpr unsigned max_port = 65535;

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

}  // namespace hsmreq::cli
