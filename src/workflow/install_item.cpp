#include "workflow/install_item.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/hex.hpp"
#include "base/try.hpp"
#include "evidence/envelope.hpp"
#include "evidence/installation.hpp"
#include "token/quirks.hpp"
#include "workflow/evidence_record.hpp"
#include "workflow/install_files.hpp"
#include "workflow/install_token.hpp"
#include "workflow/output_state.hpp"

namespace hsmreq::workflow {
namespace {

class InstallItem {
public:
    InstallItem(const InstallScene& scene, const InstallTask& task, InstallItemResult& result)
        : scene_(scene),
          task_(task),
          result_(result),
          request_(scene.facts.plan.requests[scene.facts.plan.items[task.keys.front().item].request]),
          names_(install_files(request_, task.keys.front().identity,
                               task.keys.front().copy ? task.keys.front().member : "")),
          wanted_{scene.bundle.certificates[task.certificate].certificate,
                  scene.options.store_chain ? task.intermediates : none_, scene.options.run.replace},
          before_(task.keys.size()) {
        for (const auto& one : task.intermediates) intermediates_.push_back(one.der);
    }

    Status run() {
        if (const EvidenceKey* key = scene_.sessions.evidence_key())
            TRY(check_no_item_key(*key, request_.name, wanted_.leaf.public_key_der));
        auto status = attempt();
        if (!status && token::classify(status.error()) == token::FaultClass::session) {
            // The handles went with the session: reopen it and find everything again, once.
            if (const auto reopened = scene_.sessions.reopen_sessions(); reopened) status = attempt();
        }
        if (status) return status;
        Error error = published_ ? std::move(status).error() : give_up(std::move(status).error());
        if (published_)
            error.hint = "the new certificate is stored and written; run again to have the older one removed";
        // Only now: what was stored had to be taken back from the token first.
        if (failing_ != nullptr && token::classify(error) == token::FaultClass::token)
            TokenSessions::note_fault(*failing_, error);
        return error;
    }

private:
    Status attempt() {
        failing_ = nullptr;
        locks_.clear();
        std::vector<TokenChange> changes;
        result_.tokens.clear();
        result_.findings.resize(findings_before_);
        for (std::size_t i = 0; i < task_.keys.size(); ++i) {
            TRY_ASSIGN(TokenUse * use, scene_.sessions.token(task_.keys[i].member));
            TRY_ASSIGN(auto lock, scene_.sessions.lock(*use));
            locks_.push_back(std::move(lock));
            TRY_ASSIGN(auto change, with_token(i, look_at_token));
            if (!before_[i]) before_[i] = change;
            result_.tokens.push_back(begin_token(*use, i));
            std::ranges::copy(change.findings, std::back_inserter(result_.findings));
            changes.push_back(std::move(change));
        }
        if (!published_) TRY(store_and_publish(changes));
        if (scene_.options.run.dry_run) return {};
        for (std::size_t i = 0; i < changes.size(); ++i)
            TRY(with_token(i, [&](const TokenWork& work) { return remove_former(work, changes[i]); }));
        return {};
    }

    Status store_and_publish(const std::vector<TokenChange>& changes) {
        TRY_ASSIGN(const auto files, plan_files({scene_.facts.directory, names_, wanted_.leaf, intermediates_,
                                                 scene_.options.run.replace}));
        name_files(files);
        if (scene_.options.run.dry_run) return {};
        // Before anything is stored: an earlier item may have found that the evidence key's token has gone.
        TRY_ASSIGN(const auto signer, scene_.sessions.evidence_signer());
        for (std::size_t i = 0; i < changes.size(); ++i)
            TRY(with_token(i, [&](const TokenWork& work) {
                return store_in_token(work, changes[i], result_.tokens[i].left_out);
            }));
        TRY(publish(files, signer));
        published_ = true;
        return {};
    }

    template <class Step>
    auto with_token(std::size_t index, Step step) -> decltype(step(std::declval<const TokenWork&>())) {
        const FarmKey& key = task_.keys[index];
        TRY_ASSIGN(TokenUse * use, scene_.sessions.token(key.member));
        TRY_ASSIGN(token::Session * session, scene_.sessions.session(*use));
        auto done = step(TokenWork{*session, key, wanted_});
        if (!done && failing_ == nullptr) failing_ = use;
        return done;
    }

    InstalledToken begin_token(const TokenUse& use, std::size_t index) const {
        const FarmKey& key = task_.keys[index];
        const TokenChange& before = *before_[index];
        const auto& info = use.token->info();
        InstalledToken told;
        told.member = key.member;
        told.copy = key.copy;
        told.state = state_of(before.any(), !before.former.empty());
        told.token_label = info.label;
        told.token_serial = info.serial;
        told.key_uri = token::key_uri(info, key.pair.id, key.pair.label);
        told.replaced = static_cast<unsigned>(before.former.size());
        for (std::size_t i = 0; i < wanted_.intermediates.size(); ++i) {
            const auto& one = wanted_.intermediates[i];
            told.intermediates.push_back({one.subject_text, one.der_sha256, to_hex(intermediate_id(one.der)),
                                          state_of(!before.intermediate_is_there[i], false)});
        }
        return told;
    }

    [[nodiscard]] ItemState state_of(bool changes, bool replaces) const {
        if (!changes) return ItemState::unchanged;
        if (scene_.options.run.dry_run) return ItemState::planned;
        return replaces ? ItemState::replaced : ItemState::created;
    }

    void name_files(const FileChanges& files) {
        result_.certificate_file = names_.certificate;
        result_.fullchain_file = names_.fullchain;
        result_.chain_file = intermediates_.empty() ? "" : names_.chain;
        result_.former_file = files.former ? files.former->file : "";
        result_.evidence_file = names_.evidence;
        const bool signs = scene_.sessions.evidence_key() != nullptr;
        result_.envelope_file = signs ? evidence::envelope_name(names_.evidence) : "";
        const auto changed = [](const auto& before) { return before->any(); };
        const auto replaces = [](const auto& before) { return !before->former.empty(); };
        const bool changes = files.any() || std::ranges::any_of(before_, changed);
        result_.state = state_of(changes, files.former || std::ranges::any_of(before_, replaces));
    }

    /// The certificate that gave way, by the file's name where a file had it.
    [[nodiscard]] std::optional<evidence::FormerCertificate> former(const FileChanges& files) const {
        if (files.former) return files.former;
        for (const auto& before : before_)
            if (before->former_leaf)
                return evidence::FormerCertificate{
                    .serial = before->former_leaf->serial, .sha256 = before->former_leaf->der_sha256, .file = {}};
        return std::nullopt;
    }

    /// The evidence of this very certificate that an earlier run left.
    [[nodiscard]] std::optional<Bytes> standing_evidence() const {
        if (!scene_.facts.directory.has(names_.evidence)) return std::nullopt;
        auto content = scene_.facts.directory.read(names_.evidence, evidence_limit);
        const bool stands = content && evidence::read_install_evidence(*content) == wanted_.leaf.der_sha256;
        return stands ? std::optional(std::move(*content)) : std::nullopt;
    }

    Status publish(const FileChanges& files, const EvidenceSigner& signer) {
        StatementFile statement{names_.evidence, {}};
        auto standing = result_.state == ItemState::unchanged ? standing_evidence() : std::nullopt;
        if (standing) {
            statement.content = std::move(*standing);
            statement.published = true;
            if (envelope_stands(signer.key, statement, scene_.facts.directory)) return {};
        } else {
            TRY_ASSIGN(statement.content, make_evidence(files));
        }
        auto written = write_files({scene_.facts.directory, names_, files, signer}, std::move(statement));
        // Where the evidence key's token has gone, no other item is begun.
        if (!written && signer.key != nullptr && token::classify(written.error()) == token::FaultClass::token)
            failing_ = &signer.key->use();
        return written;
    }

    [[nodiscard]] Result<Bytes> make_evidence(const FileChanges& files) const {
        const FarmKey& key = task_.keys.front();
        TRY_ASSIGN(TokenUse * use, scene_.sessions.token(key.member));
        auto record =
            make_record(scene_.facts, {.item = scene_.facts.plan.items[key.item],
                                       .request = request_,
                                       .identity = key.identity,
                                       .token = *use->token,
                                       .key = key.pair,
                                       .probe = nullptr,
                                       .quirks = token::find_quirk_profile(use->token->module(), use->token->info()),
                                       .signature_mechanism = "",
                                       .findings = result_.findings,
                                       .copy = key.copy});
        record.token_member = key.member;
        record.public_key_der = wanted_.leaf.public_key_der;
        record.checks = {
            "the certificate's public key is the one that the token reported for this CKA_ID",
            "its names, usages and subject were compared with the plan",
            "its validity was compared with this machine's clock",
            "its chain was verified up to a trusted root (OpenSSL)",
            "every object was read back from its token and compared with the certificate byte by byte",
        };
        const evidence::InstallRecord installation{.certificate = result_.certificate,
                                                   .chain = result_.chain,
                                                   .root = result_.root,
                                                   .tokens = result_.tokens,
                                                   .former = former(files),
                                                   .files = files.contents};
        return evidence::to_json(record, installation);
    }

    /// As it was before: the older certificate is still there, so only what came goes.
    Error give_up(Error error) {
        for (std::size_t i = 0; i < before_.size(); ++i) {
            if (!before_[i] || scene_.options.run.dry_run) continue;
            const auto gone = with_token(i, [&](const TokenWork& work) { return take_back(work, *before_[i]); });
            if (!gone)
                error.hint = fmt::format(
                    "the certificate may still be in the token of {}: run again once that is "
                    "mended, or remove it there",
                    task_.keys[i].member);
        }
        result_.certificate_file.clear();
        result_.chain_file.clear();
        result_.fullchain_file.clear();
        result_.former_file.clear();
        result_.evidence_file.clear();
        result_.envelope_file.clear();
        result_.tokens.clear();
        return error;
    }

    const InstallScene& scene_;
    const InstallTask& task_;
    InstallItemResult& result_;
    const RequestPlan& request_;
    const InstallFiles names_;
    const std::vector<CertificateInspection> none_;
    const CertificatesToStore wanted_;
    std::vector<Bytes> intermediates_;
    std::vector<std::optional<TokenChange>> before_;  ///< how each token was found
    const std::size_t findings_before_ = result_.findings.size();
    std::vector<SharedLock::Guard> locks_;  ///< until all is done, or taken back
    bool published_ = false;
    TokenUse* failing_ = nullptr;  ///< the first whose call failed
};

}  // namespace

Status install_item(const InstallScene& scene, const InstallTask& task, InstallItemResult& result) {
    return InstallItem(scene, task, result).run();
}

}  // namespace hsmreq::workflow
