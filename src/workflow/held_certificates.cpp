#include "workflow/held_certificates.hpp"

#include <utility>

#include "base/try.hpp"
#include "token/certificates.hpp"
#include "x509/certificate_file.hpp"

namespace hsmreq::workflow {

Result<std::vector<TokenCertificate>> read_token_certificates(token::Session& session,
                                                              const token::FoundObjects& found) {
    std::vector<TokenCertificate> certificates;
    for (const auto object : found.certificates) {
        TRY_ASSIGN(const auto der, token::read_certificate(session, object));
        auto read = inspect_certificates(der);
        if (read && read->size() == 1) certificates.push_back({object, std::move(read->front())});
    }
    return certificates;
}

Result<std::vector<CertificateInspection>> read_certificate_file(const OutputDirectory& directory,
                                                                 const std::string& name) {
    TRY_ASSIGN(const auto content, directory.read(name, x509::certificate_file_limit));
    auto certificates = inspect_certificates(content);
    if (!certificates) certificates.error().where = directory.path() + "/" + name;
    return certificates;
}

}  // namespace hsmreq::workflow
