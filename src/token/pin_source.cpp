#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "token/pin.hpp"

namespace hsmreq::token {
namespace {

struct KindRow {
    PinSource::Kind kind;
    std::string_view word;  ///< with its colon when an argument follows
    std::string_view argument;
    bool (*accepts)(std::string_view argument);
};

bool is_variable(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool is_path(std::string_view path) {
    return !path.empty() && path.find('\0') == std::string_view::npos;
}

bool is_descriptor(std::string_view text) {
    int number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number >= 0 && text.front() != '-';
}

/// systemd's own rule: a file name.
bool is_credential(std::string_view name) {
    return is_path(name) && name.find('/') == std::string_view::npos && name != "." && name != "..";
}

bool is_nothing(std::string_view argument) {
    return argument.empty();
}

constexpr KindRow kinds[] = {
    {PinSource::Kind::prompt, "prompt", "", is_nothing},
    {PinSource::Kind::protected_path, "none", "", is_nothing},
    {PinSource::Kind::environment, "env:", "a variable's name", is_variable},
    {PinSource::Kind::file, "file:", "a path", is_path},
    {PinSource::Kind::descriptor, "fd:", "a descriptor's number", is_descriptor},
    {PinSource::Kind::credential, "credential:", "a credential's name without slashes", is_credential},
};

Error syntax_error(std::string what, std::string hint) {
    Error error;
    error.code = ExitCode::input;
    error.what = std::move(what);
    error.where = "PIN source";
    error.hint = std::move(hint);
    return error;
}

}  // namespace

Result<PinSource> parse_pin_source(std::string_view text) {
    for (const auto& row : kinds) {
        if (!text.starts_with(row.word)) continue;
        const auto argument = text.substr(row.word.size());
        if (row.accepts(argument)) return PinSource{row.kind, std::string(argument)};
        if (row.argument.empty()) continue;
        return syntax_error(fmt::format("after \"{}\" comes {}", row.word, row.argument), "");
    }
    // The text itself stays out of the message: people have put the PIN where its source belongs.
    return syntax_error("the PIN source is none of the known kinds",
                        "write prompt, env:NAME, file:PATH, fd:N, credential:NAME or none; never the PIN itself");
}

std::string to_text(const PinSource& source) {
    for (const auto& row : kinds)
        if (row.kind == source.kind) return std::string(row.word) + source.argument;
    return {};
}

}  // namespace hsmreq::token
