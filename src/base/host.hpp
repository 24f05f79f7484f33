// Who runs the program and where: for the evidence.
#pragma once

#include <string>

namespace hsmreq {

/// The effective user's login name, or "uid N".
std::string operator_name();

/// The machine's host name.
std::string host_name();

}  // namespace hsmreq
