#include "workflow/proof_tls.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

#include "base/try.hpp"
#include "evidence/proof.hpp"
#include "hsmreq/inspect.hpp"
#include "workflow/evidence_key.hpp"
#include "workflow/evidence_record.hpp"
#include "x509/certificate_parts.hpp"
#include "x509/interim_certificate.hpp"
#include "x509/tls_handshake.hpp"

namespace hsmreq::workflow {
namespace {

std::chrono::sys_seconds now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string place(const PreparedProof& proof) {
    return fmt::format("member {}, {}", proof.result.token_member, proof.token.display());
}

Error cannot_pad(const PreparedProof& proof) {
    return {.code = ExitCode::token,
            .what = fmt::format("no TLS 1.3 with this RSA key: libp11 {} makes RSA-PSS signatures by CKM_RSA_X_509, "
                                "which the token does not offer (the TLS 1.2 handshake with PKCS#1 v1.5 held)",
                                token::libp11_version()),
            .where = place(proof),
            .hint =
                "an EC key, libp11 0.4.18, or leave to enable the mechanism; a server that reaches the token through "
                "this libp11 can't do it either"};
}

/// The key as x509 takes it: an answer of the module is worded as everywhere else.
x509::BorrowedKey borrow(const PreparedProof& proof, EVP_PKEY* key) {
    return {key, [where = place(proof)] { return token::take_token_fault(where, "C_Sign"); }};
}

/// libp11 hands out a key also when a call fails that would read its public half, and does not say which.
Error no_public_half(const PreparedProof& proof) {
    return {.code = ExitCode::token,
            .what = "libp11 could not read the public half of the key, which the token showed a moment ago",
            .where = place(proof),
            .hint = "run again: the token failed to answer libp11"};
}

Error at(const PreparedProof& proof, Error error) {
    if (error.where.empty()) error.where = fmt::format("{}, {}", place(proof), proof.result.certificate->place);
    if (error.hint.empty() && error.code == ExitCode::verification)
        error.hint = "`hsmreq inspect --farm FARM` shows the certificate with its names and its chain";
    return error;
}

ProvedHandshake describe(x509::HandshakeFacts facts) {
    return {.protocol = std::move(facts.protocol),
            .cipher = std::move(facts.cipher),
            .group = std::move(facts.group),
            .signature_algorithm = std::move(facts.signature_algorithm),
            .server_name = std::move(facts.server_name)};
}

std::vector<std::string> checks_made(const PreparedProof& proof) {
    std::vector<std::string> checks{
        "the certificate's public key is the one the token reported for this CKA_ID",
        "a TLS 1.2 and a TLS 1.3 handshake in memory came to their end, each signed by the token through libp11",
        proof.interim ? "the client trusted this very certificate and nothing else"
                      : "the client verified the chain that the server sent, up to a trusted root, for a TLS server",
        "the client found every name listed here in the certificate's subjectAltName",
    };
    if (!proof.result.decryption.empty())
        checks.emplace_back("the token decrypted random bytes that OpenSSL had encrypted under the public key");
    return checks;
}

}  // namespace

Status TlsProver::prove(token::OpensslBridge& bridge, PreparedProof& proof) const {
    TRY(log_in(bridge, proof));
    TRY_ASSIGN(const auto key, bridge.find_key(proof.token, proof.key_id));
    if (!x509::has_public_half(key.get(), proof.public_key_der)) return no_public_half(proof);
    bool issued_now = false;
    if (proof.certificates.empty()) {
        TRY_ASSIGN(issued_now, take_interim(proof, key.get()));
    }
    TRY(shake_hands(proof, key.get()));
    TRY(publish_proof(proof, issued_now));
    if (issued_now) surroundings_.issued.emplace(proof.result.certificate->place, proof.certificates.front());
    return {};
}

Status TlsProver::log_in(token::OpensslBridge& bridge, const PreparedProof& proof) const {
    const auto pin = surroundings_.settings.pins.find(proof.token.identity());
    if (proof.token.login_required && !proof.token.protected_path && !pin)
        return Error{.code = ExitCode::login,
                     .what = "the PIN is not known: the token was logged in by somebody else in this process",
                     .where = place(proof)};
    auto status = bridge.log_in(proof.token, pin ? &*pin : nullptr);
    if (!status && status.error().code == ExitCode::login)
        surroundings_.settings.pins.refuse(proof.token.identity(), status.error());
    return status;
}

/// True when it was issued here and now, false when the run had issued it for another token with the same key.
Result<bool> TlsProver::take_interim(PreparedProof& proof, EVP_PKEY* key) const {
    const std::string name = interim_file(proof);
    const auto known = surroundings_.issued.find(name);
    const bool issues = known == surroundings_.issued.end();
    Bytes der = issues ? Bytes{} : known->second;
    if (issues) {
        const token::Watchdog::Guard guard(&surroundings_.settings.watchdog, proof.token.display(), "C_Sign");
        TRY_ASSIGN(der,
                   x509::issue_interim_certificate({*proof.request, proof.public_key_der, borrow(proof, key), now()}));
    }
    TRY_ASSIGN(const auto read, inspect_certificates(der));
    proof.certificates = {std::move(der)};
    proof.result.certificate = describe_certificate(read.front(), CertificateKind::interim, name);
    return issues;
}

Status TlsProver::shake_hands(PreparedProof& proof, EVP_PKEY* key) const {
    std::optional<x509::TrustStore> itself;
    if (proof.interim) {
        TRY_ASSIGN(const auto certificate, inspect_certificates(proof.certificates.front()));
        TRY_ASSIGN(itself, x509::TrustStore::of(certificate));
    }
    const bool rsa = facts(proof.request->key.algorithm).family == KeyFamily::rsa;
    const bool cannot_sign_pss = rsa && token::libp11_pads_in_software() && !proof.signs_padded_octets;
    for (const auto version : {x509::TlsVersion::tls12, x509::TlsVersion::tls13}) {
        if (version == x509::TlsVersion::tls13 && cannot_sign_pss) return cannot_pad(proof);
        const token::Watchdog::Guard guard(&surroundings_.settings.watchdog, proof.token.display(), "C_Sign");
        auto shaken = x509::shake_hands_in_memory({.key = borrow(proof, key),
                                                   .certificates = proof.certificates,
                                                   .roots = itself ? *itself : surroundings_.roots.store,
                                                   .names = proof.names,
                                                   .time = now(),
                                                   .version = version});
        if (!shaken) return at(proof, std::move(shaken).error());
        proof.result.handshakes.push_back(describe(std::move(shaken).value()));
    }
    proof.result.names = proof.names;
    return {};
}

Status TlsProver::publish_proof(PreparedProof& proof, bool issued_now) const {
    const RunFacts& run = surroundings_.facts;
    ProofResult& result = proof.result;
    const bool dry_run = run.options.dry_run;
    result.state = !issued_now ? ProofState::proved : dry_run ? ProofState::planned : ProofState::created;
    if (dry_run) return {};
    result.evidence_file = proof.stem + (proof.interim ? ".interim" : "") + ".prove.evidence.json";
    const PlanItem item{proof.item.request, proof.item.member, result.token_member};
    auto record = begin_record(run, item, result.generation);
    add_token(record, proof.module, proof.token);
    record.key_id = proof.key_id;
    record.public_key_der = proof.public_key_der;
    record.checks = checks_made(proof);
    const evidence::ProofRecord facts{result, proof.certificates.front(), x509::openssl_version(),
                                      token::libp11_version()};
    // Its envelope, where there is to be one, follows when the token can be reached without libp11 again.
    TRY_ASSIGN(auto files, evidence_files({}, {result.evidence_file, evidence::to_json(record, facts)}, run.directory));
    if (issued_now)
        files.push_back({result.certificate->place, x509::certificate_to_pem(proof.certificates.front()), 0644, true});
    return publish(run.directory, files);
}

}  // namespace hsmreq::workflow
