// Proof that certificate and token key serve TLS together, and the interim certificate for the time before the CA
// answers.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/run.hpp"

namespace hsmreq {

enum class ProofState { proved, created, planned, failed };

template <>
inline constexpr std::array<Named<ProofState>, 4> named<ProofState>{{
    {ProofState::proved, "proved"},
    {ProofState::created, "created"},  // an interim certificate was issued, and proved
    {ProofState::planned, "planned"},  // --dry-run: the same, and not written
    {ProofState::failed, "failed"},
}};

enum class CertificateKind { issued, interim };

template <>
inline constexpr std::array<Named<CertificateKind>, 2> named<CertificateKind>{{
    {CertificateKind::issued, "issued"},    // by the CA
    {CertificateKind::interim, "interim"},  // self-signed, never for production
}};

/// One TLS handshake in memory, as its client saw it.
struct ProvedHandshake {
    std::string protocol;             ///< "TLSv1.3"
    std::string cipher;               ///< "TLS_AES_256_GCM_SHA384"
    std::string group;                ///< of the key exchange: "x25519"
    std::string signature_algorithm;  ///< of the server's proof of possession: "rsa_pss_rsae_sha256"
    std::string server_name;          ///< sent as SNI, "" for an address
};

/// The certificate that was proved.
struct ProvedCertificate {
    CertificateKind kind = CertificateKind::issued;
    std::string place = {};  ///< file name within the output directory, or "token"
    std::string sha256 = {};
    std::string serial = {};
    std::string subject = {};
    std::string issuer = {};
    std::string not_before = {};  ///< RFC 3339
    std::string not_after = {};
};

struct ProofResult {
    std::string request;
    std::string member;        ///< "" for a shared key
    std::string token_member;  ///< on whose token it was proved
    bool copy = false;         ///< the key came to that token from another one
    unsigned generation = 0;   ///< 0 when it is not known
    ProofState state = ProofState::failed;
    std::string key_uri;
    std::string public_key_sha256;
    std::optional<ProvedCertificate> certificate;
    std::vector<std::string> names;  ///< verified as a client does, each in every handshake
    std::vector<ProvedHandshake> handshakes;
    std::string decryption;     ///< mechanism by which the token decrypted, "" when the key is not for that
    std::string evidence_file;  ///< file name within the output directory; "" when none
    std::string envelope_file;  ///< the signed evidence; "" when the farm has no key for it
    std::vector<Finding> findings;
    std::optional<Error> error;
};

struct ProveSummary : RunHeader {
    std::string shard;  ///< "I/N", "" without
    bool dry_run = false;
    bool interim = false;
    std::string openssl;  ///< the library that shook hands, with its version
    std::string libp11;   ///< version, when this was built, of the library through which it reached the tokens
    std::vector<ProofResult> items;
    std::vector<Finding> findings;
};

struct ProveOptions {
    RequestOptions run;  ///< farm file, selection, output directory, tokens, as for make_requests
    bool interim = false;
};

struct ProveOutcome {
    std::optional<ProveSummary> summary;
    std::optional<Error> error;  ///< of the run as a whole; items carry their own

    [[nodiscard]] ExitCode exit_code() const { return first_error_code(*this); }
};

struct ProveContext {
    RequestObserver& observer;
    /// Called instead of returning when a call into a token does not come back: reports and ends the process.
    std::function<void(const ProveOutcome& outcome)> hung;
};

/// Does what `hsmreq prove` does, printing nothing. One call at a time, as make_requests; no module that the farm uses
/// may be initialised by anybody else in the process meanwhile. Errors: in the outcome.
ProveOutcome prove_keys(const ProveOptions& options, const ProveContext& context);

}  // namespace hsmreq
