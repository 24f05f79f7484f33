// Extended key usages: words and object identifiers.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace hsmreq::plan {

struct ExtendedKeyUsage {
    std::string_view word;
    std::string_view oid;
};

inline constexpr std::string_view server_auth_oid = "1.3.6.1.5.5.7.3.1";
inline constexpr std::string_view client_auth_oid = "1.3.6.1.5.5.7.3.2";

/// RFC 5280, 4.2.1.12.
inline constexpr std::array<ExtendedKeyUsage, 7> extended_key_usages{{
    {"serverAuth", server_auth_oid},
    {"clientAuth", client_auth_oid},
    {"codeSigning", "1.3.6.1.5.5.7.3.3"},
    {"emailProtection", "1.3.6.1.5.5.7.3.4"},
    {"timeStamping", "1.3.6.1.5.5.7.3.8"},
    {"OCSPSigning", "1.3.6.1.5.5.7.3.9"},
    {"anyExtendedKeyUsage", "2.5.29.37.0"},
}};

/// The dotted OID for a word of the table or for a well-formed dotted OID (X.660: first arc 0 to 2, second below 40
/// under 0 and 1); nothing otherwise.
std::optional<std::string> extended_key_usage_oid(std::string_view word_or_oid);

}  // namespace hsmreq::plan
