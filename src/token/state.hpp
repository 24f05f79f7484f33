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
#include "token/shared_object.hpp"

namespace hsmreq::token {

inline constexpr CK_SESSION_HANDLE no_session = 0;  // CK_INVALID_HANDLE

/// The steps of the template ladder that worked last: C_GenerateKeyPair, C_CreateObject and C_UnwrapKey may refuse
/// differently.
struct LadderMemory {
    unsigned generation = 0;
    unsigned creation = 0;
    unsigned unwrapping = 0;
};

struct ModuleState {
    SharedObject code;
    Watchdog* watchdog = nullptr;
    ModuleInfo info;
    bool owned = false;  ///< initialised here, and so to be finalised here

    std::mutex mutex;                              ///< guards what follows
    std::map<std::string, std::string> logged_in;  ///< the tokens that took a PIN from here: identity, name

    [[nodiscard]] CK_FUNCTION_LIST* functions() const { return code.functions(); }
};

struct TokenState {
    TokenState(ModuleState& owner, TokenInfo facts)
        : module(&owner),
          info(std::move(facts)),
          caller(owner.functions(), owner.watchdog, info.display()),
          quirks(find_quirk_profile(owner.info, info)) {}

    ModuleState* module;  ///< outlives the token
    TokenInfo info;
    Caller caller;
    const QuirkProfile* quirks;

    std::mutex mutex;                                      ///< guards everything below
    CK_SESSION_HANDLE login_session = no_session;          ///< keeps the login while other sessions come and go
    bool login_session_lent = false;                       ///< a Session uses it: the token had no other to give
    bool allow_final_try = false;                          ///< as the login was allowed
    std::optional<Secret> pin;                             ///< the PIN that was right
    std::optional<Error> refusal;                          ///< of C_Login: no PIN is sent again after it
    std::optional<std::vector<unsigned long>> mechanisms;  ///< C_GetMechanismList, once read
    std::map<unsigned long, std::optional<MechanismFacts>> mechanism_facts;
    std::array<LadderMemory, 3> ladder{};  ///< by KeyFamily
};

struct SessionState {
    Token* token = nullptr;  ///< outlives the session
    CK_SESSION_HANDLE handle = no_session;
    bool borrowed = false;  ///< the handle is the token's login session and stays open

    [[nodiscard]] const Caller& caller() const { return token->state().caller; }
};

/// CK_SLOT_INFO and CK_TOKEN_INFO as values.
TokenInfo token_info(CK_SLOT_ID slot, const CK_SLOT_INFO& slot_info, const CK_TOKEN_INFO& info);

/// Opens a read-write session. Errors: ExitCode::token.
Result<CK_SESSION_HANDLE> open_read_write(const TokenState& token);

/// C_Login through `session` with the PIN that was right before; for a login that went with its session. Does nothing
/// when the session already is logged in. Locks the token's state. Errors: ExitCode::login, token.
Status login_again(TokenState& token, CK_SESSION_HANDLE session);

/// C_Login(CKU_CONTEXT_SPECIFIC) for a key that is CKA_ALWAYS_AUTHENTICATE. Errors: ExitCode::login.
Status login_for_operation(Session& session);

}  // namespace hsmreq::token
