// Roots and intermediates for Windows machines, as a script that needs nothing besides itself.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/inspect.hpp"

namespace hsmreq::deploy {

/// A PowerShell script (2.0 and later; ASCII, CRLF) that puts self-signed certificates into LocalMachine\Root and the
/// others into LocalMachine\CA, through certutil with -Certutil. The certificates are inside, and each is compared with
/// its SHA-1 thumbprint before it goes in. `title` is for a comment.
std::string windows_trust_script(const std::string& title, const std::vector<CertificateInspection>& certificates);

}  // namespace hsmreq::deploy
