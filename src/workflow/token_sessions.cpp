#include "workflow/token_sessions.hpp"

#include <mutex>
#include <utility>

#include "base/try.hpp"

namespace hsmreq::workflow {

Result<TokenUse*> TokenSessions::token(const std::string& member) const {
    TRY_ASSIGN(auto* const use, pool_.use(member));
    const std::scoped_lock guard(use->mutex);
    if (use->gone) return *use->gone;
    return use;
}

Result<token::Session*> TokenSessions::session(TokenUse& use) {
    auto found = sessions_.find(&use);
    if (found == sessions_.end()) {
        TRY_ASSIGN(auto opened, use.token->open_session());
        found = sessions_.emplace(&use, std::move(opened)).first;
    }
    return found->second.get();
}

Result<EvidenceSigner> TokenSessions::evidence_signer() {
    EvidenceKey* const key = pool_.evidence_key();
    if (key == nullptr) return EvidenceSigner{};
    {
        const std::scoped_lock guard(key->use().mutex);
        if (key->use().gone) return *key->use().gone;
    }
    TRY_ASSIGN(auto* const own, session(key->use()));
    return EvidenceSigner{key, own};
}

Status TokenSessions::reopen_sessions() {
    for (const auto& [use, session] : sessions_) TRY(session->reopen());
    return {};
}

Result<SharedLock::Guard> TokenSessions::lock(TokenUse& use) const {
    return lock_token(use, options_, observer_);
}

void TokenSessions::note_fault(TokenUse& use, const Error& error) {
    const std::scoped_lock guard(use.mutex);
    use.gone = error;
}

}  // namespace hsmreq::workflow
