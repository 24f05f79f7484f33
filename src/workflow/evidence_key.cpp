#include "workflow/evidence_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "evidence/envelope.hpp"
#include "plan/rules.hpp"
#include "workflow/token_pool.hpp"
#include "x509/detached_signature.hpp"

namespace hsmreq::workflow {
namespace {

constexpr auto hash = Hash::sha256;  // what cosign and in-toto's verifiers take, whatever the curve

constexpr std::size_t envelope_limit = std::size_t{2} << 20;  // base64 of what an evidence file may be

// An item's keys are numbered without gaps from 1, and few have had as many as this.
constexpr unsigned generations_compared = 16;

std::string place(const token::Session& session, const token::Uri& uri) {
    return fmt::format("{}, {}", const_cast<token::Session&>(session).token().info().display(), uri.text());
}

/// CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID: the handle went with an earlier session.
bool is_stale_handle(const Error& error) {
    return error.fault &&
           (error.fault->name == "CKR_KEY_HANDLE_INVALID" || error.fault->name == "CKR_OBJECT_HANDLE_INVALID");
}

bool may_sign(const token::KeyPair& key) {
    return std::ranges::any_of(key.attributes, [](const token::AttributeClaim& claim) {
        return claim.object == "private" && claim.attribute == "CKA_SIGN" && claim.read == "true";
    });
}

evidence::Envelope envelope_over(BytesView statement) {
    return {.payload_type = std::string(evidence::statement_payload_type),
            .payload = {statement.begin(), statement.end()},
            .signatures = {}};
}

}  // namespace

Result<std::unique_ptr<EvidenceKey>> EvidenceKey::open(TokenUse& use, token::Uri uri) {
    std::unique_ptr<EvidenceKey> key(new EvidenceKey(use, std::move(uri)));
    TRY_ASSIGN(const auto session, use.token->open_session());
    TRY(key->prepare(*session));
    return key;
}

Result<token::KeyPair> EvidenceKey::find(token::Session& session) const {
    TRY_ASSIGN(const auto found, token::find_by_uri(session, uri_));
    const std::string where = place(session, uri_);
    if (found.private_keys.empty())
        return plan::make_error("evidence.key-missing", ExitCode::not_found, where, {uri_.text()});
    if (found.private_keys.size() > 1)
        return plan::make_error("evidence.key-ambiguous", ExitCode::not_found, where,
                                {std::to_string(found.private_keys.size()), uri_.text()});
    token::KeyPair pair;
    pair.private_key = found.private_keys.front();
    if (found.public_keys.size() == 1) pair.public_object = found.public_keys.front();
    auto read = token::read_key_pair(session, {}, pair);
    if (!read && read.error().finding == "key.incomplete")
        return plan::make_error("evidence.key-unusable", ExitCode::rules, where, {"its public key can't be read"});
    if (!read) return std::move(read).error();
    return pair;
}

Status EvidenceKey::prepare(token::Session& session) {
    TRY_ASSIGN(key_, find(session));
    const std::string where = place(session, uri_);
    const auto unusable = [&](std::string_view why) {
        return plan::make_error("evidence.key-unusable", ExitCode::rules, where, {why});
    };
    if (!key_.algorithm) return unusable("its kind or size is none that this program makes");
    if (!may_sign(key_)) return unusable("its CKA_SIGN is not true");
    TRY_ASSIGN(mechanism_, token::choose_signature_mechanism(session.token(), *key_.algorithm, hash));
    TRY_ASSIGN(public_key_der_, x509::encode_public_key(key_.public_key));
    keyid_ = sha256_hex(public_key_der_);
    TRY(sign_in_token(session, as_bytes("hsmreq: is this key fit for evidence?")));
    return {};
}

Result<Bytes> EvidenceKey::sign_in_token(token::Session& session, BytesView message) {
    token::KeyPair key;
    {
        const std::scoped_lock lock(mutex_);
        key = key_;
    }
    auto signature = token::sign(session, key, mechanism_, message);
    if (!signature) {
        const bool lost = token::classify(signature.error()) == token::FaultClass::session;
        if (!lost && !is_stale_handle(signature.error())) return signature;
        if (lost) TRY(session.reopen());
        TRY_ASSIGN(key, find(session));
        signature = token::sign(session, key, mechanism_, message);
        if (!signature) return signature;
        const std::scoped_lock lock(mutex_);
        key_ = std::move(key);
    }
    auto checked = x509::checked_signature(public_key_der_, message, {mechanism_.family, hash, *signature});
    if (checked) return checked;
    Error error = std::move(checked).error();
    error.what = "the evidence key's signature is wrong: " + error.what;
    error.where = place(session, uri_);
    error.hint = "nothing was published for it. Another key may lie there now, or the token does not sign properly";
    return error;
}

Result<Bytes> EvidenceKey::sign(token::Session& session, BytesView statement) {
    auto envelope = envelope_over(statement);
    TRY_ASSIGN(auto signature, sign_in_token(session, evidence::to_be_signed(envelope)));
    envelope.signatures.push_back({keyid_, std::move(signature)});
    return evidence::to_json(envelope);
}

bool EvidenceKey::vouches(BytesView envelope, BytesView statement) const {
    const auto read = evidence::read_envelope(envelope);
    if (!read || read->payload_type != evidence::statement_payload_type ||
        !std::ranges::equal(read->payload, statement))
        return false;
    const Bytes message = evidence::to_be_signed(*read);
    return std::ranges::any_of(read->signatures, [&](const evidence::EnvelopeSignature& one) {
        const auto holds = x509::verify_detached(public_key_der_, message, one.value);
        return holds && *holds;
    });
}

Result<std::vector<StagedFile>> evidence_files(const EvidenceSigner& signer, StatementFile statement,
                                               OutputDirectory& directory) {
    const std::string envelope = evidence::envelope_name(statement.name);
    std::vector<StagedFile> files;
    if (signer.key == nullptr) {
        if (directory.has(envelope)) TRY(directory.remove(envelope));
        files.push_back({std::move(statement.name), std::move(statement.content), 0644, true});
        return files;
    }
    TRY_ASSIGN(auto content, signer.key->sign(*signer.session, statement.content));
    if (!statement.published) files.push_back({std::move(statement.name), std::move(statement.content), 0644, true});
    files.push_back({envelope, std::move(content), 0644, true});
    return files;
}

bool envelope_stands(const EvidenceKey* key, const StatementFile& statement, const OutputDirectory& directory) {
    if (key == nullptr) return true;
    const std::string name = evidence::envelope_name(statement.name);
    if (!directory.exists() || !directory.has(name)) return false;
    const auto content = directory.read(name, envelope_limit);
    return content && key->vouches(*content, statement.content);
}

Status check_no_item_key(const EvidenceKey& key, const Plan& plan) {
    for (const auto& item : plan.items) {
        KeyIdentity identity{plan.farm, plan.requests[item.request].name, item.member, 1};
        for (; identity.generation <= generations_compared; ++identity.generation)
            if (key_id(identity) == key.id())
                return plan::make_error("evidence.key-of-certificate", ExitCode::rules, "evidence.key",
                                        {identity.request});
    }
    return {};
}

Status check_no_item_key(const EvidenceKey& key, const std::string& request, BytesView public_key_der) {
    if (!std::ranges::equal(key.public_key_der(), public_key_der)) return {};
    return plan::make_error("evidence.key-of-certificate", ExitCode::rules, "evidence.key", {request});
}

}  // namespace hsmreq::workflow
