#include "x509/object_names.hpp"

#include <array>
#include <utility>

namespace hsmreq::x509 {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 24> names{{
    {oid::subject_alternative_name, "subjectAltName"},
    {oid::key_usage, "keyUsage"},
    {oid::extended_key_usage, "extendedKeyUsage"},
    {oid::subject_key_identifier, "subjectKeyIdentifier"},
    {oid::basic_constraints, "basicConstraints"},
    {"2.5.29.30", "nameConstraints"},
    {oid::crl_distribution_points, "cRLDistributionPoints"},
    {oid::certificate_policies, "certificatePolicies"},
    {oid::authority_key_identifier, "authorityKeyIdentifier"},
    {oid::authority_information_access, "authorityInfoAccess"},
    {oid::signed_certificate_timestamps, "signedCertificateTimestampList"},
    {"2.5.29.18", "issuerAltName"},
    {oid::tls_feature, "tlsFeature"},
    {"1.2.840.113549.1.9.15", "smimeCapabilities"},
    {oid::ad_cs_template, "certificateTemplateName"},
    {oid::ad_cs_template_information, "certificateTemplate"},
    {oid::application_policies, "applicationPolicies"},
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
