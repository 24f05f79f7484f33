// The certificate that goes with an exported key, and its chain.
#pragma once

#include <string>
#include <vector>

#include "base/file.hpp"
#include "hsmreq/export.hpp"
#include "hsmreq/farm.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

struct ChosenCertificate {
    ExportedCertificate facts;
    Bytes leaf;                               ///< DER
    std::vector<Bytes> chain;                 ///< DER of the intermediates, from the leaf's issuer upwards
    std::vector<std::string> chain_subjects;  ///< theirs
    std::vector<Finding> findings;            ///< warnings
};

struct CertificateSearch {
    const Farm& farm;
    const OutputDirectory& directory;
    std::string stem;  ///< of the item's files
    BytesView public_key_der;
    Date date;  ///< for waivers
};

/// STEM.pem with STEM.chain.pem as `install` leaves them, judged at the time of the clock: dates, and the chain to the
/// farm's issuing roots. A root is left out: a file that carries a key is not to decide whom a machine trusts. Errors:
/// ExitCode::not_found without a certificate; ExitCode::verification with cert.key-mismatch; ExitCode::rules for what
/// the chain or the dates refuse; ExitCode::input.
Result<ChosenCertificate> choose_certificate(const CertificateSearch& search);

}  // namespace hsmreq::workflow
