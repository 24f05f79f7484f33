// What is to be said of the objects under one CKA_ID.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "hsmreq/audit.hpp"
#include "hsmreq/farm.hpp"
#include "hsmreq/plan.hpp"
#include "token/key_pair.hpp"
#include "x509/weak_key_list.hpp"

namespace hsmreq::workflow {

/// What a key is measured by.
struct AuditMeasure {
    const RequestPlan* request = nullptr;  ///< null with a token URI: then the strictest policy counts
    KeyIdentity identity;
    bool current = true;  ///< the highest generation, or no generation at all
    bool copy = false;    ///< of a shared key, on another member's token
    const OutputDirectory* directory = nullptr;
    std::optional<CertificateAuthority> ca;
    const x509::WeakKeyList* weak_keys = nullptr;
};

/// Fills in state, key and findings; `key` comes with token, CKA_ID and label. Errors: token faults that concern more
/// than this key.
Status audit_key(token::Session& session, const token::FoundObjects& found, const AuditMeasure& measure,
                 AuditedKey& key);

}  // namespace hsmreq::workflow
