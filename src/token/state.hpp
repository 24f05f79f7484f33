// What module, token and session keep; only this room's own files see it.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "token/call.hpp"
#include "token/cryptoki.hpp"
#include "token/module.hpp"
#include "token/quirks.hpp"

namespace hsmreq::token {

inline constexpr CK_SESSION_HANDLE no_session = 0;  // CK_INVALID_HANDLE

struct ModuleState {
    CK_FUNCTION_LIST* functions = nullptr;
    Watchdog* watchdog = nullptr;
    ModuleInfo info;
    bool owned = false;  ///< loaded and initialised by p11-kit: to be finalised and released
};

struct TokenState {
    TokenState(ModuleState& owner, TokenInfo facts)
        : module(&owner),
          info(std::move(facts)),
          caller(owner.functions, owner.watchdog, info.display()),
          quirks(find_quirk_profile(owner.info, info)) {}

    ModuleState* module;  ///< outlives the token
    TokenInfo info;
    Caller caller;
    const QuirkProfile* quirks;

    std::mutex mutex;                                      ///< guards everything below
    CK_SESSION_HANDLE login_session = no_session;          ///< keeps the login while other sessions come and go
    std::optional<Secret> pin;                             ///< the PIN that was right
    std::optional<std::vector<unsigned long>> mechanisms;  ///< C_GetMechanismList, once read
    std::map<unsigned long, std::optional<MechanismFacts>> mechanism_facts;
    std::array<unsigned, 3> rung{};  ///< by KeyFamily: the step of the template ladder that worked last
};

struct SessionState {
    Token* token = nullptr;  ///< outlives the session
    CK_SESSION_HANDLE handle = no_session;

    [[nodiscard]] const Caller& caller() const { return token->state().caller; }
};

/// CK_SLOT_INFO and CK_TOKEN_INFO as values.
TokenInfo token_info(CK_SLOT_ID slot, const CK_SLOT_INFO& slot_info, const CK_TOKEN_INFO& info);

/// Opens a read-write session. Errors: ExitCode::token.
Result<CK_SESSION_HANDLE> open_read_write(const TokenState& token);

/// C_Login with the PIN that was right before; for a login that went with its session. Locks the token's state.
/// Errors: ExitCode::login, token.
Status login_again(TokenState& token);

/// C_Login(CKU_CONTEXT_SPECIFIC) for a key that is CKA_ALWAYS_AUTHENTICATE. Errors: ExitCode::login.
Status login_for_operation(Session& session);

}  // namespace hsmreq::token
