// Distinguished names and general names as text.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/inspect.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// Every attribute in the order of the encoding; what can't be read as text appears as hexadecimal and in `problems`.
std::vector<NameAttribute> read_attributes_of_name(const X509_NAME* name, std::vector<std::string>& problems);

/// RFC 4514, section 2. "" for an empty name.
std::string rfc4514_text(const X509_NAME* name);

AlternativeName read_general_name(const GENERAL_NAME& name, std::vector<std::string>& problems);

}  // namespace hsmreq::x509
