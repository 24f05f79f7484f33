// The object identifiers that requests and certificates carry and the names under which they are shown.
#pragma once

#include <string>
#include <string_view>

namespace hsmreq::x509 {

namespace oid {
inline constexpr std::string_view subject_alternative_name = "2.5.29.17";
inline constexpr std::string_view key_usage = "2.5.29.15";
inline constexpr std::string_view extended_key_usage = "2.5.29.37";
inline constexpr std::string_view subject_key_identifier = "2.5.29.14";
inline constexpr std::string_view basic_constraints = "2.5.29.19";
inline constexpr std::string_view crl_distribution_points = "2.5.29.31";
inline constexpr std::string_view certificate_policies = "2.5.29.32";
inline constexpr std::string_view authority_key_identifier = "2.5.29.35";
inline constexpr std::string_view authority_information_access = "1.3.6.1.5.5.7.1.1";
inline constexpr std::string_view signed_certificate_timestamps = "1.3.6.1.4.1.11129.2.4.2";
inline constexpr std::string_view application_policies = "1.3.6.1.4.1.311.21.10";
inline constexpr std::string_view ad_cs_template_information = "1.3.6.1.4.1.311.21.7";
inline constexpr std::string_view tls_feature = "1.3.6.1.5.5.7.1.24";
inline constexpr std::string_view ad_cs_template = "1.3.6.1.4.1.311.20.2";

inline constexpr std::string_view extension_request = "1.2.840.113549.1.9.14";
inline constexpr std::string_view microsoft_extension_request = "1.3.6.1.4.1.311.2.1.14";
inline constexpr std::string_view challenge_password = "1.2.840.113549.1.9.7";
inline constexpr std::string_view unstructured_name = "1.2.840.113549.1.9.2";
inline constexpr std::string_view os_version = "1.3.6.1.4.1.311.13.2.3";
inline constexpr std::string_view cryptographic_provider = "1.3.6.1.4.1.311.13.2.2";
inline constexpr std::string_view client_information = "1.3.6.1.4.1.311.21.20";
}  // namespace oid

/// The name of an extension or attribute, or the identifier itself when it has none. Our own table, because OpenSSL's
/// names differ between its releases.
std::string object_name(std::string_view identifier);

}  // namespace hsmreq::x509
