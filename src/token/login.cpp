#include <fmt/format.h>

#include "base/try.hpp"
#include "token/signing.hpp"
#include "token/state.hpp"

namespace hsmreq::token {
namespace {

Error login_error(const TokenState& token, std::string what, std::string hint) {
    Error error;
    error.code = ExitCode::login;
    error.what = std::move(what);
    error.where = token.info.display();
    error.hint = std::move(hint);
    return error;
}

/// What speaks against sending a PIN at all.
Status check_flags(const TokenState& token, CK_FLAGS flags, const LoginOptions& options) {
    const bool protected_path = (flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    const bool uses_path = options.source.kind == PinSource::Kind::protected_path;
    if ((flags & CKF_TOKEN_INITIALIZED) == 0)
        return login_error(token, "the token is not initialised", "initialise it with its vendor's tool first");
    if ((flags & CKF_USER_PIN_LOCKED) != 0)
        return login_error(token, "the user PIN is locked", "let the security officer set a new one");
    if ((flags & CKF_USER_PIN_FINAL_TRY) != 0 && !options.allow_final_try)
        return login_error(token, "one more wrong PIN would lock the token, so no login was tried",
                           "make sure of the PIN, then pass --allow-final-try");
    if (uses_path && !protected_path)
        return login_error(token, "the token has no protected authentication path, and the PIN source is none",
                           "name a PIN source");
    if (!uses_path && (flags & CKF_USER_PIN_INITIALIZED) == 0 && !protected_path)
        return login_error(token, "the user PIN has not been set", "set it with the token's own tool first");
    return {};
}

/// A PIN of impossible length is not sent: it would burn a try. Limits that make no sense are taken for not given.
Status check_length(const TokenState& token, const CK_TOKEN_INFO& info, std::size_t size) {
    const bool known =
        info.ulMaxPinLen != 0 && info.ulMinPinLen <= info.ulMaxPinLen && info.ulMaxPinLen != CK_UNAVAILABLE_INFORMATION;
    if (!known || (size >= info.ulMinPinLen && size <= info.ulMaxPinLen)) return {};
    return login_error(
        token,
        fmt::format("the PIN was not sent: the token takes PINs of {} to {} bytes", info.ulMinPinLen, info.ulMaxPinLen),
        "check what the PIN source holds");
}

/// The token's own view of the PIN after a refusal.
std::string remaining_tries(const TokenState& token) {
    CK_TOKEN_INFO info{};
    if (token.caller.ask(CRYPTOKI(C_GetTokenInfo), token.info.slot_id, &info) != CKR_OK) return "";
    if ((info.flags & CKF_USER_PIN_LOCKED) != 0) return "; the PIN is locked now";
    if ((info.flags & CKF_USER_PIN_FINAL_TRY) != 0) return "; one more wrong PIN locks it";
    if ((info.flags & CKF_USER_PIN_COUNT_LOW) != 0) return "; the token counts wrong PINs since the last right one";
    return "";
}

CK_RV send_pin(const Caller& caller, CK_SESSION_HANDLE session, CK_USER_TYPE user, const std::optional<Secret>& pin) {
    if (!pin) return caller.ask(CRYPTOKI(C_Login), session, user, nullptr, CK_ULONG{0});
    const auto bytes = pin->reveal();
    return caller.ask(CRYPTOKI(C_Login), session, user, const_cast<unsigned char*>(bytes.data()),
                      CK_ULONG{bytes.size()});
}

Error refused(const TokenState& token, CK_RV value) {
    Error error = token_error(token.caller.where(), "C_Login", value, ExitCode::login);
    const bool about_pin =
        value == CKR_PIN_INCORRECT || value == CKR_PIN_LOCKED || value == CKR_PIN_LEN_RANGE || value == CKR_PIN_INVALID;
    if (about_pin) error.hint = "it was tried once and will not be tried again" + remaining_tries(token);
    if (value == CKR_DEVICE_ERROR || value == CKR_DEVICE_REMOVED || value == CKR_TOKEN_NOT_PRESENT ||
        value == CKR_CRYPTOKI_NOT_INITIALIZED)
        error.code = ExitCode::token;
    return error;
}

bool accepted(CK_RV value) {
    return value == CKR_OK || value == CKR_USER_ALREADY_LOGGED_IN;
}

}  // namespace

Result<std::string> Token::login(const LoginOptions& options) {
    TokenState& state = *state_;
    const std::lock_guard lock(state.mutex);
    CK_TOKEN_INFO info{};
    TRY(state.caller.require(CRYPTOKI(C_GetTokenInfo), state.info.slot_id, &info));
    if ((info.flags & CKF_LOGIN_REQUIRED) == 0 && (info.flags & CKF_TOKEN_INITIALIZED) != 0) return std::string();
    if (state.login_session == no_session) {
        TRY(check_flags(state, info.flags, options));
        TRY_ASSIGN(state.login_session, open_read_write(state));
    }
    CK_SESSION_INFO session{};
    TRY(state.caller.require(CRYPTOKI(C_GetSessionInfo), state.login_session, &session));
    if (session.state == CKS_RW_USER_FUNCTIONS) return std::string();
    TRY_ASSIGN(PinReading reading, read_pin(options.source, options.prompt, state.info.display()));
    if (reading.pin) TRY(check_length(state, info, reading.pin->size()));
    const CK_RV value = send_pin(state.caller, state.login_session, CKU_USER, reading.pin);
    if (!accepted(value)) return refused(state, value);
    state.pin = std::move(reading.pin);
    return std::move(reading.warning);
}

Status login_again(TokenState& token) {
    const std::lock_guard lock(token.mutex);
    // The session that carried the login has gone with it, or is about to be replaced.
    if (token.login_session != no_session) token.caller.ask(CRYPTOKI(C_CloseSession), token.login_session);
    token.login_session = no_session;
    TRY_ASSIGN(token.login_session, open_read_write(token));
    const CK_RV value = send_pin(token.caller, token.login_session, CKU_USER, token.pin);
    if (!accepted(value)) return refused(token, value);
    return {};
}

Status login_for_operation(Session& session) {
    TokenState& token = session.token().state();
    const std::lock_guard lock(token.mutex);
    const CK_RV value = send_pin(token.caller, session.state().handle, CKU_CONTEXT_SPECIFIC, token.pin);
    if (!accepted(value)) return refused(token, value);
    return {};
}

}  // namespace hsmreq::token
