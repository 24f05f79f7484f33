// What the statements about a request, a copy, an export and a proof have in common.
#pragma once

#include <string>
#include <string_view>

#include "evidence/evidence.hpp"
#include "evidence/json_parts.hpp"

namespace hsmreq::evidence {

inline constexpr const char* statement_type = "https://in-toto.io/Statement/v1";

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

}  // namespace hsmreq::evidence
