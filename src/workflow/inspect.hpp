// `hsmreq inspect`: what is in a file, and what is wrong with it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evidence/documents.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::x509 {
class WeakKeyList;
}

namespace hsmreq::workflow {

/// What the files are judged by, as far as the caller knows.
struct InspectOptions {
    std::optional<CertificateAuthority> ca = std::nullopt;
    const x509::WeakKeyList* weak_keys = nullptr;
};

/// One entry per file, in order; "-" is standard input. A file that can't be read carries its error; one that claims to
/// be a request and can't be decoded the finding csr.malformed too; one that can be read what is wrong with it.
std::vector<evidence::InspectedFile> inspect(const std::vector<std::string>& files, const InspectOptions& options);

/// The command's code: that of the first file with an error or a finding that refuses (4), else 0.
ExitCode exit_code(const std::vector<evidence::InspectedFile>& files);

}  // namespace hsmreq::workflow
