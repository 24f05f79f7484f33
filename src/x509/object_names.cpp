#include "x509/object_names.hpp"

#include <array>
#include <utility>

namespace hsmreq::x509 {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 21> names{{
    {oid::subject_alternative_name, "subjectAltName"},
    {oid::key_usage, "keyUsage"},
    {oid::extended_key_usage, "extendedKeyUsage"},
    {oid::subject_key_identifier, "subjectKeyIdentifier"},
    {"2.5.29.19", "basicConstraints"},
    {"2.5.29.30", "nameConstraints"},
    {"2.5.29.31", "cRLDistributionPoints"},
    {"2.5.29.32", "certificatePolicies"},
    {"2.5.29.35", "authorityKeyIdentifier"},
    {"1.3.6.1.5.5.7.1.24", "tlsFeature"},
    {"1.2.840.113549.1.9.15", "smimeCapabilities"},
    {oid::ad_cs_template, "certificateTemplateName"},
    {"1.3.6.1.4.1.311.21.7", "certificateTemplate"},
    {"1.3.6.1.4.1.311.21.10", "applicationPolicies"},
    {oid::extension_request, "extensionRequest"},
    {oid::microsoft_extension_request, "microsoftExtensionRequest"},
    {oid::challenge_password, "challengePassword"},
    {oid::unstructured_name, "unstructuredName"},
    {oid::os_version, "osVersion"},
    {oid::cryptographic_provider, "cryptographicProvider"},
    {oid::client_information, "clientInformation"},
}};

}  // namespace

std::string object_name(std::string_view identifier) {
    for (const auto& [known, name] : names)
        if (known == identifier) return std::string(name);
    return std::string(identifier);
}

}  // namespace hsmreq::x509
