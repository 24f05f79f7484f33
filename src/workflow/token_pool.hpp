// The tokens of a run: each module loaded once, each token matched and logged in once.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/farm.hpp"
#include "hsmreq/finding.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "token/module.hpp"
#include "token/probe.hpp"
#include "token/uri.hpp"
#include "workflow/evidence_key.hpp"
#include "workflow/shared_lock.hpp"

namespace hsmreq::workflow {

/// One token and what the run has learned about it.
struct TokenUse {
    std::unique_ptr<token::Token> token;
    std::string member;  ///< the first member that uses it, "" when none does
    SharedLock lock;     ///< around find-and-generate
    std::mutex turn;     ///< held for an item on a token that bears only one session at a time

    std::mutex mutex;  ///< guards what follows
    std::optional<token::ProbeOutcome> probe;
    std::optional<Error> gone;  ///< the fault after which nothing more is asked of it

    [[nodiscard]] std::string lock_key() const { return token->info().identity(); }
};

/// Keeps other runs out of the token while it changes or is looked over.
Result<SharedLock::Guard> lock_token(TokenUse& use, const RequestOptions& options, RequestObserver& observer);

/// Without a login only public objects show, and no PIN is read.
enum class TokenAccess { login, public_objects };

/// Owner of modules and tokens; sessions must be closed before it goes.
class TokenPool {
public:
    /// `pins`, where given, outlives the pool and saves later phases of the run from asking again.
    TokenPool(const Farm& farm, const RequestOptions& options, token::Watchdog& watchdog,
              token::PinCache* pins = nullptr);
    ~TokenPool();
    TokenPool(const TokenPool&) = delete;
    TokenPool& operator=(const TokenPool&) = delete;

    /// Opens the tokens of these members, and logs in. A member whose token can't be had keeps its error, see use().
    /// Errors: ExitCode::login, input or interrupted, which end the whole run before any key is made.
    Status open(const std::vector<std::string>& members, RequestObserver& observer,
                TokenAccess access = TokenAccess::login);

    /// Opens the key that signs evidence, when the farm has one, before any other key is made: the token, its login
    /// (shared with a member on the same one), the key and a signature of it. What the plan says is another key's is
    /// refused. Errors: those of EvidenceKey::open and open(), which end the whole run.
    Status open_evidence_key(const Plan& plan, RequestObserver& observer);
    /// Null when evidence is not signed.
    [[nodiscard]] EvidenceKey* evidence_key() const { return evidence_key_.get(); }

    /// The member's token, or why there is none.
    Result<TokenUse*> use(const std::string& member) const;

    /// How many workers can have a session on every token at once; at least 1.
    [[nodiscard]] std::size_t worker_limit() const;

    [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }

private:
    /// A token to open, and what was said about how.
    struct Wanted {
        std::string module;
        const token::Uri& uri;
        std::string pin_source;
        std::string who;  ///< "member rp01", for findings
        TokenAccess access = TokenAccess::login;
    };
    Result<TokenUse*> open_token(const Wanted& wanted);
    Result<TokenUse*> open_and_login(const Wanted& wanted, RequestObserver& observer);
    Result<TokenUse*> open_member(const Member& member, RequestObserver& observer, TokenAccess access);
    Status login(TokenUse& use, const Wanted& wanted, RequestObserver& observer);
    [[nodiscard]] std::string pin_source(const Member& member, const token::Uri& uri) const;

    const Farm& farm_;
    const RequestOptions& options_;
    token::Watchdog& watchdog_;
    token::PinCache* pins_;
    std::map<std::string, std::unique_ptr<token::Module>> modules_;
    std::vector<std::unique_ptr<TokenUse>> tokens_;
    std::unique_ptr<EvidenceKey> evidence_key_;
    std::map<std::string, Result<TokenUse*>> members_;
    std::vector<Finding> findings_;
};

}  // namespace hsmreq::workflow
