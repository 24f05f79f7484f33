#include "hsmreq/status.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/calendar.hpp"
#include "plan/rules.hpp"
#include "workflow/plan.hpp"
#include "workflow/run_parts.hpp"
#include "workflow/status_facts.hpp"
#include "workflow/status_item.hpp"
#include "workflow/token_pool.hpp"
#include "workflow/visits.hpp"

namespace hsmreq::workflow {
namespace {

class StatusRun {
public:
    StatusRun(const StatusOptions& options, const StatusContext& context, const PlannedFarm& planned)
        : options_(options),
          context_(context),
          planned_(planned),
          summary_(begin_summary<StatusSummary>(options.run, planned)) {
        yardstick_.product = planned.farm.product;
        yardstick_.ca = planned.farm.ca;
        yardstick_.date = options.run.plan.date;
        yardstick_.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        yardstick_.warn_days = options.warn_days;
    }

    StatusOutcome run() {
        auto status = look();
        if (status && options_.fail_when_due && summary_.due) status = renewal_due();
        return {.summary = summary_, .error = status ? std::nullopt : std::optional(std::move(status).error())};
    }

private:
    Status look() {
        summary_.authority = to_name(planned_.farm.ca);
        summary_.warn_days = options_.warn_days;
        summary_.certificates = planned_.plan.items.size();
        summary_.calendar = plan::calendar(plan::profile(planned_.farm.ca), options_.run.plan.date);
        TRY_ASSIGN(const auto visits, choose_visits(planned_, options_.run));
        TRY_ASSIGN(const auto directory, OutputDirectory::open_existing(summary_.output_directory));
        for (const auto& visit : visits) {
            // Files do not tell on which tokens a copy is.
            if (visit.copy && options_.files_only) continue;
            all_.push_back({visit, read_files(directory, request_of(visit), identity_of(planned_.plan, visit))});
            summary_.items.push_back(begin_item(visit));
        }
        // What is known by now is told even if a token never answers.
        conclude_all();
        TRY(check_rules(planned_.plan));
        if (options_.files_only) return {};
        read_tokens();
        conclude_all();
        return {};
    }

    [[nodiscard]] Error renewal_due() const {
        std::vector<std::string> names;
        for (const auto& item : summary_.items)
            if (item.due) names.push_back(item.request + " " + item.token_member);
        return {.code = ExitCode::rules,
                .what = "a renewal is due: " + join(names, ", "),
                .where = summary_.farm_file,
                .hint = "make the next generation: hsmreq renew " + summary_.farm_file};
    }

    struct Looked {
        Visit visit;
        std::vector<GenerationFacts> generations;
        bool read = false;  ///< the token was
        bool on_token = false;
        bool may_hide = false;  ///< a login might show what is there
    };

    [[nodiscard]] const RequestPlan& request_of(const Visit& visit) const {
        return planned_.plan.requests[visit.item.request];
    }

    static bool token_has(unsigned generation, const Looked& looked) {
        const auto facts = std::ranges::find(looked.generations, generation, &GenerationFacts::generation);
        return facts != looked.generations.end() && std::ranges::find(facts->sources, "token") != facts->sources.end();
    }

    [[nodiscard]] StatusItem begin_item(const Visit& visit) const {
        StatusItem item;
        item.request = request_of(visit).name;
        item.member = visit.item.member;
        item.token_member = visit.token_member;
        item.copy = visit.copy;
        return item;
    }

    void read_tokens() {
        token::Watchdog watchdog(options_.run.timeout, [this](const token::CallTimeout& timeout) {
            if (context_.hung) context_.hung({.summary = summary_, .error = call_timed_out(timeout)});
        });
        TokenPool pool(planned_.farm, options_.run, watchdog);
        for (std::size_t i = 0; i < all_.size(); ++i) {
            auto status = read_one(pool, all_[i], summary_.items[i]);
            if (!status) summary_.items[i].error = std::move(status).error();
        }
        for (const auto& finding : pool.findings()) summary_.findings.push_back(finding);
    }

    Status read_one(TokenPool& pool, Looked& looked, StatusItem& item) {
        const std::string& member = looked.visit.token_member;
        const auto access = options_.private_objects ? TokenAccess::login : TokenAccess::public_objects;
        if (login_error_) return *login_error_;
        if (auto opened = pool.open({member}, context_.observer, access); !opened) {
            // One refused PIN ends all logins: the next token may be given the same.
            login_error_ = opened.error();
            return *login_error_;
        }
        TRY_ASSIGN(TokenUse * use, pool.use(member));
        if (use->gone) return *use->gone;
        TRY_ASSIGN(const auto session, use->token->open_reading_session());
        const TokenSearch search{*session, request_of(looked.visit), identity_of(planned_.plan, looked.visit),
                                 looked.visit.copy, options_.private_objects || !use->token->info().login_required};
        TRY_ASSIGN(looked.on_token, read_token(search, looked.generations));
        looked.read = true;
        looked.may_hide = !looked.on_token && !search.sees_private;
        item.token = use->token->info().label;
        return {};
    }

    void conclude_all() {
        summary_.due = false;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            StatusItem item = begin_item(all_[i].visit);
            item.token = summary_.items[i].token;
            item.error = summary_.items[i].error;
            conclude_one(all_[i], item);
            plan::apply_waivers(planned_.farm.rules, options_.run.plan.date, item.findings);
            summary_.due = summary_.due || item.due;
            summary_.items[i] = std::move(item);
        }
    }

    void conclude_one(const Looked& looked, StatusItem& item) const {
        if (item.copy && !looked.read) return;
        if (item.error && looked.generations.empty()) return;
        if (item.copy && !looked.on_token) {
            item.state = StatusState::not_distributed;
            item.next = looked.generations.empty() ? "" : "distribute";
            return;
        }
        conclude(looked.generations, request_of(looked.visit), yardstick_, item);
        if (item.copy && !token_has(item.generation, looked)) {
            item.state = StatusState::not_distributed;
            item.next = "distribute";
        }
        if (looked.may_hide)
            item.findings.push_back(plan::make_finding("status.nothing-shown", "member " + item.token_member,
                                                       {plan::quoted(item.token), plan::quoted(item.request)}));
    }

    const StatusOptions& options_;
    const StatusContext& context_;
    const PlannedFarm& planned_;
    Yardstick yardstick_;
    StatusSummary summary_;
    std::vector<Looked> all_;
    std::optional<Error> login_error_;
};

}  // namespace
}  // namespace hsmreq::workflow

namespace hsmreq {

const StatusCertificate* StatusGeneration::certificate() const {
    const auto fits = [&](const StatusCertificate& held) {
        return public_key_sha256.empty() || public_key_sha256 == held.public_key_sha256;
    };
    const auto found = std::ranges::find_if(certificates, fits);
    return found == certificates.end() ? nullptr : &*found;
}

const StatusCertificate* StatusItem::certificate() const {
    const auto found = std::ranges::find(generations, generation, &StatusGeneration::generation);
    return found == generations.end() ? nullptr : found->certificate();
}

StatusOutcome farm_status(const StatusOptions& options, const StatusContext& context) {
    const auto planned = workflow::plan_farm(options.run.farm_file, options.run.plan);
    if (!planned) return {.summary = std::nullopt, .error = planned.error()};
    return workflow::StatusRun(options, context, *planned).run();
}

}  // namespace hsmreq
