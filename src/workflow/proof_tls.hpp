// The second half of a proof: handshakes through libp11, and what is written about them.
#pragma once

#include <map>
#include <string>

#include "token/openssl_bridge.hpp"
#include "workflow/issuing_roots.hpp"
#include "workflow/proof_keys.hpp"

namespace hsmreq::workflow {

/// The interim certificates that a run has issued and published, as DER by file name: the copies of a key share them.
using IssuedCertificates = std::map<std::string, Bytes>;

/// Proves keys of a module that is in libp11's hands.
class TlsProver {
public:
    struct Surroundings {
        const RunFacts& facts;
        const ProofSettings& settings;
        const IssuingRoots& roots;
        IssuedCertificates& issued;
    };
    explicit TlsProver(const Surroundings& surroundings) : surroundings_(surroundings) {}

    /// Logs in, issues the interim certificate where there is to be one, shakes hands in both versions, publishes.
    /// Errors: ExitCode::verification naming version and reason; login and token faults; ExitCode::output.
    Status prove(token::OpensslBridge& bridge, PreparedProof& proof) const;

private:
    Status log_in(token::OpensslBridge& bridge, const PreparedProof& proof) const;
    Result<bool> take_interim(PreparedProof& proof, EVP_PKEY* key) const;
    Status shake_hands(PreparedProof& proof, EVP_PKEY* key) const;
    Status publish_proof(PreparedProof& proof, bool issued_now) const;

    Surroundings surroundings_;
};

}  // namespace hsmreq::workflow
