// What is wrong with requests, certificates and chains, as findings. `inspect` and `install` judge by the same ones.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "x509/chain.hpp"
#include "x509/weak_key_list.hpp"

namespace hsmreq::workflow {

/// What requests and certificates are judged by.
struct Yardstick {
    Product product = Product::generic;
    /// Absent while nobody said who is to certify: then any public CA counts, and for keys what depends on the CA is a
    /// warning.
    std::optional<CertificateAuthority> ca = std::nullopt;
    Date date{};                                 ///< for the rules with a date
    std::chrono::sys_seconds now{};              ///< for the validity of certificates
    std::optional<std::chrono::days> warn_days;  ///< before a certificate's end; absent: a third of its lifetime
    const x509::WeakKeyList* weak_keys = nullptr;

    [[nodiscard]] CertificateAuthority authority() const { return ca.value_or(CertificateAuthority::public_ca); }
};

/// Everything that can be said of a request by itself. `name` is what messages call it. Errors: ExitCode::internal.
Result<std::vector<Finding>> judge_request(const RequestInspection& request, const std::string& file,
                                           const Yardstick& yardstick);

/// A certificate in a file of one or several.
struct PlacedCertificate {
    const CertificateInspection& certificate;
    std::string file;
    std::string where;  ///< for Finding::where
};

/// Everything that can be said of a certificate by itself; names and usages only where it is no CA's.
/// Errors: ExitCode::internal.
Result<std::vector<Finding>> judge_certificate(const PlacedCertificate& placed, const Yardstick& yardstick);

/// Its dates alone: part of judge_certificate().
std::vector<Finding> judge_validity(const PlacedCertificate& placed, const Yardstick& yardstick);

bool is_ca(const CertificateInspection& certificate);

/// True when less is left of a certificate than Yardstick::warn_days, or than a third of its lifetime.
bool expires_soon(const CertificateInspection& certificate, const Yardstick& yardstick);

/// What is wrong with a chain but for the dates of certificates of the file, which judge_certificate() looks at. An
/// untrusted root is a warning unless somebody said which roots count.
std::vector<Finding> judge_chain(const x509::Chain& chain, const std::string& where, bool roots_are_given);

}  // namespace hsmreq::workflow
