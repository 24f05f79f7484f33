// What the statements about a request, a copy, an export and a proof have in common.
#pragma once

#include <string>
#include <string_view>

#include "evidence/evidence.hpp"
#include "evidence/json_parts.hpp"
#include "hsmreq/prove.hpp"

namespace hsmreq::evidence {

/// A ResourceDescriptor of in-toto's attestation framework.
Json resource(std::string_view name, BytesView content);
/// The same for content whose hash alone is at hand.
Json hashed_resource(std::string_view name, const std::string& sha256);

Json tool_part(const Record& record);
Json run_part(const Record& record);
Json farm_part(const Record& record);
Json item_part(const Record& record);
Json module_part(const Record& record);
Json token_part(const Record& record);

/// All that a record says; "csr" and "signature" are about a request.
Json predicate(const Record& record);

/// One result of a proof, as `prove` and `install` print it.
Json proof_item(const ProofResult& item);

}  // namespace hsmreq::evidence
