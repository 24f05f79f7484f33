// The CA's answer on its way: each certificate to the key that it is for, judged, stored in the token, written beside
// the request.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/prove.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/run.hpp"

namespace hsmreq {

/// One certificate of the files that were given.
struct GivenCertificate {
    std::string file;  ///< as it was named, "-" for standard input; "" for one from the farm's issuing roots
    std::string sha256;
    std::string serial;
    std::string subject;
    std::string issuer;
    std::string not_before;  ///< RFC 3339
    std::string not_after;
    std::string public_key_sha256;
};

/// A CA's certificate in a token, by --store-chain.
struct StoredIntermediate {
    std::string subject;
    std::string sha256;
    std::string key_id;  ///< CKA_ID, hexadecimal: its own, never that of the leaf
    ItemState state = ItemState::failed;
};

/// One token that holds the key.
struct InstalledToken {
    std::string member;
    bool copy = false;  ///< the key came there from another token
    ItemState state = ItemState::failed;
    std::string token_label;
    std::string token_serial;
    std::string key_uri;
    std::vector<std::string> left_out;  ///< attributes that the token did not take for the certificate
    unsigned replaced = 0;              ///< older certificates of the same key that gave way
    std::vector<StoredIntermediate> intermediates;
};

/// One certificate for one key of the farm; `request` is "" when it is for none.
struct InstallItemResult {
    std::string request;
    std::string member;       ///< "" for a shared key
    unsigned generation = 0;  ///< 0 when the certificate is for no key
    /// created: stored or written for the first time; replaced: an older certificate gave way; unchanged: all of it was
    /// there; planned: --dry-run.
    ItemState state = ItemState::failed;
    GivenCertificate certificate;
    std::vector<GivenCertificate> chain;  ///< intermediates, from the leaf's issuer upwards; no root
    std::string root;                     ///< subject of the trusted root
    std::vector<InstalledToken> tokens;
    std::string certificate_file;  ///< file names within the output directory; "" when none
    std::string chain_file;
    std::string fullchain_file;
    std::string former_file;  ///< what the former certificate's file is called now
    std::string evidence_file;
    std::string envelope_file;        ///< the signed evidence; "" when the farm has no key for it
    std::vector<ProofResult> proofs;  ///< that certificate and key serve TLS together, one for each token
    std::vector<Finding> findings;
    std::optional<Error> error;  ///< also when the proof failed: then the certificate stays where it is, see `state`
};

struct InstallSummary : RunHeader {
    std::string shard;  ///< "I/N", "" without
    bool dry_run = false;
    bool store_chain = false;
    std::vector<InstallItemResult> items;  ///< plan order, then the certificates that are for no key
    std::vector<Finding> findings;         ///< of the plan and of the run as a whole
};

struct InstallOptions {
    RequestOptions run;              ///< farm file, selection, output directory, tokens, as for make_requests
    std::vector<std::string> files;  ///< PEM, DER, PKCS#7, in any number and order; "-" is standard input
    bool store_chain = false;
};

struct InstallOutcome {
    std::optional<InstallSummary> summary;
    std::optional<Error> error;  ///< of the run as a whole; items carry their own

    [[nodiscard]] ExitCode exit_code() const { return first_error_code(*this); }
};

struct InstallContext {
    RequestObserver& observer;
    /// Called instead of returning when a call into a token does not come back: reports and ends the process.
    std::function<void(const InstallOutcome& outcome)> hung;
};

/// Does what `hsmreq install` does, printing nothing. One call at a time, as make_requests. Errors: in the outcome.
InstallOutcome install_certificates(const InstallOptions& options, const InstallContext& context);

}  // namespace hsmreq
