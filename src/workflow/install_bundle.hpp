// What the files given to `install` hold: every certificate once, and its way to a root.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "hsmreq/inspect.hpp"
#include "hsmreq/install.hpp"
#include "hsmreq/result.hpp"
#include "workflow/issuing_roots.hpp"

namespace hsmreq::workflow {

struct BundledCertificate {
    CertificateInspection certificate;
    std::string file;   ///< as it was named
    std::string where;  ///< the file, with the certificate's place where it holds several
};

/// The certificates of all files together, in their order; one that comes twice counts once.
struct Bundle {
    std::vector<BundledCertificate> certificates;
    std::vector<x509::Chain> chains;  ///< into `certificates`; one for each server's certificate

    /// The chain that begins with that certificate; null when it leads nowhere.
    [[nodiscard]] const x509::Chain* chain_of(std::size_t certificate) const;
};

/// Reads the files ("-" is standard input) and follows the chains to the roots at this moment.
/// Errors: ExitCode::input for a file that can't be used, and when none holds a server's certificate.
Result<Bundle> read_bundle(const std::vector<std::string>& files, const IssuingRoots& roots);

/// What is told of a certificate. `file` is "" for one that no file held.
GivenCertificate describe_given(const CertificateInspection& certificate, const std::string& file);

}  // namespace hsmreq::workflow
