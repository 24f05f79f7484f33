#include "workflow/proof_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/hex.hpp"
#include "base/try.hpp"
#include "token/decrypt.hpp"
#include "token/openssl_bridge.hpp"
#include "token/signing.hpp"
#include "token/uri.hpp"
#include "workflow/held_certificates.hpp"
#include "workflow/key_policy.hpp"
#include "workflow/proof_generations.hpp"
#include "x509/certification_request.hpp"
#include "x509/decryption_challenge.hpp"
#include "x509/interim_certificate.hpp"

namespace hsmreq::workflow {
namespace {

std::chrono::sys_seconds now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string place(const ProofSearch& search, const HeldGeneration& held) {
    return fmt::format("member {}, {}, CKA_ID {}", search.target.member, search.session.token().info().display(),
                       to_hex(key_id(held.identity)));
}

Error no_key(const ProofSearch& search) {
    return {.code = ExitCode::not_found,
            .what = fmt::format("the token has no key of request {}", search.request().name),
            .where = fmt::format("member {}, {}", search.target.member, search.session.token().info().display()),
            .hint = "is this the right token? `hsmreq request` makes the key",
            .finding = "key.missing"};
}

Error no_certificate(const ProofSearch& search, const HeldGeneration& held) {
    return {.code = ExitCode::not_found,
            .what = fmt::format("request {} has no certificate yet", search.request().name),
            .where = place(search, held),
            .hint = "`hsmreq install` takes the CA's answer; until it comes, --interim issues a certificate for tests"};
}

Error several_keys(const ProofSearch& search, const HeldGeneration& held) {
    return {.code = ExitCode::not_found,
            .what = fmt::format("{} private and {} public keys have the same CKA_ID, and OpenSSL would take any",
                                held.found.private_keys.size(), held.found.public_keys.size()),
            .where = place(search, held),
            .hint = "`hsmreq retire --public-key SHA256` destroys the one that is not meant",
            .finding = "key.ambiguous"};
}

Error another_key(const ProofSearch& search, const HeldGeneration& held) {
    return {.code = ExitCode::verification,
            .what = fmt::format("the certificate ({}) is for another key than the token's", held.place),
            .where = place(search, held),
            .hint = "find out which is right before anything else; `hsmreq inspect` shows the certificate's key",
            .finding = "cert.key-mismatch"};
}

Error stands_in_for_the_ca(const ProofSearch& search, const HeldGeneration& held) {
    return {.code = ExitCode::verification,
            .what = fmt::format("{} is an interim certificate, where the CA's belongs", held.place),
            .where = place(search, held),
            .hint = "remove it there; `hsmreq install` puts the CA's in its place"};
}

Error unknown_to_libp11(const ProofSearch& search, const HeldGeneration& held) {
    return {.code = ExitCode::token,
            .what = fmt::format("libp11 {} can't use an Ed25519 key, nor any other key of a token that holds one",
                                token::libp11_version()),
            .where = place(search, held),
            .hint = "libp11 0.4.17 can; nginx and Apache httpd reach the token in the same way and fail alike",
            .finding = "key.ed25519-libp11"};
}

/// The newest certificate always; older ones that still serve somewhere; with `interim`, the current key without one.
std::vector<HeldGeneration> choose(const ProofSearch& search, std::vector<HeldGeneration> held) {
    std::vector<HeldGeneration> chosen;
    bool newest = true;
    for (auto one = held.rbegin(); one != held.rend(); ++one) {
        const bool current = one == held.rbegin();
        if (one->certificates.empty()) {
            if (current && search.interim) chosen.push_back(std::move(*one));
            continue;
        }
        const bool expired = one->certificates.front().not_after < now();
        if (!newest && expired) continue;
        newest = false;
        chosen.push_back(std::move(*one));
    }
    std::ranges::reverse(chosen);
    return chosen;
}

/// Whatever the padding, what comes back must be what was encrypted.
Result<std::string> decrypt_in_token(const ProofSearch& search, const token::KeyPair& key, BytesView public_key_der) {
    TRY_ASSIGN(const auto ways, token::decryption_ways(search.session.token()));
    std::optional<Error> refusal;
    for (const auto& way : ways) {
        TRY_ASSIGN(const auto challenge, x509::make_decryption_challenge(public_key_der, way.oaep_hash));
        auto plain = token::decrypt(search.session, key, way, challenge.ciphertext);
        if (plain && *plain == challenge.plain) return way.name();
        if (plain)
            return Error{.code = ExitCode::verification,
                         .what = fmt::format("the token decrypted with {}, and the result is wrong", way.name()),
                         .where = search.session.token().info().display(),
                         .hint = "the private key is not that of the certificate, or the token does not compute right"};
        if (!token::refuses_way(plain.error())) return std::move(plain).error();
        refusal = std::move(plain).error();
    }
    return *refusal;
}

bool is_for_exchange(const KeyPlan& key) {
    return facts(key.algorithm).family == KeyFamily::rsa && key.purpose == KeyPurpose::exchange;
}

/// The interim certificate that an earlier run left, where it still stands. One that does not is replaced: it is marked
/// as what anybody may throw away.
Status take_interim(const ProofSearch& search, PreparedProof& proof) {
    const std::string name = interim_file(proof);
    const OutputDirectory& directory = search.facts.directory;
    if (!directory.has(name)) return {};
    const auto read = read_certificate_file(directory, name);
    const bool ours = read && read->size() == 1 && x509::is_interim(read->front());
    if (!ours && !search.facts.options.replace)
        return Error{.code = ExitCode::output,
                     .what = "the file exists and is no interim certificate",
                     .where = directory.path() + "/" + name,
                     .hint = "move it away, or pass --replace"};
    if (!ours || !x509::interim_stands(read->front(), {search.request(), proof.public_key_der, {}, now()})) return {};
    proof.certificates = {read->front().der};
    proof.result.certificate = describe_certificate(read->front(), CertificateKind::interim, name);
    return {};
}

Status take_issued(const ProofSearch& search, const HeldGeneration& held, bool newest, PreparedProof& proof) {
    // Whoever put the file there by hand may have had the chain in another order.
    const auto own = std::ranges::find(held.certificates, proof.public_key_der, &CertificateInspection::public_key_der);
    const CertificateInspection& leaf = own == held.certificates.end() ? held.certificates.front() : *own;
    proof.result.certificate = describe_certificate(leaf, CertificateKind::issued, held.place);
    if (own == held.certificates.end()) return another_key(search, held);
    if (x509::is_interim(leaf)) return stands_in_for_the_ca(search, held);
    proof.certificates = {leaf.der};
    for (const auto& certificate : held.certificates)
        if (&certificate != &leaf) proof.certificates.push_back(certificate.der);
    if (newest) return {};
    // It was issued for the names of its time.
    const auto missing = x509::names_not_covered(leaf.der, proof.names);
    std::erase_if(proof.names,
                  [&](const std::string& name) { return std::ranges::find(missing, name) != missing.end(); });
    if (proof.names.empty())
        for (const auto& name : leaf.subject_alternative_names)
            if (name.type == "dns" || name.type == "ip") proof.names.push_back(name.value);
    return {};
}

Status read_key(const ProofSearch& search, const HeldGeneration& held, PreparedProof& proof) {
    if (held.found.private_keys.size() != 1 || held.found.public_keys.size() > 1) return several_keys(search, held);
    token::KeyPair key;
    key.private_key = held.found.private_keys.front();
    if (!held.found.public_keys.empty()) key.public_object = held.found.public_keys.front();
    auto wanted = key_template(search.request(), held.identity);
    if (!search.request().key.uri.empty()) wanted.id.clear();  // it is the key's own
    TRY(token::read_key_pair(search.session, wanted, key));
    TRY_ASSIGN(proof.public_key_der, x509::encode_public_key(key.public_key));
    proof.key_id = key.id;
    proof.result.public_key_sha256 = sha256_hex(proof.public_key_der);
    proof.result.key_uri = token::key_uri(proof.token, key.id, key.label);
    if (key.public_key.family == KeyFamily::ed25519 && !token::libp11_knows_ed25519())
        return unknown_to_libp11(search, held);
    if (key.public_key.family == KeyFamily::rsa)
        proof.signs_padded_octets = token::signs_padded_octets(search.session.token());
    if (!is_for_exchange(search.request().key)) return {};
    TRY_ASSIGN(proof.result.decryption, decrypt_in_token(search, key, proof.public_key_der));
    return {};
}

PreparedProof begin(const ProofSearch& search, const HeldGeneration& held) {
    PreparedProof proof;
    proof.target = search.index;
    proof.item = search.item();
    proof.request = &search.request();
    proof.identity = held.identity;
    proof.stem = file_stem(search.request(), held.identity) + (search.copy() ? "." + search.target.member : "");
    proof.module = search.session.token().module();
    proof.token = search.session.token().info();
    proof.interim = held.certificates.empty();
    for (const auto& name : search.request().subject_alternative_names) proof.names.push_back(name.value);
    proof.result.request = search.request().name;
    proof.result.member = search.item().member;
    proof.result.token_member = search.target.member;
    proof.result.copy = search.copy();
    proof.result.generation = held.identity.generation;
    return proof;
}

Status fill_in(const ProofSearch& search, const HeldGeneration& held, bool newest, PreparedProof& proof) {
    TRY(read_key(search, held, proof));
    return proof.interim ? take_interim(search, proof) : take_issued(search, held, newest, proof);
}

}  // namespace

std::string interim_file(const PreparedProof& proof) {
    return file_stem(*proof.request, proof.identity) + ".interim.pem";
}

ProvedCertificate describe_certificate(const CertificateInspection& certificate, CertificateKind kind,
                                       std::string place) {
    return {.kind = kind,
            .place = std::move(place),
            .sha256 = certificate.der_sha256,
            .serial = certificate.serial,
            .subject = certificate.subject_text,
            .issuer = certificate.issuer_text,
            .not_before = to_text(certificate.not_before),
            .not_after = to_text(certificate.not_after)};
}

Result<std::vector<PreparedProof>> prepare_proofs(const ProofSearch& search) {
    TRY_ASSIGN(auto held, find_held_generations(search));
    std::vector<PreparedProof> proofs;
    if (held.empty() && search.copy()) return proofs;
    if (held.empty()) return no_key(search);
    const HeldGeneration current = held.back();
    const auto chosen = choose(search, std::move(held));
    if (chosen.empty()) return no_certificate(search, current);
    const auto last = std::ranges::find_if(chosen.rbegin(), chosen.rend(),
                                           [](const HeldGeneration& one) { return !one.certificates.empty(); });
    for (const auto& one : chosen) {
        const bool newest = last == chosen.rend() || one.identity.generation >= last->identity.generation;
        PreparedProof& proof = proofs.emplace_back(begin(search, one));
        // An older generation's trouble is its own: the others are proved all the same.
        auto filled = fill_in(search, one, newest, proof);
        if (!filled && token::classify(filled.error()) != token::FaultClass::item) return std::move(filled).error();
        if (!filled) proof.result.error = std::move(filled).error();
    }
    return proofs;
}

}  // namespace hsmreq::workflow
