#include "cli/export_flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "cli/flag_values.hpp"
#include "token/pin.hpp"

namespace hsmreq::cli {
namespace {

constexpr std::size_t longest_provider = 200;

struct Needed {
    std::string_view flag;
    std::string_view why;
};

constexpr std::array<Needed, 4> always_needed{{
    {"--request", "it exports one request's key: name it, hsmreq plan FARM.toml lists them"},
    {"--for",
     "what reads the file decides how it is encrypted: --for windows-server-2019, windows-server-2016, "
     "tmg-2010, lync-edge or haproxy"},
    {"--output", "say which file the key goes to"},
    {"--reason", "say why the key leaves its token; it goes into the evidence"},
}};

}  // namespace

Status set_export_target(Arguments& arguments, const std::string& value) {
    std::vector<std::string_view> words;
    for (const auto& row : export_targets) {
        if (row.name == value) {
            arguments.exporting.target = row.id;
            return {};
        }
        words.push_back(row.name);
    }
    const std::string near = nearest(value, words);
    const std::string known = fmt::format("the words are {}", fmt::join(words, ", "));
    return bad_value(fmt::format("--for does not know \"{}\"", printable(value)),
                     near.empty() ? known : fmt::format("did you mean {}? {}", near, known));
}

/// A value that is not understood may be the password itself, so no part of it appears in the error.
Status set_password_source(Arguments& arguments, const std::string& value) {
    const auto source = token::parse_pin_source(value);
    if (!source || source->kind == token::PinSource::Kind::protected_path)
        return bad_value(
            "--password-source takes the place where the password is, and the value given is no such place",
            "use prompt, env:NAME, file:PATH, fd:N or credential:NAME; if the value was a password, choose "
            "another: a command line is seen by every user of the machine and kept by the shell");
    arguments.exporting.password_source = value;
    return {};
}

Status set_windows_provider(Arguments& arguments, const std::string& value) {
    // From 0xf0 on, a byte begins a character that a BMPString has no place for.
    const bool odd = std::ranges::any_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7f || c >= 0xf0; });
    if (odd || !is_utf8(value) || value.size() > longest_provider)
        return bad_value("--windows-provider is no provider's name",
                         "for example \"Microsoft Software Key Storage Provider\"");
    return set_text(arguments.exporting.windows_provider, "--windows-provider", value);
}

Status check_export_flags(const std::function<bool(std::string_view flag)>& given, const ExportOptions& options) {
    for (const auto& needed : always_needed)
        if (!given(needed.flag))
            return bad_value(fmt::format("hsmreq export needs {}", needed.flag), std::string(needed.why));
    const auto& target = facts(options.target);
    if (target.protection != KeyProtection::none && !given("--password-source"))
        return bad_value(fmt::format("hsmreq export --for {} needs --password-source", target.name),
                         "use prompt, env:NAME, file:PATH, fd:N or credential:NAME");
    if (!target.windows && given("--windows-provider"))
        return bad_value(fmt::format("--windows-provider means nothing to {}", target.title),
                         "leave it out, or export for a Windows server");
    return {};
}

}  // namespace hsmreq::cli
