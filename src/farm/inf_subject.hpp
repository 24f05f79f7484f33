// The Subject of a certreq file: an X.500 name as Windows writes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hsmreq::farm {

/// How X500NameFlags changes the reading (wincrypt.h, CERT_NAME_STR_*).
struct NameFlags {
    bool semicolon_only = false;  ///< only ';' separates
    bool no_plus = false;         ///< '+' is an ordinary character
    bool no_quoting = false;      ///< quotes are ordinary characters
};

/// The flags' numeric or symbolic form, joined by '|' or ','; words that are not known change nothing.
NameFlags name_flags(std::string_view text);

struct NamePart {
    std::string type;  ///< upper case, such as "CN", or a dotted OID
    std::string value;
};

/// The parts in the order they are written; values of multi-valued parts follow each other. Nothing when a part is not
/// TYPE=VALUE or a quote stays open. An empty name has no parts.
std::optional<std::vector<NamePart>> parse_name(std::string_view text, NameFlags flags);

}  // namespace hsmreq::farm
