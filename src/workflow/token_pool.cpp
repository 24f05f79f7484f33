#include "workflow/token_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/rules.hpp"
#include "workflow/run_parts.hpp"

namespace hsmreq::workflow {
namespace {

const Member* find_member(const Farm& farm, const std::string& name) {
    const auto member = std::ranges::find(farm.members, name, &Member::name);
    return member == farm.members.end() ? nullptr : &*member;
}

Error with_place(Error error, const std::string& place) {
    error.where = error.where.empty() ? place : fmt::format("{}, {}", place, error.where);
    return error;
}

Finding share_token(const std::string& first, const std::string& second, const token::TokenInfo& token) {
    return plan::make_finding("policy.members-share-token", "member " + second,
                              {plan::quoted(first), plan::quoted(second), "any request on " + token.display()});
}

/// Ends every chance of a useful run: nothing may be tried again after these.
bool ends_run(const Error& error) {
    return error.code == ExitCode::login || error.code == ExitCode::input || error.code == ExitCode::interrupted;
}

}  // namespace

Result<SharedLock::Guard> lock_token(TokenUse& use, const RequestOptions& options, RequestObserver& observer) {
    return use.lock.enter(use.lock_key(), lock_options(use.token->info().display(), options, observer));
}

TokenPool::TokenPool(const Farm& farm, const RequestOptions& options, token::Watchdog& watchdog, token::PinCache* pins)
    : farm_(farm), options_(options), watchdog_(watchdog), pins_(pins) {}

TokenPool::~TokenPool() {
    evidence_key_.reset();
    tokens_.clear();
    modules_.clear();
}

Result<TokenUse*> TokenPool::open_token(const Wanted& wanted) {
    auto module = modules_.find(wanted.module);
    if (module == modules_.end()) {
        TRY_ASSIGN(auto loaded, token::Module::load({wanted.module, options_.trust_module, &watchdog_}));
        module = modules_.emplace(wanted.module, std::move(loaded)).first;
    }
    TRY_ASSIGN(auto token, module->second->find_token(wanted.uri));
    for (const auto& use : tokens_)
        if (use->lock_key() == token->info().identity()) return use.get();
    auto use = std::make_unique<TokenUse>();
    use->token = std::move(token);
    tokens_.push_back(std::move(use));
    return tokens_.back().get();
}

std::string TokenPool::pin_source(const Member& member, const token::Uri& uri) const {
    std::string text = uri.pin_source().empty() ? member.pin_source : uri.pin_source();
    for (const auto& given : options_.pin_sources)
        if (given.member.empty()) text = given.source;
    for (const auto& given : options_.pin_sources)
        if (given.member == member.name) text = given.source;
    return text;
}

Status TokenPool::login(TokenUse& use, const Wanted& wanted, RequestObserver& observer) {
    TRY_ASSIGN(auto source, token::parse_pin_source(wanted.pin_source));
    const token::LoginOptions options{
        .source = std::move(source),
        .prompt = [&observer](const std::string& label) { return observer.ask_pin(label); },
        .allow_final_try = options_.allow_final_try,
        .pins = pins_,
    };
    TRY_ASSIGN(const std::string warning, use.token->login(options));
    if (!warning.empty()) findings_.push_back(plan::make_finding("pin.trailing-newline", wanted.who, {warning}));
    return {};
}

/// A token that is in the pool already is logged in, or has failed to be.
Result<TokenUse*> TokenPool::open_and_login(const Wanted& wanted, RequestObserver& observer) {
    const std::size_t before = tokens_.size();
    TRY_ASSIGN(auto* const use, open_token(wanted));
    if (tokens_.size() == before) {
        const std::scoped_lock lock(use->mutex);
        if (use->gone) return *use->gone;
        return use;
    }
    auto status = wanted.access == TokenAccess::login ? login(*use, wanted, observer) : Status{};
    if (status) return use;
    // The token stays in the pool, so that it is not matched and tried again for the next member.
    use->gone = status.error();
    return std::move(status).error();
}

Result<TokenUse*> TokenPool::open_member(const Member& member, RequestObserver& observer, TokenAccess access) {
    TRY_ASSIGN(const auto uri, token::Uri::parse(member.uri, token::UriKind::token));
    TRY_ASSIGN(auto* const use, open_and_login({.module = options_.module.empty() ? member.module : options_.module,
                                                .uri = uri,
                                                .pin_source = pin_source(member, uri),
                                                .who = "member " + member.name,
                                                .access = access},
                                               observer));
    if (use->member.empty()) {
        use->member = member.name;
    } else if (farm_.key.sharing == Sharing::per_member) {
        findings_.push_back(share_token(use->member, member.name, use->token->info()));
    }
    return use;
}

Status TokenPool::open(const std::vector<std::string>& members, RequestObserver& observer, TokenAccess access) {
    for (const auto& name : members) {
        if (members_.contains(name)) continue;
        if (observer.interrupted()) return interrupted_early();
        const Member* member = find_member(farm_, name);
        if (member == nullptr)
            return Error{.code = ExitCode::internal, .what = "the plan names a member that the farm has not: " + name};
        auto use = open_member(*member, observer, access);
        if (!use) {
            Error error = with_place(std::move(use).error(), "member " + name);
            if (ends_run(error)) return error;
            use = std::move(error);
        }
        members_.emplace(name, std::move(use));
    }
    return {};
}

Status TokenPool::open_evidence_key(const Plan& plan, RequestObserver& observer) {
    const EvidenceSettings& settings = farm_.evidence;
    if (settings.key.empty()) return {};
    if (observer.interrupted()) return interrupted_early();
    TRY_ASSIGN(auto uri, token::Uri::parse(settings.key, token::UriKind::object));
    Wanted wanted{.module = options_.module.empty() ? settings.default_module : options_.module,
                  .uri = uri,
                  .pin_source = uri.pin_source().empty() ? settings.default_pin_source : uri.pin_source(),
                  .who = "evidence.key"};
    for (const auto& given : options_.pin_sources)
        if (given.member.empty() && uri.pin_source().empty()) wanted.pin_source = given.source;
    if (!settings.module.empty()) wanted.module = settings.module;
    if (!settings.pin_source.empty()) wanted.pin_source = settings.pin_source;
    auto use = open_and_login(wanted, observer);
    if (!use) return with_place(std::move(use).error(), wanted.who);
    auto key = EvidenceKey::open(**use, std::move(uri));
    if (!key) return with_place(std::move(key).error(), wanted.who);
    evidence_key_ = std::move(key).value();
    return check_no_item_key(*evidence_key_, plan);
}

std::size_t TokenPool::worker_limit() const {
    std::size_t limit = std::numeric_limits<std::size_t>::max();
    for (const auto& use : tokens_) {
        const std::size_t sessions = use->token->info().max_sessions;
        // One session carries the login; a token that has no other lends it.
        if (sessions != 0) limit = std::min(limit, std::max<std::size_t>(sessions, 2) - 1);
    }
    return limit;
}

Result<TokenUse*> TokenPool::use(const std::string& member) const {
    const auto found = members_.find(member);
    if (found == members_.end())
        return Error{.code = ExitCode::internal, .what = "no token was opened for member " + member};
    return found->second;
}

}  // namespace hsmreq::workflow
