#include "workflow/inspect_evidence.hpp"

#include <algorithm>
#include <utility>

#include "base/digest.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "evidence/envelope.hpp"
#include "evidence/statement.hpp"
#include "plan/rules.hpp"
#include "x509/certificate_file.hpp"
#include "x509/detached_signature.hpp"
#include "x509/public_key_file.hpp"

namespace hsmreq::workflow {
namespace {

using evidence::InspectedFile;
using evidence::InspectedType;

constexpr std::size_t beside_limit = std::size_t{2} << 20;
constexpr std::string_view key_subject = "SubjectPublicKeyInfo";

std::string_view folder_of(std::string_view path) {
    return path.substr(0, path.rfind('/') + 1);
}

std::string base_name(const InspectedFile& file) {
    return file.file.substr(folder_of(file.file).size());
}

/// A file in the folder of the evidence; nothing when it can't be read or the name leads elsewhere.
std::optional<Bytes> read_beside(const InspectedFile& file, const std::string& name) {
    if (file.file == "-" || name.empty() || name.find('/') != std::string::npos || name == "." || name == "..")
        return std::nullopt;
    auto bytes = read_file(std::string(folder_of(file.file)) + name, beside_limit);
    return bytes ? std::optional(std::move(*bytes)) : std::nullopt;
}

/// The public key's SHA-256 in a request or certificate; "" when it is neither.
std::string key_digest_in(BytesView content) {
    if (x509::holds_certificates(content)) {
        const auto certificates = inspect_certificates(content);
        return certificates ? certificates->front().public_key_sha256 : "";
    }
    const auto request = inspect_request(content);
    return request ? request->public_key_sha256 : "";
}

/// The file's digest; that of the certificate in it, in DER, when that is what is stated, as it is of a proof.
std::string digest_as_stated(BytesView content, const std::string& stated) {
    std::string digest = sha256_hex(content);
    if (digest == stated || !x509::holds_certificates(content)) return digest;
    const auto certificates = inspect_certificates(content);
    return certificates && certificates->front().der_sha256 == stated ? stated : digest;
}

/// The name under which `install` keeps a subject of a former certificate's evidence: STEM.SERIAL.pem for STEM.pem
/// beside STEM.SERIAL.install.evidence.json. "" when the evidence's own name is not of that kind.
std::string kept_subject(std::string_view evidence, std::string_view subject) {
    for (const std::string_view part : {".fullchain.pem", ".chain.pem", ".pem"}) {
        if (!subject.ends_with(part)) continue;
        const auto stem = subject.substr(0, subject.size() - part.size());
        if (!evidence.starts_with(stem) || !evidence.substr(stem.size()).starts_with('.')) return "";
        const auto serial = evidence.substr(0, evidence.find('.', stem.size() + 1));
        const auto number = serial.substr(std::min(serial.size(), stem.size() + 1));
        const bool is_serial =
            !number.empty() && number.find_first_not_of("0123456789abcdef") == std::string_view::npos;
        return is_serial ? std::string(serial).append(part) : "";
    }
    return "";
}

/// What lies beside the statement for one of its subjects.
struct Beside {
    std::string name;
    Bytes content;
    std::string digest;
};

std::optional<Beside> find_beside(const InspectedFile& file, const evidence::StatementSubject& stated) {
    if (stated.name == key_subject) return std::nullopt;
    std::optional<Beside> found;
    for (const auto& name : {stated.name, kept_subject(base_name(file), stated.name)}) {
        auto content = read_beside(file, name);
        if (!content) continue;
        auto digest = digest_as_stated(*content, stated.sha256);
        found = {name, std::move(*content), std::move(digest)};
        if (found->digest == stated.sha256) break;
    }
    return found;
}

/// What the files beside the statement say about its subjects: their own digests, and the key in the first that has
/// one.
void judge_subjects(InspectedFile& file) {
    std::string key_digest;
    std::string key_source;
    std::vector<std::string> sources;
    for (const auto& stated : file.statement->subjects) {
        const auto beside = find_beside(file, stated);
        file.subjects.push_back({stated, beside ? beside->digest : ""});
        sources.push_back(beside ? beside->name : stated.name);
        if (!beside || !key_digest.empty()) continue;
        key_digest = key_digest_in(beside->content);
        key_source = beside->name;
    }
    for (std::size_t i = 0; i < file.subjects.size(); ++i) {
        auto& subject = file.subjects[i];
        const bool is_key = subject.stated.name == key_subject;
        if (is_key) subject.found_sha256 = key_digest;
        if (subject.found_sha256.empty() || subject.found_sha256 == subject.stated.sha256) continue;
        file.findings.push_back(
            plan::make_finding("evidence.subject-differs", file.file,
                               {printable(subject.stated.name), printable(subject.stated.sha256), subject.found_sha256,
                                printable(is_key ? key_source : sources[i])}));
    }
}

Status check_signatures(const evidence::Envelope& envelope, const EvidencePublicKey& key, InspectedFile& file) {
    const Bytes message = evidence::to_be_signed(envelope);
    bool any = false;
    for (std::size_t i = 0; i < envelope.signatures.size(); ++i) {
        const auto holds = x509::verify_detached(key.der, message, envelope.signatures[i].value);
        if (!holds)
            return Error{holds.error().code, holds.error().what, key.file, "give the public key of evidence.key"};
        file.envelope->signatures[i].verified = *holds;
        any = any || *holds;
    }
    if (!any) file.findings.push_back(plan::make_finding("evidence.bad-signature", file.file, {printable(key.file)}));
    return {};
}

Result<evidence::Envelope> read_statement_envelope(BytesView bytes) {
    TRY_ASSIGN(auto envelope, evidence::read_envelope(bytes));
    if (envelope.payload_type != evidence::statement_payload_type)
        return Error{ExitCode::input, "the envelope holds " + printable(envelope.payload_type) + ", no evidence", "",
                     "evidence is of type " + std::string(evidence::statement_payload_type)};
    return envelope;
}

void show_envelope(const evidence::Envelope& envelope, std::string name, InspectedFile& file) {
    file.envelope.emplace();
    file.envelope->file = std::move(name);
    for (const auto& signature : envelope.signatures) file.envelope->signatures.push_back({signature.keyid, {}});
}

void compare_payload(BytesView payload, BytesView statement, const std::string& name, InspectedFile& file) {
    if (!std::ranges::equal(payload, statement))
        file.findings.push_back(plan::make_finding("evidence.payload-differs", file.file, {printable(name)}));
}

Status judge_envelope(BytesView bytes, const std::optional<EvidencePublicKey>& key, InspectedFile& file) {
    TRY_ASSIGN(const auto envelope, read_statement_envelope(bytes));
    TRY_ASSIGN(file.statement, evidence::read_statement(envelope.payload));
    file.type = InspectedType::envelope;
    show_envelope(envelope, "", file);
    if (key) TRY(check_signatures(envelope, *key, file));
    const std::string name = evidence::statement_name(base_name(file));
    if (const auto beside = read_beside(file, name)) compare_payload(envelope.payload, *beside, name, file);
    judge_subjects(file);
    return {};
}

Status judge_statement(BytesView bytes, const std::optional<EvidencePublicKey>& key, InspectedFile& file) {
    TRY_ASSIGN(file.statement, evidence::read_statement(bytes));
    file.type = InspectedType::statement;
    const std::string name = evidence::envelope_name(base_name(file));
    const auto beside = read_beside(file, name);
    if (beside) {
        auto envelope = read_statement_envelope(*beside);
        if (!envelope) {
            envelope.error().where = std::string(folder_of(file.file)) + name;
            return std::move(envelope).error();
        }
        show_envelope(*envelope, name, file);
        if (key) TRY(check_signatures(*envelope, *key, file));
        compare_payload(envelope->payload, bytes, base_name(file), file);
    } else if (key) {
        file.findings.push_back(
            plan::make_finding("evidence.unsigned", file.file, {name.empty() ? "STEM.evidence.dsse.json" : name}));
    }
    judge_subjects(file);
    return {};
}

}  // namespace

Result<EvidencePublicKey> read_evidence_public_key(const std::string& file) {
    TRY_ASSIGN(const auto bytes, read_file(file, beside_limit));
    if (x509::holds_certificates(bytes)) {
        auto certificates = inspect_certificates(bytes);
        if (certificates) return EvidencePublicKey{file, std::move(certificates->front().public_key_der)};
    }
    auto key = x509::read_public_key_file(bytes);
    if (key) return EvidencePublicKey{file, std::move(*key)};
    return Error{.code = ExitCode::input,
                 .what = "the file holds neither a public key nor a certificate",
                 .where = file,
                 .hint = "read it from the token: pkcs11-tool --read-object --type pubkey, then openssl pkey -pubin"};
}

Status judge_evidence(BytesView bytes, const std::optional<EvidencePublicKey>& key, InspectedFile& file) {
    return evidence::looks_like_envelope(bytes) ? judge_envelope(bytes, key, file) : judge_statement(bytes, key, file);
}

}  // namespace hsmreq::workflow
