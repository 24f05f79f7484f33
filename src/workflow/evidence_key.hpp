// The key that signs evidence, and how a statement is published.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "token/key_pair.hpp"
#include "token/signing.hpp"
#include "token/uri.hpp"

namespace hsmreq::workflow {

struct TokenUse;

/// A key in a token that is there for evidence alone. All members may be called from any thread.
class EvidenceKey {
public:
    /// Finds the one key that the URI names, and has it sign once: what would fail later fails before any key is made.
    /// Errors: ExitCode::not_found with evidence.key-missing or evidence.key-ambiguous; rules with
    /// evidence.key-unusable; verification when it does not sign properly; token faults.
    static Result<std::unique_ptr<EvidenceKey>> open(TokenUse& use, token::Uri uri);

    [[nodiscard]] TokenUse& use() const { return use_; }
    [[nodiscard]] const Bytes& id() const { return key_.id; }
    [[nodiscard]] const Bytes& public_key_der() const { return public_key_der_; }

    /// The envelope over a statement's bytes (see evidence::Envelope). A session that the token has dropped is opened
    /// again, once. Errors: ExitCode::verification for a wrong signature; token faults.
    Result<Bytes> sign(token::Session& session, BytesView statement);

    /// True when `envelope` is one by this key over exactly these bytes.
    [[nodiscard]] bool vouches(BytesView envelope, BytesView statement) const;

private:
    EvidenceKey(TokenUse& use, token::Uri uri) : use_(use), uri_(std::move(uri)) {}

    Result<token::KeyPair> find(token::Session& session) const;
    Status prepare(token::Session& session);
    Result<Bytes> sign_in_token(token::Session& session, BytesView message);

    TokenUse& use_;
    token::Uri uri_;
    std::mutex mutex_;  ///< guards the handle in key_
    token::KeyPair key_;
    token::SignatureMechanism mechanism_;
    Bytes public_key_der_;
    std::string keyid_;
};

/// Who signs: no key when evidence is not to be signed, else the key and a session on its token.
struct EvidenceSigner {
    EvidenceKey* key = nullptr;
    token::Session* session = nullptr;
};

/// A statement on its way into the output directory.
struct StatementFile {
    std::string name;  ///< ends in ".evidence.json"
    Bytes content;
    bool published = false;  ///< it is there with these bytes, and only the envelope is wanted
};

/// Every statement is published as what this answers, in this order: itself and, where there is a key, the envelope
/// over it. Without one an envelope that an earlier run left there, which would be over other bytes, is removed.
/// Errors: those of EvidenceKey::sign; ExitCode::output.
Result<std::vector<StagedFile>> evidence_files(const EvidenceSigner& signer, StatementFile statement,
                                               OutputDirectory& directory);

/// True when nothing is to be signed, or the envelope beside the statement is one by the key over these bytes.
bool envelope_stands(const EvidenceKey* key, const StatementFile& statement, const OutputDirectory& directory);

/// Refuses an evidence key that is, by its CKA_ID, the key of an item of the plan; what the token holds may only
/// become known later. Errors: ExitCode::rules with evidence.key-of-certificate.
Status check_no_item_key(const EvidenceKey& key, const Plan& plan);

/// The same by the public key of an item, when that is known.
Status check_no_item_key(const EvidenceKey& key, const std::string& request, BytesView public_key_der);

}  // namespace hsmreq::workflow
