#include "hsmreq/export.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/digest.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "evidence/envelope.hpp"
#include "plan/rules.hpp"
#include "token/pin.hpp"
#include "workflow/export_evidence.hpp"
#include "workflow/export_file.hpp"
#include "workflow/export_item.hpp"
#include "workflow/plan.hpp"
#include "workflow/run_parts.hpp"
#include "workflow/take_key.hpp"
#include "workflow/token_pool.hpp"
#include "workflow/token_sessions.hpp"

namespace hsmreq::workflow {
namespace {

ExportSummary begin(const ExportOptions& options, const PlannedFarm& planned) {
    auto summary = begin_summary<ExportSummary>(options.run, planned);
    summary.target = options.target;
    summary.output_file = options.output_file;
    return summary;
}

Error not_acknowledged() {
    return {.code = ExitCode::interrupted, .what = "the security note was not acknowledged: nothing was exported"};
}

Error exists(const std::string& file) {
    return {.code = ExitCode::output,
            .what = "the file exists and is not what the export would write",
            .where = file,
            .hint = "--replace writes over it; a PKCS#12 file with another password counts as another file"};
}

/// Not even with --replace: the key would lie where everybody looks for a certificate.
Error own_certificate() {
    return {.code = ExitCode::output,
            .what = "--output names the certificate's own file",
            .hint = "give the exported key a file of its own, in a folder of its own"};
}

/// Below the frame that holds one, nothing of the key stays on the stack when it goes.
struct StackWiper {
    StackWiper() = default;
    ~StackWiper() { wipe_dead_stack(); }
    StackWiper(const StackWiper&) = delete;
    StackWiper& operator=(const StackWiper&) = delete;
};

/// One run, from the options to the file.
class ExportRun {
public:
    ExportRun(const ExportOptions& options, const ExportContext& context, const PlannedFarm& planned)
        : options_(options), context_(context), planned_(planned), summary_(begin(options, planned)) {}

    ExportOutcome run() {
        auto status = prepare();
        if (status) return {.summary = summary_, .error = std::nullopt};
        return failed(std::move(status).error());
    }

private:
    [[nodiscard]] ExportOutcome failed(Error error) const {
        ExportOutcome outcome{.summary = summary_, .error = std::move(error)};
        for (auto& item : outcome.summary->items) {
            item.state = ItemState::failed;
            item.error = outcome.error;
        }
        return outcome;
    }

    /// What can be refused before a token is opened is refused here, the policy's word first: it says more than the
    /// plan's findings.
    Status prepare() {
        TRY_ASSIGN(const ExportItem item, choose_export_item(planned_.farm, planned_.plan, options_));
        begin_item(item);
        TRY(check_rules(planned_.plan));
        if (options_.run.reason.empty())
            return Error{.code = ExitCode::usage, .what = "an export needs a reason, for its evidence"};
        TRY_ASSIGN(const auto file, ExportFile::open(options_));
        TRY_ASSIGN(auto directory, open_certificates());
        TRY(acknowledge());
        TRY_ASSIGN(const Secret password, read_password());
        TRY_ASSIGN(const auto lock, lock_directory(options_.run, context_.observer, directory));
        const auto facts = make_facts(planned_, {options_.run, directory, context_.observer, summary_.time});
        return with_token(facts, file, password);
    }

    void begin_item(const ExportItem& item) {
        item_ = &planned_.plan.items[item.index];
        request_ = &planned_.plan.requests[item_->request];
        ExportItemResult result;
        result.request = request_->name;
        result.member = item_->member;
        result.token_member = item_->token_member;
        result.recipients = item.recipients;
        result.findings = item.findings;
        summary_.items.push_back(std::move(result));
    }

    /// Where the certificate is and the evidence goes. It is not made: a key without a certificate isn't exported.
    [[nodiscard]] Result<OutputDirectory> open_certificates() const {
        TRY_ASSIGN(auto directory, OutputDirectory::open_existing(summary_.output_directory));
        if (!directory.exists())
            return Error{.code = ExitCode::not_found,
                         .what = "there is no certificate: the output directory is not there",
                         .where = summary_.output_directory,
                         .hint = "`hsmreq install` puts the CA's certificate there; --out names another directory"};
        return open_directory(options_.run, summary_.output_directory);
    }

    [[nodiscard]] Status acknowledge() const {
        if (options_.run.dry_run) return {};
        bool acknowledged = options_.acknowledged;
        if (context_.acknowledge) {
            TRY_ASSIGN(acknowledged, context_.acknowledge(security_note(options_)));
        }
        if (!acknowledged) return not_acknowledged();
        return {};
    }

    Result<Secret> read_password() {
        if (facts(options_.target).protection == KeyProtection::none) {
            if (!options_.password_source.empty())
                context_.observer.notice("a PEM file has no password: --password-source is not used");
            return Secret();
        }
        TRY_ASSIGN(auto source, token::parse_pin_source(options_.password_source));
        source.noun = "password";
        token::PinPrompt prompt;
        if (context_.ask_password) prompt = [this](const std::string&) { return context_.ask_password(); };
        TRY_ASSIGN(auto reading, token::read_pin(source, prompt, ""));
        if (!reading.warning.empty()) context_.observer.notice(reading.warning);
        if (!reading.pin)
            return Error{.code = ExitCode::usage,
                         .what = "a PKCS#12 file has a password, and the password source is none",
                         .hint = "use prompt, env:NAME, file:PATH, fd:N or credential:NAME"};
        TRY_ASSIGN(const auto judgement, x509::judge_password(*reading.pin, options_.allow_weak_password));
        short_password_ = judgement.short_one;
        if (judgement.short_one) {
            auto& finding = item().findings.emplace_back(
                plan::make_finding("policy.weak-password", request_->name, {std::to_string(shortest_password)}));
            finding.severity = Severity::warning;
        }
        if (judgement.non_ascii)
            item().findings.push_back(plan::make_finding("export.password-not-ascii", request_->name, {}));
        return std::move(*reading.pin);
    }

    Status with_token(const RunFacts& facts, const ExportFile& file, const Secret& password) {
        token::Watchdog watchdog(options_.run.timeout, [this](const token::CallTimeout& timeout) {
            if (context_.hung) context_.hung(failed(call_timed_out(timeout)));
        });
        TokenPool pool(planned_.farm, options_.run, watchdog);
        TRY(pool.open({item_->token_member}, context_.observer));
        TokenSessions sessions(pool, options_.run, context_.observer);
        TRY_ASSIGN(TokenUse * use, sessions.token(item_->token_member));
        TRY(pool.open_evidence_key(facts.plan, context_.observer));
        for (const auto& finding : pool.findings()) summary_.findings.push_back(finding);
        TRY_ASSIGN(token::Session * session, sessions.session(*use));
        const Step step{facts, file, password, *session, *use, sessions};
        const StackWiper wiper;
        auto status = work(step);
        if (status || token::classify(status.error()) != token::FaultClass::session) return status;
        // Nothing was written, and the handles went with the session: once more from the beginning.
        TRY(sessions.reopen_sessions());
        return work(step);
    }

    struct Step {
        const RunFacts& facts;
        const ExportFile& file;
        const Secret& password;
        token::Session& session;
        const TokenUse& use;
        TokenSessions& sessions;
    };

    Status work(const Step& step) {
        TRY_ASSIGN(const auto source, find_source(step.facts, *item_, step.session));
        if (const EvidenceKey* key = step.sessions.evidence_key())
            TRY(check_no_item_key(*key, request_->name, source.public_key_der));
        item().generation = source.identity.generation;
        item().key_uri = source.uri;
        item().public_key_sha256 = source.public_key_sha256;
        TRY_ASSIGN(const auto certificate,
                   choose_certificate({planned_.farm, step.facts.directory, file_stem(*request_, source.identity),
                                       source.public_key_der, planned_.plan.date}));
        item().certificate = certificate.facts;
        item().chain = certificate.chain_subjects;
        add_findings(certificate.findings);
        const auto content = pfx_content(options_, *request_, certificate);
        if (step.file.is(step.facts.directory.path() + "/" + certificate.facts.file)) return own_certificate();
        const bool replaces = step.file.exists();
        if (replaces) {
            item().file_sha256 = step.file.unchanged(content, step.password);
            item().state = ItemState::unchanged;
            if (!item().file_sha256.empty()) return sign_standing(step, source);
            if (!options_.run.replace) return exists(options_.output_file);
        }
        TRY(check_ways_out(step.session));
        item().state = ItemState::planned;
        if (options_.run.dry_run) return {};
        if (context_.observer.interrupted()) return interrupted_run();
        TRY(export_now(step, source, content));
        item().state = replaces ? ItemState::replaced : ItemState::created;
        return {};
    }

    /// As with everything else that is found unchanged: evidence from before there was a key is signed as it stands.
    [[nodiscard]] Status sign_standing(const Step& step, const SourceKey& source) const {
        if (options_.run.dry_run) return {};
        return sign_records(step.sessions, file_stem(*request_, source.identity), item().file_sha256,
                            step.facts.directory);
    }

    /// The evidence first, then the envelope over it: no file with a key is without its record. Where the file can't be
    /// published, both go again.
    Status export_now(const Step& step, const SourceKey& source, const x509::PfxContent& content) {
        Secret bytes;
        {
            TRY_ASSIGN(const auto taken, take_key(step.session, source));
            item().mechanisms = taken.mechanisms;
            TRY_ASSIGN(bytes, ExportFile::encode(content, taken.key, step.password));
        }
        item().file_sha256 = sha256_hex(bytes.reveal());
        OutputDirectory& directory = step.facts.directory;
        const std::string name = next_record(directory, file_stem(*request_, source.identity));
        auto written = publish_record(step.sessions, {name, evidence_of(step, source, content)}, directory);
        if (written) {
            written = step.file.write(bytes, content, step.password);
            if (!written) TRY(remove_record(directory, name));
        }
        if (!written) {
            item().file_sha256.clear();
            return written;
        }
        item().evidence_file = name;
        if (step.sessions.evidence_key() != nullptr) item().envelope_file = evidence::envelope_name(name);
        return {};
    }

    [[nodiscard]] Bytes evidence_of(const Step& step, const SourceKey& source, const x509::PfxContent& content) const {
        return make_export_evidence(step.facts, {.item = *item_,
                                                 .request = *request_,
                                                 .source = source,
                                                 .token = *step.use.token,
                                                 .options = options_,
                                                 .content = content,
                                                 .result = item(),
                                                 .short_password = short_password_});
    }

    /// A second attempt finds the same again.
    void add_findings(const std::vector<Finding>& findings) {
        for (const auto& finding : findings) {
            const auto same = [&](const Finding& other) {
                return other.id == finding.id && other.message == finding.message;
            };
            if (std::ranges::none_of(item().findings, same)) item().findings.push_back(finding);
        }
    }

    [[nodiscard]] ExportItemResult& item() { return summary_.items.front(); }
    [[nodiscard]] const ExportItemResult& item() const { return summary_.items.front(); }

    const ExportOptions& options_;
    const ExportContext& context_;
    const PlannedFarm& planned_;
    ExportSummary summary_;
    const PlanItem* item_ = nullptr;
    const RequestPlan* request_ = nullptr;
    bool short_password_ = false;
};

}  // namespace
}  // namespace hsmreq::workflow

namespace hsmreq {

ExportOutcome export_key(const ExportOptions& options, const ExportContext& context) {
    const auto planned = workflow::plan_farm(options.run.farm_file, options.run.plan);
    if (!planned) return {.summary = std::nullopt, .error = planned.error()};
    return workflow::ExportRun(options, context, *planned).run();
}

}  // namespace hsmreq
