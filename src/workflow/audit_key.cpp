#include "workflow/audit_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "hsmreq/inspect.hpp"
#include "plan/rules.hpp"
#include "token/certificates.hpp"
#include "workflow/certificate_findings.hpp"
#include "workflow/held_keys.hpp"
#include "workflow/key_findings.hpp"
#include "workflow/key_policy.hpp"
#include "workflow/output_state.hpp"

namespace hsmreq::workflow {
namespace {

/// False is the looser answer for these; for all others true is.
constexpr std::array<std::string_view, 3> strict_when_true{"CKA_SENSITIVE", "CKA_PRIVATE", "CKA_WRAP_WITH_TRUSTED"};

bool is_looser(const token::AttributeClaim& claim) {
    if (claim.asked == "false") return claim.read != "false";
    return claim.asked == "true" && std::ranges::find(strict_when_true, claim.attribute) != strict_when_true.end();
}

std::string shown(const token::AttributeClaim& claim) {
    return fmt::format("{} of the {} key is {}, not {}", claim.attribute, claim.object,
                       claim.read.empty() ? "not shown" : claim.read, claim.asked);
}

class Audit {
public:
    Audit(token::Session& session, const AuditMeasure& measure, AuditedKey& key)
        : session_(session), measure_(measure), key_(key) {
        if (measure.request != nullptr && measure.directory != nullptr) {
            files_ = item_files(*measure.request, measure.identity);
            published_ = read_published(*measure.directory, files_);
        }
    }

    Status look(const token::FoundObjects& found) {
        TRY(read_certificates(found));
        if (found.private_keys.size() > 1 || found.public_keys.size() > 1) return tell_ambiguous(found);
        if (!found.unreadable.empty()) add("key.incomplete", {"the token lists an object that it can't read"});
        if (found.private_keys.empty()) return tell_without_private_key(found);
        return look_at_pair(found);
    }

private:
    [[nodiscard]] std::string where() const {
        return fmt::format("{}, CKA_ID {}", session_.token().info().display(), key_.key_id);
    }
    void add(std::string_view id, std::initializer_list<std::string_view> words) {
        key_.findings.push_back(plan::make_finding(id, where(), words));
    }

    Status read_certificates(const token::FoundObjects& found) {
        for (const auto object : found.certificates) {
            TRY_ASSIGN(const auto der, token::read_certificate(session_, object));
            if (der.empty()) continue;
            key_.certificates.push_back(sha256_hex(der));
            auto read = inspect_certificates(der);
            if (read && read->size() == 1) certificates_.push_back(std::move(read->front()));
        }
        return {};
    }

    Status tell_ambiguous(const token::FoundObjects& found) {
        key_.state = AuditState::ambiguous;
        add("key.ambiguous",
            {fmt::format("{} private and {} public keys", found.private_keys.size(), found.public_keys.size())});
        return {};
    }

    Status tell_without_private_key(const token::FoundObjects& found) {
        key_.state = AuditState::missing;
        if (!found.public_keys.empty()) {
            if (const auto read = token::read_public_key(session_, found.public_keys.front()))
                key_.public_key_sha256 = public_key_sha256(*read);
            key_.state = measure_.current ? AuditState::incomplete : AuditState::retired;
            if (measure_.request == nullptr && key_.farm.empty()) key_.state = AuditState::public_only;
            if (measure_.request == nullptr && !key_.farm.empty()) key_.state = AuditState::retired;
            if (key_.state == AuditState::incomplete)
                add("key.incomplete", {"the public key is there, and its private key is not"});
        }
        tell_certificates_without_key();
        if (key_.state == AuditState::missing && published_.any())
            add("key.missing", {published_.csr_exists ? files_.csr : files_.evidence});
        return {};
    }

    /// Certificates of CAs have no private key anywhere near.
    void tell_certificates_without_key() {
        for (const auto& certificate : certificates_) {
            if (is_ca(certificate)) continue;
            if (key_.state == AuditState::missing) key_.state = AuditState::certificate_only;
            add("audit.certificate-without-key", {certificate.subject_text});
        }
        if (key_.state == AuditState::missing && !key_.certificates.empty()) key_.state = AuditState::certificate_only;
    }

    Status look_at_pair(const token::FoundObjects& found) {
        token::KeyPair pair;
        pair.private_key = found.private_keys.front();
        if (!found.public_keys.empty()) pair.public_object = found.public_keys.front();
        token::KeyTemplate wanted;
        if (measure_.request != nullptr) wanted = key_template(*measure_.request, measure_.identity);
        if (measure_.copy) wanted.extractable = false;
        if (measure_.request != nullptr && !measure_.request->key.uri.empty()) wanted.id.clear();  // not computed
        auto read = token::read_key_pair(session_, wanted, pair);
        if (read && measure_.request == nullptr && pair.algorithm) {
            wanted.algorithm = *pair.algorithm;
            wanted.decrypt = facts(wanted.algorithm).family == KeyFamily::rsa;  // key exchange is a TLS key's business
            read = token::read_key_pair(session_, wanted, pair);
        }
        if (!read) return tell_unreadable(std::move(read).error());
        key_.state = AuditState::kept;
        key_.label = pair.label;
        key_.public_key_sha256 = public_key_sha256(pair.public_key);
        if (pair.algorithm) key_.algorithm = facts(*pair.algorithm).name;
        judge_attributes(pair);
        TRY(judge_public_key(pair.public_key));
        judge_certificates();
        if (published_.csr && published_.csr->public_key_sha256 != key_.public_key_sha256)
            add("key.changed", {published_.csr_exists ? files_.csr : files_.other_csr});
        return {};
    }

    /// With a token URI it may be a key for something else altogether, and is no reason to stop. A call that merely
    /// failed says nothing against a key of the farm.
    Status tell_unreadable(Error error) {
        const bool failed = error.code == ExitCode::token;
        if (failed && (measure_.request != nullptr || token::classify(error) != token::FaultClass::item)) return error;
        key_.state = AuditState::incomplete;
        add("key.incomplete", {error.what});
        if (measure_.request == nullptr) key_.findings.back().severity = Severity::warning;
        return {};
    }

    void judge_attributes(const token::KeyPair& pair) {
        std::vector<std::string> looser;
        std::vector<std::string> others;
        for (const auto& claim : pair.attributes) {
            if (claim.verdict != token::Verdict::differs) continue;
            (is_looser(claim) ? looser : others).push_back(shown(claim));
        }
        for (auto& word : origin_problems(pair)) looser.push_back(std::move(word));
        if (!looser.empty()) add("audit.looser-than-policy", {join(looser, "; ")});
        // What an older generation was asked for may have been another policy.
        if (!others.empty() && measure_.request != nullptr && measure_.current)
            add("policy.attribute-differs", {join(others, "; ")});
    }

    [[nodiscard]] std::vector<std::string> origin_problems(const token::KeyPair& pair) const {
        if (measure_.copy) return {};
        const bool vouched = published_.evidence && published_.evidence->public_key_sha256 == key_.public_key_sha256;
        const bool may_leave =
            measure_.request != nullptr && measure_.request->key.private_key != PrivateKeyPolicy::non_exportable;
        std::vector<std::string> problems;
        if (!pair.local && !vouched) problems.emplace_back("CKA_LOCAL is not true: it was not made in the token");
        if (!pair.always_sensitive) problems.emplace_back("CKA_ALWAYS_SENSITIVE is not true");
        if (!pair.never_extractable && !may_leave) problems.emplace_back("CKA_NEVER_EXTRACTABLE is not true");
        return problems;
    }

    Status judge_public_key(const PublicKey& public_key) {
        TRY_ASSIGN(auto found,
                   key_findings(public_key, {.where = where(), .ca = measure_.ca, .weak_keys = measure_.weak_keys}));
        std::ranges::move(found, std::back_inserter(key_.findings));
        return {};
    }

    void judge_certificates() {
        for (const auto& certificate : certificates_)
            if (certificate.public_key_sha256 != key_.public_key_sha256)
                add("cert.key-mismatch", {"the private key beside it"});
        const bool in_file = published_in_file();
        if (key_.certificates.empty() && !in_file) add("audit.key-without-certificate", {printable(key_.label)});
    }

    [[nodiscard]] bool published_in_file() const {
        return measure_.directory != nullptr && !files_.certificate.empty() &&
               measure_.directory->has(files_.certificate);
    }

    token::Session& session_;
    const AuditMeasure& measure_;
    AuditedKey& key_;
    ItemFiles files_;
    PublishedItem published_;
    std::vector<CertificateInspection> certificates_;
};

}  // namespace

Status audit_key(token::Session& session, const token::FoundObjects& found, const AuditMeasure& measure,
                 AuditedKey& key) {
    return Audit(session, measure, key).look(found);
}

}  // namespace hsmreq::workflow
