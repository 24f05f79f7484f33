// The subject as the plan wants it: RelativeDistinguishedNames in the order C ST L O OU CN.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/inspect.hpp"
#include "hsmreq/plan.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// The attributes that the plan fills, in the order of the encoding.
std::vector<NameAttribute> planned_attributes(const Subject& subject);

/// Errors: ExitCode::verification when a value can't be what RFC 5280, appendix A.1, allows.
Result<NamePtr> build_subject(const Subject& subject);

}  // namespace hsmreq::x509
