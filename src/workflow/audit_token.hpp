// A whole token looked over: every key on it, or those that carry a farm's name and belong to none of its items.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "hsmreq/audit.hpp"
#include "hsmreq/bytes.hpp"
#include "token/key_pair.hpp"

namespace hsmreq::workflow {

/// What says that an object is a farm's, and which of them are accounted for.
struct OrphanSearch {
    std::string farm;
    std::set<std::string> prefixes;  ///< beginnings of the labels that the farm gives
    std::set<std::string> known;     ///< CKA_IDs of its items on that token, hexadecimal
};

/// Objects with a label of the farm's and a CKA_ID of no item. Errors: token faults.
Result<std::vector<AuditedKey>> find_orphans(token::Session& session, const OrphanSearch& search);

/// Every key and certificate of the token, measured by the strictest policy. Errors: token faults.
Result<std::vector<AuditedKey>> audit_whole_token(token::Session& session);

}  // namespace hsmreq::workflow
