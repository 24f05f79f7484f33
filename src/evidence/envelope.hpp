// A signed statement: a DSSE envelope, version 1 (the Dead Simple Signing Envelope of secure-systems-lab, which in-toto
// uses).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::evidence {

/// The media type of an in-toto statement.
inline constexpr std::string_view statement_payload_type = "application/vnd.in-toto+json";

struct EnvelopeSignature {
    std::string keyid;  ///< a hint that nothing rests on; ours is the SHA-256 of the SubjectPublicKeyInfo, hexadecimal
    Bytes value;
};

struct Envelope {
    std::string payload_type;
    Bytes payload;
    std::vector<EnvelopeSignature> signatures;
};

/// What the signatures are over: "DSSEv1", the lengths and bytes of type and payload (DSSE 1.0, Signature Definition).
Bytes to_be_signed(const Envelope& envelope);

/// The envelope's bytes: JSON with a final newline.
Bytes to_json(const Envelope& envelope);

/// The name of the envelope for a statement's file: "web.evidence.json" becomes "web.evidence.dsse.json".
std::string envelope_name(std::string_view statement_name);
/// The reverse; "" when the name is not that of an envelope.
std::string statement_name(std::string_view envelope_name);

/// True for JSON that has the members of an envelope: nothing else that is inspected has a payloadType.
bool looks_like_envelope(BytesView file);

/// Reads an envelope, ours or anyone's; the base64 may be of either alphabet, as the specification has it.
/// Errors: ExitCode::input.
Result<Envelope> read_envelope(BytesView file);

}  // namespace hsmreq::evidence
