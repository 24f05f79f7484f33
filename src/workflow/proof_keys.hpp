// The first half of a proof: keys and certificates found, and what the token shows of a key by itself.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/inspect.hpp"
#include "hsmreq/prove.hpp"
#include "token/key_pair.hpp"
#include "workflow/prove_items.hpp"

namespace hsmreq::workflow {

/// One key with its certificate, ready to shake hands once the module is in libp11's hands. Holds no handle.
struct PreparedProof {
    std::size_t target = 0;  ///< index into ProofSettings::targets
    ProofResult result;      ///< as far as it goes
    PlanItem item;
    const RequestPlan* request = nullptr;
    KeyIdentity identity;
    std::string stem;  ///< of the item's files; with the member for a copy
    token::ModuleInfo module;
    token::TokenInfo token;
    Bytes key_id;  ///< CKA_ID as the token has it
    Bytes public_key_der;
    bool signs_padded_octets = false;
    std::vector<Bytes> certificates;  ///< DER, the leaf first; empty while an interim one is to be issued
    std::vector<std::string> names;   ///< that a client is to accept
    bool interim = false;
};

/// What is looked for, and where.
struct ProofSearch {
    const RunFacts& facts;
    token::Session& session;
    const ProofTarget& target;
    std::size_t index = 0;  ///< of the target
    bool interim = false;

    [[nodiscard]] const PlanItem& item() const { return facts.plan.items[target.item]; }
    [[nodiscard]] const RequestPlan& request() const { return facts.plan.requests[item().request]; }
    [[nodiscard]] bool copy() const { return target.member != item().token_member; }
};

/// The generations of one key that are to be proved, each with its key compared with its certificate and, for an RSA
/// key that is for key exchange, a decryption made in the token. None for a copy that the token does not hold. An
/// older generation whose certificate has expired is passed over.
/// Errors: ExitCode::not_found without a key (key.missing, key.ambiguous) or certificate; ExitCode::verification for a
/// certificate of another key, or a wrong decryption; ExitCode::output for a file that stands where the interim
/// certificate belongs; token faults.
Result<std::vector<PreparedProof>> prepare_proofs(const ProofSearch& search);

/// File name of an item's interim certificate.
std::string interim_file(const PreparedProof& proof);

/// A certificate as results and evidence name it.
ProvedCertificate describe_certificate(const CertificateInspection& certificate, CertificateKind kind,
                                       std::string place);

}  // namespace hsmreq::workflow
