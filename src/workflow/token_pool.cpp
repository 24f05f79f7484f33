#include "workflow/token_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/rules.hpp"

namespace hsmreq::workflow {
namespace {

const Member* find_member(const Farm& farm, const std::string& name) {
    const auto member = std::ranges::find(farm.members, name, &Member::name);
    return member == farm.members.end() ? nullptr : &*member;
}

Error with_member(Error error, const std::string& member) {
    error.where = error.where.empty() ? "member " + member : fmt::format("member {}, {}", member, error.where);
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

TokenPool::TokenPool(const Farm& farm, const RequestOptions& options, token::Watchdog& watchdog, token::PinCache* pins)
    : farm_(farm), options_(options), watchdog_(watchdog), pins_(pins) {}

TokenPool::~TokenPool() {
    tokens_.clear();
    modules_.clear();
}

Result<TokenUse*> TokenPool::open_member(const Member& member) {
    const std::string& name = options_.module.empty() ? member.module : options_.module;
    auto module = modules_.find(name);
    if (module == modules_.end()) {
        TRY_ASSIGN(auto loaded, token::Module::load({name, options_.trust_module, &watchdog_}));
        module = modules_.emplace(name, std::move(loaded)).first;
    }
    TRY_ASSIGN(const auto uri, token::Uri::parse(member.uri, token::UriKind::token));
    TRY_ASSIGN(auto token, module->second->find_token(uri));
    for (const auto& use : tokens_) {
        if (use->lock_key() != token->info().identity()) continue;
        if (farm_.key.sharing == Sharing::per_member)
            findings_.push_back(share_token(use->member, member.name, token->info()));
        return use.get();
    }
    auto use = std::make_unique<TokenUse>();
    use->token = std::move(token);
    use->member = member.name;
    tokens_.push_back(std::move(use));
    return tokens_.back().get();
}

Result<token::PinSource> TokenPool::pin_source(const Member& member) const {
    std::string text = member.pin_source;
    TRY_ASSIGN(const auto uri, token::Uri::parse(member.uri, token::UriKind::token));
    if (!uri.pin_source().empty()) text = uri.pin_source();
    for (const auto& given : options_.pin_sources)
        if (given.member.empty()) text = given.source;
    for (const auto& given : options_.pin_sources)
        if (given.member == member.name) text = given.source;
    return token::parse_pin_source(text);
}

Status TokenPool::login(TokenUse& use, const Member& member, RequestObserver& observer) {
    TRY_ASSIGN(auto source, pin_source(member));
    const token::LoginOptions options{
        .source = std::move(source),
        .prompt = [&observer](const std::string& label) { return observer.ask_pin(label); },
        .allow_final_try = options_.allow_final_try,
        .pins = pins_,
    };
    TRY_ASSIGN(const std::string warning, use.token->login(options));
    if (!warning.empty()) {
        findings_.push_back(plan::make_finding("pin.trailing-newline", "member " + member.name, {warning}));
    }
    return {};
}

Status TokenPool::open(const std::vector<std::string>& members, RequestObserver& observer, TokenAccess access) {
    for (const auto& name : members) {
        if (members_.contains(name)) continue;
        if (observer.interrupted()) return Error{.code = ExitCode::interrupted, .what = "interrupted"};
        const Member* member = find_member(farm_, name);
        if (member == nullptr)
            return Error{.code = ExitCode::internal, .what = "the plan names a member that the farm has not: " + name};
        const std::size_t before = tokens_.size();
        auto use = open_member(*member);
        if (use && tokens_.size() > before && access == TokenAccess::login) {
            if (auto login_status = login(**use, *member, observer); !login_status)
                use = std::move(login_status).error();
        }
        if (!use) {
            Error error = with_member(std::move(use).error(), name);
            if (ends_run(error)) return error;
            // The token stays in the pool, so that it is not matched and tried again for the next member.
            if (tokens_.size() > before) tokens_.back()->gone = error;
            use = std::move(error);
        }
        members_.emplace(name, std::move(use));
    }
    return {};
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
