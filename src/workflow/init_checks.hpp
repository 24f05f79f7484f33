// Checks of single answers, and the parts of those that have some.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "workflow/init_questions.hpp"

namespace hsmreq::workflow::answer {

/// NAME or NAME=REST; a head with a colon is part of the rest.
struct Pair {
    std::string name;
    std::string rest;
};
/// What stands before the '=', when it can be a name; otherwise all is `rest`.
Pair member_and_uri(std::string_view text);
/// FQDN[=BACKEND].
Pair name_and_backend(std::string_view text);
/// [DOMAIN=]URL.
Pair domain_and_url(std::string_view text);

std::optional<Complaint> text_64(std::string_view text);
std::optional<Complaint> text_128(std::string_view text);
std::optional<Complaint> friendly_name(std::string_view text);
std::optional<Complaint> plain(std::string_view text);
std::optional<Complaint> country(std::string_view text);
std::optional<Complaint> host(std::string_view text);
std::optional<Complaint> host_or_address(std::string_view text);
std::optional<Complaint> pool(std::string_view text);
std::optional<Complaint> url(std::string_view text);
std::optional<Complaint> meet(std::string_view text);
std::optional<Complaint> identifier(std::string_view text);
std::optional<Complaint> member(std::string_view text);
std::optional<Complaint> token_uri(std::string_view text);
std::optional<Complaint> pin_source(std::string_view text);
std::optional<Complaint> extended_key_usage(std::string_view text);
std::optional<Complaint> file_name(std::string_view text);

}  // namespace hsmreq::workflow::answer
