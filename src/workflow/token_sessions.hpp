// One thread's sessions on the tokens of a run.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"
#include "workflow/evidence_key.hpp"
#include "workflow/token_pool.hpp"

namespace hsmreq::workflow {

/// Opens a session on each token when it is first asked for one. Must go before the pool does.
class TokenSessions {
public:
    TokenSessions(const TokenPool& pool, const RequestOptions& options, RequestObserver& observer)
        : pool_(pool), options_(options), observer_(observer) {}

    /// The member's token, unless it has failed for good. Errors: its own.
    Result<TokenUse*> token(const std::string& member) const;
    Result<token::Session*> session(TokenUse& use);
    /// Who signs the evidence, if anybody. Errors: ExitCode::token; the fault after which the token is not asked again.
    Result<EvidenceSigner> evidence_signer();
    [[nodiscard]] const EvidenceKey* evidence_key() const { return pool_.evidence_key(); }
    /// After a fault of a session: opens all of them anew. Errors: ExitCode::token, login.
    Status reopen_sessions();
    /// Keeps other runs out of the token while it changes.
    Result<SharedLock::Guard> lock(TokenUse& use) const;
    /// Nothing more is asked of a token after such a fault.
    static void note_fault(TokenUse& use, const Error& error);

protected:
    const TokenPool& pool_;

private:
    const RequestOptions& options_;
    RequestObserver& observer_;
    std::map<TokenUse*, std::unique_ptr<token::Session>> sessions_;
};

}  // namespace hsmreq::workflow
