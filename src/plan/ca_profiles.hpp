// What each certificate authority accepts: one row each.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "hsmreq/names.hpp"

namespace hsmreq::plan {

struct CaProfile {
    CertificateAuthority id;
    std::string_view name;  ///< for messages
    bool publicly_trusted;
    bool subject_key_identifier;  ///< the request asks for it unless the farm file says otherwise
    std::size_t max_names;        ///< names in one certificate, 0 for no limit known
    std::string_view refused_curve;
    std::optional<std::chrono::year_month_day> client_auth_ends;  ///< from this day on no clientAuth is issued
    bool refuses_client_auth;  ///< from that day on a request for clientAuth is known to be turned down
    std::string_view client_auth_source;
};

inline constexpr std::array<CaProfile, 6> ca_profiles = [] {
    using namespace std::chrono;
    return std::array<CaProfile, 6>{{
        {CertificateAuthority::public_ca, "a public CA", true, false, 0, "", 2027y / March / 15, false,
         "Chrome Root Program Policy 1.8 (2026-02-05): serverAuth only from 2027-03-15"},
        {CertificateAuthority::lets_encrypt, "Let's Encrypt", true, false, 100, "P-521", 2026y / July / 8, true,
         "Let's Encrypt: no clientAuth since 2026-07-08"},
        {CertificateAuthority::google, "Google Trust Services", true, false, 0, "", 2026y / April / 13, true,
         "Google Trust Services: requests with clientAuth are answered badCSR since the week of 2026-04-13"},
        {CertificateAuthority::digicert, "DigiCert", true, false, 0, "", 2027y / March / 1, false,
         "DigiCert: clientAuth on request until 2027-03-01"},
        {CertificateAuthority::sectigo, "Sectigo", true, false, 0, "", 2026y / May / 15, false,
         "Sectigo's own page: 2026-05-15 (resellers name 2027-02-10, unconfirmed)"},
        {CertificateAuthority::private_ca, "a private CA", false, true, 0, "", std::nullopt, false, ""},
    }};
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

}  // namespace hsmreq::plan
