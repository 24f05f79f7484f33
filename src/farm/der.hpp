// Just enough DER (X.690) for the extensions that a certreq file may hold in binary.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"

namespace hsmreq::farm {

struct DerElement {
    unsigned tag = 0;  ///< the identifier octet; none of the extensions read here needs more
    BytesView content;
};

/// The elements that follow each other in `bytes`; nothing when they are not DER.
std::optional<std::vector<DerElement>> der_elements(BytesView bytes);

/// The dotted form of an OBJECT IDENTIFIER's content; nothing when it is none.
std::optional<std::string> dotted_oid(BytesView content);

/// Binary data in base64 or hexadecimal, with blanks; nothing when it is neither.
std::optional<Bytes> from_base64(std::string_view text);
std::optional<Bytes> from_hexadecimal(std::string_view text);

}  // namespace hsmreq::farm
