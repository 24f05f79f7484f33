#include "workflow/init_checks.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "farm/values.hpp"
#include "plan/host_name.hpp"
#include "token/pin.hpp"
#include "token/uri.hpp"

namespace hsmreq::workflow::answer {
namespace {

std::optional<Complaint> ours(std::optional<farm::Complaint> complaint) {
    if (!complaint) return std::nullopt;
    return Complaint{std::move(complaint->what), std::move(complaint->hint)};
}

/// The farm file's own check for the same value.
template <farm::Check check>
std::optional<Complaint> by_farm_file(std::string_view text) {
    if (!is_utf8(text)) return Complaint{"bytes that are not UTF-8", "Use a terminal or file in UTF-8."};
    if (auto complaint = ours(farm::no_control_characters(text))) return complaint;
    return ours(check(text));
}

std::string shown(std::string_view text) {
    return fmt::format("\"{}\"", printable(text));
}

std::optional<Complaint> fault_of(std::string_view text, const plan::HostName& name) {
    if (name.faults.empty()) return std::nullopt;
    const auto& [fault, detail] = name.faults.front();
    switch (fault) {
        case plan::NameFault::underscore:
            return Complaint{shown(text) + " has an underscore, which no name in a certificate may have",
                             "Use a name without underscores."};
        case plan::NameFault::label_too_long:
        case plan::NameFault::too_long:
            return Complaint{shown(text) + " is too long for a host name", "63 characters between dots, 253 in all."};
        case plan::NameFault::trailing_dot:
            return Complaint{shown(text) + " ends in a dot", "Leave the final dot out."};
        case plan::NameFault::not_ldh:
            break;
    }
    return Complaint{fmt::format("{} is not a host name: {}", shown(text), detail),
                     "Write it as the clients use it, such as webext.contoso.com."};
}

/// A check of another room whose message does not repeat the value: it may be a PIN.
std::optional<Complaint> without_value(std::string_view text, const Error& error) {
    return ours(farm::foreign_complaint(text, error));
}

}  // namespace

Pair member_and_uri(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == text.npos || text.substr(0, equals).find(':') != text.npos) return {{}, std::string(text)};
    return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Pair name_and_backend(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == text.npos) return {std::string(text), {}};
    return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

Pair domain_and_url(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == text.npos || equals > text.find("://")) return {{}, std::string(text)};
    return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

std::optional<Complaint> text_64(std::string_view text) {
    return by_farm_file<farm::at_most_64>(text);
}
std::optional<Complaint> text_128(std::string_view text) {
    return by_farm_file<farm::at_most_128>(text);
}
std::optional<Complaint> friendly_name(std::string_view text) {
    return by_farm_file<farm::bmp_text>(text);
}
std::optional<Complaint> plain(std::string_view text) {
    return by_farm_file<farm::any_text>(text);
}
std::optional<Complaint> country(std::string_view text) {
    return by_farm_file<farm::country>(text);
}
std::optional<Complaint> identifier(std::string_view text) {
    return by_farm_file<farm::identifier>(text);
}
std::optional<Complaint> member(std::string_view text) {
    return by_farm_file<farm::member_name>(text);
}
std::optional<Complaint> extended_key_usage(std::string_view text) {
    return by_farm_file<farm::extended_key_usage>(text);
}
std::optional<Complaint> file_name(std::string_view text) {
    return by_farm_file<farm::file_name_template>(text);
}

std::optional<Complaint> host_or_address(std::string_view text) {
    if (auto complaint = plain(text)) return complaint;
    if (text.find("://") != text.npos)
        return Complaint{shown(text) + " is a URL, and a host name is wanted", "Write the name alone."};
    return fault_of(text, plan::read_host_name(text));
}

std::optional<Complaint> host(std::string_view text) {
    if (auto complaint = host_or_address(text)) return complaint;
    if (plan::read_host_name(text).type == NameType::ip)
        return Complaint{shown(text) + " is an IP address, and a host name is wanted",
                         "Write the name that clients use."};
    return std::nullopt;
}

std::optional<Complaint> pool(std::string_view text) {
    const auto [name, backend] = name_and_backend(text);
    if (auto complaint = host(name)) return complaint;
    return by_farm_file<farm::host_and_port>(backend);
}

std::optional<Complaint> url(std::string_view text) {
    if (auto complaint = plain(text)) return complaint;
    constexpr std::string_view scheme = "https://";
    if (!to_lower(text).starts_with(scheme) || text.size() == scheme.size())
        return Complaint{shown(text) + " is not an https URL", "Write it whole, such as https://meet.contoso.com."};
    text.remove_prefix(scheme.size());
    return host(text.substr(0, text.find_first_of("/:")));
}

std::optional<Complaint> meet(std::string_view text) {
    const auto [domain, address] = domain_and_url(text);
    if (!domain.empty())
        if (auto complaint = host(domain)) return complaint;
    return url(address);
}

std::optional<Complaint> token_uri(std::string_view text) {
    const auto [name, uri] = member_and_uri(text);
    if (!name.empty())
        if (auto complaint = member(name)) return complaint;
    const auto parsed = token::Uri::parse(uri, token::UriKind::token);
    return parsed ? std::nullopt : without_value(uri, parsed.error());
}

std::optional<Complaint> pin_source(std::string_view text) {
    const auto parsed = token::parse_pin_source(text);
    return parsed ? std::nullopt : without_value(text, parsed.error());
}

}  // namespace hsmreq::workflow::answer
