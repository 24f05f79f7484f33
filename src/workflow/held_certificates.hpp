// The certificates that are held already: in a token under one CKA_ID, in a file of the output directory.
#pragma once

#include <string>
#include <vector>

#include "base/file.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/result.hpp"
#include "token/key_pair.hpp"

namespace hsmreq::workflow {

struct TokenCertificate {
    token::ObjectHandle object;
    CertificateInspection content;
};

/// Those of the objects found; what is no certificate that can be read is passed over. Errors: ExitCode::token.
Result<std::vector<TokenCertificate>> read_token_certificates(token::Session& session,
                                                              const token::FoundObjects& found);

/// Those of a file, in its order; never none. Errors: ExitCode::input.
Result<std::vector<CertificateInspection>> read_certificate_file(const OutputDirectory& directory,
                                                                 const std::string& name);

}  // namespace hsmreq::workflow
