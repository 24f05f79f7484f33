// Whether to believe certificates: the way from a leaf to a root, found in an unordered bundle and judged by OpenSSL,
// and the name check that TLS clients make.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/inspect.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// The roots that a chain may end in.
class TrustStore {
public:
    /// The machine's, in OpenSSL's places (SSL_CERT_FILE and SSL_CERT_DIR override them). Errors: ExitCode::internal.
    static Result<TrustStore> system();
    /// These and no others. Errors: ExitCode::internal.
    static Result<TrustStore> of(const std::vector<CertificateInspection>& roots);

    [[nodiscard]] X509_STORE* get() const { return store_.get(); }

private:
    using StorePtr = Owner<X509_STORE, X509_STORE_free>;
    explicit TrustStore(StorePtr store) : store_(std::move(store)) {}
    StorePtr store_;
};

enum class ChainFaultKind {
    incomplete,      ///< the certificate's issuer is neither in the bundle nor among the roots
    untrusted_root,  ///< the chain ends in a self-signed certificate that is not among the roots
    expired,
    not_yet_valid,
    bad_signature,  ///< the issuer's key did not make the signature
    refused,        ///< anything else; see ChainFault::reason
};

/// One thing that is wrong with one certificate of a chain.
struct ChainFault {
    ChainFaultKind kind = ChainFaultKind::refused;
    std::optional<std::size_t> index;      ///< into the bundle; absent when the certificate came from the roots
    std::string subject;                   ///< of the certificate, RFC 4514
    std::string issuer;                    ///< of the certificate; what is missing, when the chain is incomplete
    std::vector<std::string> issuer_urls;  ///< where the certificate says its issuer's is; never fetched
    std::string reason;                    ///< OpenSSL's words
};

struct Chain {
    std::vector<std::size_t> order;  ///< indexes into the bundle, from the leaf towards the root
    std::string root;                ///< subject of the trusted root that the chain ends in, "" when it reaches none
    std::vector<Bytes> path;         ///< DER of every certificate of it, the root included, wherever it came from
    std::vector<ChainFault> faults;  ///< empty when the chain holds

    [[nodiscard]] bool holds() const { return faults.empty(); }
};

/// Every chain of the bundle at that time: one for each certificate that issued no other of them; where
/// one of these is no CA, only for those that are none. As `openssl verify -untrusted` judges, but going on after the
/// first fault, and whatever the order of issuers with one name; where a chain breaks off, OpenSSL does not look at the
/// dates of its last certificate. Errors: ExitCode::internal.
Result<std::vector<Chain>> verify_chains(const std::vector<CertificateInspection>& bundle, const TrustStore& roots,
                                         std::chrono::sys_seconds time);

/// True when the certificate is for that host or IP address, wildcards included (RFC 6125, section 6; as
/// `openssl x509 -checkhost` and `-checkip` have it). False for DER that is no certificate.
bool matches_host(BytesView certificate_der, const std::string& host);

}  // namespace hsmreq::x509
