// What `inspect` makes of evidence, signed or not, and of what lies beside it.
#pragma once

#include <optional>
#include <string>

#include "evidence/inspected_file.hpp"
#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

/// Whose signature evidence must bear.
struct EvidencePublicKey {
    std::string file;
    Bytes der;  ///< SubjectPublicKeyInfo
};

/// A public key in PEM or DER, or the first certificate of a file. Errors: ExitCode::input.
Result<EvidencePublicKey> read_evidence_public_key(const std::string& file);

/// Reads a statement, or the envelope with one in it, and holds it against the files beside it: those that it is about,
/// its envelope or what the envelope was made from, and with a key the signature. Fills in InspectedFile.
/// Errors: ExitCode::input.
Status judge_evidence(BytesView bytes, const std::optional<EvidencePublicKey>& key, evidence::InspectedFile& file);

}  // namespace hsmreq::workflow
