// The keys that describe certificates and their keys, for the planned request and for further ones.
#pragma once

#include "farm/schema.hpp"
#include "hsmreq/farm.hpp"

namespace hsmreq::farm {

void read_key_usage(const Field& field, CertificateSettings& target);

inline constexpr std::array subject_keys = {
    text<country, &SubjectFields::country>("country"),
    text<at_most_128, &SubjectFields::state>("state"),
    text<at_most_128, &SubjectFields::locality>("locality"),
    text<at_most_64, &SubjectFields::organization>("organization"),
    text<at_most_64, &SubjectFields::organizational_unit>("organizational_unit"),
};

/// What [certificate] and [request.certificate] have in common.
inline constexpr std::array request_certificate_keys = {
    text<bmp_text, &CertificateSettings::friendly_name>("friendly_name"),
    text<any_text, &CertificateSettings::description>("description"),
    table<subject_keys, &CertificateSettings::subject>("subject"),
    Key<CertificateSettings>{"key_usage", read_key_usage},
    list<extended_key_usage, Repeats::refused, &CertificateSettings::extended_key_usage>("extended_key_usage"),
    word<DefaultExtensions, &CertificateSettings::default_extensions>("default_extensions"),
    word<FileFormat, &CertificateSettings::file_format>("file_format"),
    text<file_name_template, &CertificateSettings::file_name>("file_name"),
    text<bmp_text, &CertificateSettings::ad_cs_template>("ad_cs_template"),
};

/// Which certificates the topology gives, and with which names.
inline constexpr std::array planned_certificate_keys = {
    word<Layout, &CertificateSettings::layout>("layout"),
    text<identifier, &CertificateSettings::name>("name"),
    word<SharedNames, &CertificateSettings::shared_names>("shared_names"),
    text<any_text, &CertificateSettings::common_name>("common_name"),
    list<not_empty, Repeats::refused, &CertificateSettings::extra_names>("extra_names"),
    list<not_empty, Repeats::refused, &CertificateSettings::wildcard_for>("wildcard_for"),
};

inline constexpr auto certificate_keys = joined(planned_certificate_keys, request_certificate_keys);

inline constexpr std::array key_keys = {
    word<KeyAlgorithm, &KeySettings::algorithm>("algorithm"),
    word<Hash, &KeySettings::hash>("hash"),
    word<KeyPurpose, &KeySettings::purpose>("purpose"),
    word<PrivateKeyPolicy, &KeySettings::private_key>("private_key"),
    word<Sharing, &KeySettings::sharing>("sharing"),
    text<any_text, &KeySettings::generate_on>("generate_on"),
    text<label_template, &KeySettings::label>("label"),
    validated<&Validators::wrapping_key_uri, &KeySettings::wrapping_key>("wrapping_key"),
};

inline constexpr auto request_key_keys =
    joined(key_keys, std::array{validated<&Validators::object_uri, &KeySettings::uri>("uri")});

inline constexpr std::array request_keys = {
    text<identifier, &RequestEntry::name>("name", "name = \"intranet\""),
    text<any_text, &RequestEntry::common_name>("common_name"),
    list<not_empty, Repeats::refused, &RequestEntry::names>("names"),
    list<member_name, Repeats::refused, &RequestEntry::members>("members"),
    // Before the keys of the request itself, which stand over them.
    table<request_certificate_keys, &RequestEntry::certificate>("certificate"),
    table<request_key_keys, &RequestEntry::key>("key"),
    text<bmp_text, &RequestEntry::certificate, &CertificateSettings::friendly_name>("friendly_name"),
    text<any_text, &RequestEntry::certificate, &CertificateSettings::description>("description"),
    table<subject_keys, &RequestEntry::certificate, &CertificateSettings::subject>("subject"),
    text<file_name_template, &RequestEntry::certificate, &CertificateSettings::file_name>("file_name"),
};

/// Reads [[request]]; each begins with the farm's [certificate] and [key], which must have been read before.
void read_requests(const Field& field, Farm& target);

}  // namespace hsmreq::farm
