// One certificate, and by request its intermediates, in one token.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "hsmreq/inspect.hpp"
#include "hsmreq/install.hpp"
#include "hsmreq/result.hpp"
#include "token/certificates.hpp"
#include "workflow/install_keys.hpp"

namespace hsmreq::workflow {

/// The CKA_ID of a CA's certificate that --store-chain puts into a token: the first 20 bytes of its SHA-256. No key has
/// it, and no other certificate.
Bytes intermediate_id(BytesView certificate_der);

/// What is to go into each token that holds the key.
struct CertificatesToStore {
    const CertificateInspection& leaf;
    const std::vector<CertificateInspection>& intermediates;  ///< to be stored as well; empty without --store-chain
    bool replace = false;                                     ///< --replace
};

/// What is there before anything changes, and what is to be done.
struct TokenChange {
    bool leaf_is_there = false;
    std::vector<Bytes> former;  ///< DER of those that give way: of the same key, or the leaf once more
    std::optional<CertificateInspection> former_leaf;  ///< the youngest of another content
    std::vector<bool> intermediate_is_there;           ///< one for each
    std::vector<Finding> findings;

    [[nodiscard]] bool any() const;
};

/// One token, the key there, and what is wanted.
struct TokenWork {
    token::Session& session;
    const FarmKey& key;
    const CertificatesToStore& wanted;
};

/// Looks only. Errors: ExitCode::not_found when the key is no longer there as it was found; ExitCode::output for a
/// younger certificate of the same key; token faults.
Result<TokenChange> look_at_token(const TokenWork& work);

/// Stores what is not there yet, intermediates first, and tells of the attributes that the token did not take. On
/// failure what was stored before stays: see take_back(). Errors: as token::store_certificate.
Status store_in_token(const TokenWork& work, const TokenChange& change, std::vector<std::string>& left_out);

/// Removes what store_in_token() was to store and what was not there before it. Errors: token faults.
Status take_back(const TokenWork& work, const TokenChange& before);

/// Removes what gave way. Errors: token faults.
Status remove_former(const TokenWork& work, const TokenChange& change);

}  // namespace hsmreq::workflow
