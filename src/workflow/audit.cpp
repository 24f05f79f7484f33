#include "hsmreq/audit.hpp"

#include <map>
#include <memory>
#include <utility>

#include "base/clock.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "workflow/audit_key.hpp"
#include "workflow/audit_token.hpp"
#include "workflow/generations.hpp"
#include "workflow/key_findings.hpp"
#include "workflow/plan.hpp"
#include "workflow/run_parts.hpp"
#include "workflow/token_pool.hpp"
#include "workflow/visits.hpp"

namespace hsmreq::workflow {
namespace {

/// A label up to the first word that differs by key: what every label of the request begins with.
std::string label_prefix(const std::string& pattern, const std::string& farm) {
    const std::string named = expand_template(pattern, [&](std::string_view placeholder) {
        return placeholder == "farm" ? farm : "{" + std::string(placeholder) + "}";
    });
    return named.substr(0, named.find('{'));
}

class AuditRun {
public:
    AuditRun(const AuditOptions& options, const AuditContext& context) : options_(options), context_(context) {
        summary_.token_uri = options.token_uri;
        summary_.date = to_text(options.run.plan.date);
        summary_.time = timestamp();
    }

    AuditOutcome run() {
        auto status = options_.token_uri.empty() ? audit_farm() : audit_token();
        AuditOutcome outcome;
        if (has_summary_) outcome.summary = std::move(summary_);
        if (!status) outcome.error = std::move(status).error();
        return outcome;
    }

private:
    Status audit_token() {
        const auto uri = token::Uri::parse(options_.token_uri, token::UriKind::token);
        if (!uri) return uri.error();
        has_summary_ = true;
        Farm none;
        none.members.push_back({.name = "token",
                                .module = options_.run.module,
                                .uri = options_.token_uri,
                                .pin_source = "prompt",
                                .server = std::nullopt});
        token::Watchdog watchdog(options_.run.timeout, [this](const auto& timeout) { end_hung(timeout); });
        TokenPool pool(none, options_.run, watchdog);
        TRY(pool.open({"token"}, context_.observer));
        summary_.findings = pool.findings();
        TRY_ASSIGN(TokenUse * use, pool.use("token"));
        TRY_ASSIGN(const auto session, use->token->open_session());
        TRY_ASSIGN(const auto lock, lock_token(*use, options_.run, context_.observer));
        TRY_ASSIGN(summary_.items, audit_whole_token(*session));
        return {};
    }

    Status audit_farm() {
        TRY_ASSIGN(const auto planned, plan_farm(options_.run.farm_file, options_.run.plan));
        has_summary_ = true;
        static_cast<RunHeader&>(summary_) = begin_run(options_.run, planned);
        summary_.findings = planned.plan.findings;
        TRY_ASSIGN(const auto visits, choose_visits(planned, options_.run));
        TRY(check_rules(planned.plan));
        TRY_ASSIGN(const auto directory, OutputDirectory::open_existing(summary_.output_directory));
        TRY_ASSIGN(const auto weak_keys, load_weak_key_list(planned.farm.rules.weak_key_list));
        std::vector<std::string> members;
        for (const auto& visit : visits) members.push_back(visit.token_member);
        token::Watchdog watchdog(options_.run.timeout, [this](const auto& timeout) { end_hung(timeout); });
        TokenPool pool(planned.farm, options_.run, watchdog);
        TRY(pool.open(members, context_.observer));
        for (const auto& finding : pool.findings()) summary_.findings.push_back(finding);
        std::map<TokenUse*, OrphanSearch> searches;
        for (const auto& visit : visits) {
            if (context_.observer.interrupted()) return interrupted_early();
            const RequestPlan& request = planned.plan.requests[visit.item.request];
            const AuditMeasure measure{.request = &request,
                                       .identity = identity_of(planned.plan, visit),
                                       .copy = visit.copy,
                                       .directory = &directory,
                                       .ca = planned.farm.ca,
                                       .weak_keys = weak_keys ? &*weak_keys : nullptr};
            visit_key(visit, pool, measure, searches);
        }
        for (auto& [use, search] : searches) {
            search.farm = planned.plan.farm;
            know_unvisited(planned.plan, search);
            for (const auto& request : planned.plan.requests)
                search.prefixes.insert(label_prefix(request.key.label, planned.plan.farm));
            TRY(add_orphans(*use, search));
        }
        return {};
    }

    /// With --member, keys of the others may be on the same token: they are left out, and no orphans.
    void know_unvisited(const Plan& plan, OrphanSearch& search) const {
        constexpr unsigned generations = 64;
        if (options_.run.member.empty()) return;
        for (const auto& item : plan.items) {
            if (item.token_member == options_.run.member) continue;
            KeyIdentity identity{plan.farm, plan.requests[item.request].name, item.member, 1};
            for (; identity.generation <= generations; ++identity.generation)
                search.known.insert(to_hex(key_id(identity)));
        }
    }

    void visit_key(const Visit& visit, const TokenPool& pool, const AuditMeasure& measure,
                   std::map<TokenUse*, OrphanSearch>& searches) {
        const auto use = pool.use(visit.token_member);
        if (visit.copy && use) {
            const auto original = pool.use(visit.item.token_member);
            if (original && *original == *use) return;  // one token, one key
        }
        Status status = use ? Status{} : Status(use.error());
        if (use && (*use)->gone) status = *(*use)->gone;
        if (status) status = look_at(visit, **use, measure, searches[*use]);
        if (status) return;
        AuditedKey failed = begin_key(visit, measure.identity);
        failed.error = std::move(status).error();
        summary_.items.push_back(std::move(failed));
    }

    Status look_at(const Visit& visit, TokenUse& use, AuditMeasure measure, OrphanSearch& search) {
        TRY_ASSIGN(const auto session, use.token->open_session());
        TRY_ASSIGN(const auto lock, lock_token(use, options_.run, context_.observer));
        if (!measure.request->key.uri.empty()) return look_at_existing(visit, *session, measure);
        TRY_ASSIGN(auto generations, find_generations({*session, measure.identity, visit.copy}));
        if (generations.empty() && visit.copy) return {};  // not distributed yet
        if (generations.empty()) generations.push_back({measure.identity, {}});
        const unsigned current = generations.back().identity.generation;
        for (const auto& [identity, found] : generations) {
            measure.identity = identity;
            measure.current = identity.generation == current;
            AuditedKey key = begin_key(visit, identity);
            key.token = use.token->info().label;
            search.known.insert(key.key_id);
            TRY(audit_key(*session, found, measure, key));
            summary_.items.push_back(std::move(key));
        }
        return {};
    }

    Status look_at_existing(const Visit& visit, token::Session& session, const AuditMeasure& measure) {
        TRY_ASSIGN(const auto uri, token::Uri::parse(measure.request->key.uri, token::UriKind::object));
        TRY_ASSIGN(const auto found, token::find_by_uri(session, uri));
        AuditedKey key = begin_key(visit, measure.identity);
        key.token = session.token().info().label;
        key.key_id = to_hex(uri.object_id());
        TRY(audit_key(session, found, measure, key));
        summary_.items.push_back(std::move(key));
        return {};
    }

    static AuditedKey begin_key(const Visit& visit, const KeyIdentity& identity) {
        AuditedKey key;
        key.token_member = visit.token_member;
        key.farm = identity.farm;
        key.request = identity.request;
        key.member = identity.member;
        key.generation = identity.generation;
        key.key_id = to_hex(key_id(identity));
        return key;
    }

    Status add_orphans(TokenUse& use, const OrphanSearch& search) {
        TRY_ASSIGN(const auto session, use.token->open_session());
        TRY_ASSIGN(auto orphans, find_orphans(*session, search));
        for (auto& orphan : orphans) {
            orphan.token_member = use.member;
            summary_.items.push_back(std::move(orphan));
        }
        return {};
    }

    void end_hung(const token::CallTimeout& timeout) {
        if (context_.hung) context_.hung({.summary = summary_, .error = call_timed_out(timeout)});
    }

    const AuditOptions& options_;
    const AuditContext& context_;
    AuditSummary summary_;
    bool has_summary_ = false;
};

}  // namespace
}  // namespace hsmreq::workflow

namespace hsmreq {

AuditOutcome audit_keys(const AuditOptions& options, const AuditContext& context) {
    return workflow::AuditRun(options, context).run();
}

}  // namespace hsmreq
