// The generations of a key in one token, with the certificate that each has.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/inspect.hpp"
#include "token/key_pair.hpp"
#include "workflow/proof_keys.hpp"

namespace hsmreq::workflow {

struct HeldGeneration {
    KeyIdentity identity;
    token::FoundObjects found;
    std::vector<CertificateInspection> certificates;  ///< the leaf first, then what goes with it; empty for none
    std::string place;                                ///< file name within the output directory, or "token"
};

/// Those that have a private key in the token, upward from 1: the target's one, or all of them. A certificate comes
/// from STEM.pem and STEM.chain.pem, else from the token. Errors: ExitCode::not_found with key.missing when the newest
/// certificate on file has no key here (a copy's token may lack it); ExitCode::input for a file that is no certificate;
/// token faults.
Result<std::vector<HeldGeneration>> find_held_generations(const ProofSearch& search);

}  // namespace hsmreq::workflow
