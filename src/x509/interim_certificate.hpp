// The self-signed certificate that stands in until the CA answers.
#pragma once

#include <chrono>
#include <string_view>

#include "hsmreq/bytes.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "x509/tls_handshake.hpp"

namespace hsmreq::x509 {

/// The organization in its subject and issuer: whoever looks at the certificate reads it.
inline constexpr std::string_view interim_mark = "INTERIM self-signed, not for production";

/// How long one is good for, and how much of that an old one must have left to be kept.
inline constexpr std::chrono::days interim_lifetime{7};
inline constexpr std::chrono::days interim_least_left{2};

struct InterimInput {
    const RequestPlan& plan;
    BytesView public_key_der;  ///< of the key that signs
    BorrowedKey key;
    std::chrono::sys_seconds now;
};

/// DER of a certificate for the planned names and usages: not a CA's, the mark and the common name for a subject,
/// signed by its own key with the planned hash, and verified. Errors: ExitCode::verification when the signature does
/// not verify or a value can't be encoded; BorrowedKey::fault's own; ExitCode::internal.
Result<Bytes> issue_interim_certificate(const InterimInput& input);

/// True when it bears the mark and is self-issued.
bool is_interim(const CertificateInspection& certificate);

/// True when it is an interim certificate for this plan and key, signed by that key, and has enough of its life left.
bool interim_stands(const CertificateInspection& certificate, const InterimInput& input);

/// PEM with the label "CERTIFICATE", LF line ends.
Bytes certificate_to_pem(BytesView der);

}  // namespace hsmreq::x509
