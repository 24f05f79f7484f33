// The evidence of a proof: an in-toto Statement v1 about a certificate and its key.
#pragma once

#include <string>

#include "evidence/evidence.hpp"
#include "hsmreq/prove.hpp"

namespace hsmreq::evidence {

/// What a proof's evidence says beyond run, farm, item, module, token and key of a Record.
struct ProofRecord {
    const ProofResult& result;
    Bytes certificate_der;
    std::string openssl;
    std::string libp11;
};

/// The statement; its subjects are the certificate and the SubjectPublicKeyInfo. Attributes, probe, signature and
/// request of the Record are not part of it.
Bytes to_json(const Record& record, const ProofRecord& proof);

/// "hsmreq.prove/1".
std::string prove_document(const ProveSummary& summary);

}  // namespace hsmreq::evidence
