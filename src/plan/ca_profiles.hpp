// What each certificate authority accepts: one row each, every fact with its source.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/names.hpp"

namespace hsmreq::plan {

template <class T>
struct Sourced {
    T value;
    std::string_view source;  ///< document and clause, or whose page
};

struct CaProfile {
    CertificateAuthority id;
    std::string_view name;  ///< for messages
    bool publicly_trusted;
    bool subject_key_identifier;                 ///< the request asks for it unless the farm file says otherwise
    Sourced<std::array<unsigned, 3>> rsa_sizes;  ///< these alone; all zero for 2048 and more
    Sourced<std::string_view> refused_curve;     ///< FIPS 186 name, "" when it takes P-256, P-384 and P-521
    Sourced<std::size_t> max_names;              ///< in one certificate, 0 for no limit known
    Sourced<std::size_t> duplicate_limit;        ///< certificates for the same names in seven days, 0: none known
    Sourced<bool> refuses_other_names;           ///< e-mail addresses and URIs among the alternative names
    Sourced<std::string_view> reads;             ///< what of a request ends up in the certificate
    Sourced<std::string_view> common_name;       ///< whether it survives
    Sourced<std::string_view> refused_hashes;    ///< in the signatures of requests
    std::optional<std::chrono::year_month_day> client_auth_ends;  ///< from this day on no clientAuth is issued
    bool refuses_client_auth;  ///< from that day on a request for clientAuth is known to be turned down
    std::string_view client_auth_source;
};

inline constexpr std::string_view baseline_keys = "TLS Baseline Requirements 2.2.6, 6.1.5 and 6.1.6";
inline constexpr std::string_view baseline_names = "TLS Baseline Requirements 2.2.6, 7.1.2.7.12";
inline constexpr std::string_view baseline_common_name = "TLS Baseline Requirements 2.2.6, 7.1.4.3";
inline constexpr std::string_view lets_encrypt_keys = "Let's Encrypt: Integration guide, supported key algorithms";
inline constexpr std::string_view lets_encrypt_limits = "Let's Encrypt: Rate limits";
inline constexpr std::string_view lets_encrypt_requests = "Let's Encrypt: Boulder, checks of requests";

inline constexpr std::array<CaProfile, 6> ca_profiles = [] {
    using namespace std::chrono;
    /// What holds for every public CA; a row then says where one is known to differ.
    constexpr CaProfile baseline{
        .id = CertificateAuthority::public_ca,
        .name = "a public CA",
        .publicly_trusted = true,
        .subject_key_identifier = false,
        .rsa_sizes = {{}, baseline_keys},
        .refused_curve = {"", baseline_keys},
        .max_names = {0, ""},
        .duplicate_limit = {0, ""},
        .refuses_other_names = {false, baseline_names},
        .reads = {"differs from CA to CA; the order may override the request", "TLS Baseline Requirements 2.2.6, 4.2"},
        .common_name = {"not recommended; where there is one, a copy of an alternative name of at most 64 characters",
                        baseline_common_name},
        .refused_hashes = {"SHA-1 and older", "NIST SP 800-131A Rev. 2, 3; large CAs take SHA-2 alone"},
        .client_auth_ends = 2027y / March / 15,
        .refuses_client_auth = false,
        .client_auth_source = "Chrome Root Program Policy 1.8 (2026-02-05): serverAuth only from 2027-03-15",
    };
    auto lets_encrypt = baseline;
    lets_encrypt.id = CertificateAuthority::lets_encrypt;
    lets_encrypt.name = "Let's Encrypt";
    lets_encrypt.rsa_sizes = {{2048, 3072, 4096}, lets_encrypt_keys};
    lets_encrypt.refused_curve = {"P-521", lets_encrypt_keys};
    lets_encrypt.max_names = {100, "Let's Encrypt: Rate limits, names per certificate (25 with the short profiles)"};
    lets_encrypt.duplicate_limit = {5, "Let's Encrypt: Rate limits, certificates per exact set of identifiers"};
    lets_encrypt.refuses_other_names = {true, lets_encrypt_requests};
    lets_encrypt.reads = {"key, DNS names, IP addresses and common name; nothing else", lets_encrypt_requests};
    lets_encrypt.common_name = {"kept by the classic profile, dropped by the short ones", "Let's Encrypt: Profiles"};
    lets_encrypt.refused_hashes = {"SHA-1 and older", lets_encrypt_requests};
    lets_encrypt.client_auth_ends = 2026y / July / 8;
    lets_encrypt.refuses_client_auth = true;
    lets_encrypt.client_auth_source = "Let's Encrypt: no clientAuth since 2026-07-08";
    auto google = baseline;
    google.id = CertificateAuthority::google;
    google.name = "Google Trust Services";
    google.client_auth_ends = 2026y / April / 13;
    google.refuses_client_auth = true;
    google.client_auth_source =
        "Google Trust Services: requests with clientAuth are answered badCSR since the week of 2026-04-13";
    auto digicert = baseline;
    digicert.id = CertificateAuthority::digicert;
    digicert.name = "DigiCert";
    digicert.reads = {"key, domain and country; the rest comes from the order", "DigiCert: Create a CSR"};
    digicert.client_auth_ends = 2027y / March / 1;
    digicert.client_auth_source = "DigiCert: clientAuth on request until 2027-03-01";
    auto sectigo = baseline;
    sectigo.id = CertificateAuthority::sectigo;
    sectigo.name = "Sectigo";
    sectigo.client_auth_ends = 2026y / May / 15;
    sectigo.client_auth_source = "Sectigo's own page: 2026-05-15 (resellers name 2027-02-10, unconfirmed)";
    auto own = baseline;
    own.id = CertificateAuthority::private_ca;
    own.name = "a private CA";
    own.publicly_trusted = false;
    own.subject_key_identifier = true;
    own.rsa_sizes.source = own.refused_curve.source = own.refuses_other_names.source = "its own policy";
    own.reads = {"what its templates say", "its own policy"};
    own.common_name = {"as its templates say", "its own policy"};
    own.refused_hashes = {"SHA-1 and older", "NIST SP 800-131A Rev. 2, 3"};
    own.client_auth_ends = std::nullopt;
    own.client_auth_source = "its own policy";
    return std::array<CaProfile, 6>{{baseline, lets_encrypt, google, digicert, sectigo, own}};
}();

/// Never fails: every enumerator has a row.
constexpr const CaProfile& profile(CertificateAuthority ca) {
    for (const auto& row : ca_profiles)
        if (row.id == ca) return row;
    return ca_profiles.front();
}

/// True while the CA puts clientAuth into certificates it issues on `date`.
constexpr bool issues_client_auth(const CaProfile& ca, std::chrono::year_month_day date) {
    return !ca.client_auth_ends || date < *ca.client_auth_ends;
}

/// True when the CA takes RSA keys of so many bits.
constexpr bool takes_rsa_size(const CaProfile& ca, unsigned bits) {
    if (ca.rsa_sizes.value.front() == 0) return true;
    for (const unsigned size : ca.rsa_sizes.value)
        if (size == bits) return true;
    return false;
}

/// A fact of a profile for people to read.
struct CaFact {
    std::string topic;
    std::string value;
    std::string source;
};

/// Everything the row says, in its order.
std::vector<CaFact> describe(const CaProfile& ca);

}  // namespace hsmreq::plan
