// The Distinguished Encoding Rules, checked on the octets themselves.
#pragma once

#include <string>

#include "hsmreq/bytes.hpp"

namespace hsmreq::x509 {

/// What breaks the Distinguished Encoding Rules (X.690, clauses 8, 10 and 11) in one element and all it contains; ""
/// when nothing does. OpenSSL reads much that is not DER and writes back the octets that it kept, so that comparing
/// with its own encoding shows nothing. The order within a SET OF and written-out DEFAULT values are not judged: they
/// need the type's definition, and no reader takes them for something else. Linear in the size, and needs no stack.
std::string der_violation(BytesView der);

}  // namespace hsmreq::x509
