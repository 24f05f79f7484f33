// Checks of single values: syntax only, what a name or URL means is for the plan's rules.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "farm/source.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::farm {

/// What is wrong with a text; nothing when it will do. Control characters were refused before.
using Check = std::optional<Complaint> (*)(std::string_view);

std::optional<Complaint> any_text(std::string_view text);
std::optional<Complaint> not_empty(std::string_view text);
/// Farm and request names, also certificate.name.
std::optional<Complaint> identifier(std::string_view text);
/// The same without dots.
std::optional<Complaint> member_name(std::string_view text);
/// host[:port], an IPv6 address in brackets; or nothing.
std::optional<Complaint> host_and_port(std::string_view text);
/// [address]:port.
std::optional<Complaint> listen_address(std::string_view text);
/// Two letters (ISO 3166-1, which X.520 makes a PrintableString), or nothing.
std::optional<Complaint> country(std::string_view text);
/// At most 64 or 128 characters: the upper bounds of X.520 (RFC 5280, appendix A.1).
std::optional<Complaint> at_most_64(std::string_view text);
std::optional<Complaint> at_most_128(std::string_view text);
/// Nothing outside the Basic Multilingual Plane, which is all a BMPString holds.
std::optional<Complaint> bmp_text(std::string_view text);
/// A word of RFC 5280, section 4.2.1.12, or a dotted OID.
std::optional<Complaint> extended_key_usage(std::string_view text);
std::optional<Complaint> file_name_template(std::string_view text);
std::optional<Complaint> label_template(std::string_view text);
std::optional<Complaint> meet_pattern(std::string_view text);
/// A finding that may be accepted: never one about policy, keys or the request itself.
std::optional<Complaint> acceptable_finding(std::string_view text);
/// A calendar day, YYYY-MM-DD.
std::optional<Complaint> calendar_day(std::string_view text);

std::optional<Complaint> no_control_characters(std::string_view text);

/// Another room's error as a complaint that does not repeat the value: it may be a PIN.
Complaint foreign_complaint(std::string_view value, const Error& error);

}  // namespace hsmreq::farm
