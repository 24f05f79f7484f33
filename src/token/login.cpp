#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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

// What C_Login answers when it is the PIN, the user or the policy that does not suit; anything else is a fault.
constexpr CK_RV about_login[] = {CKR_PIN_INCORRECT,
                                 CKR_PIN_INVALID,
                                 CKR_PIN_LEN_RANGE,
                                 CKR_PIN_EXPIRED,
                                 CKR_PIN_LOCKED,
                                 CKR_PIN_TOO_WEAK,
                                 CKR_NEW_PIN_MODE,
                                 CKR_NEXT_OTP,
                                 CKR_USER_PIN_NOT_INITIALIZED,
                                 CKR_USER_TYPE_INVALID,
                                 CKR_ACTION_PROHIBITED,
                                 CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
                                 CKR_CANCEL,
                                 CKR_FUNCTION_CANCELED,
                                 CKR_USER_TOO_MANY_TYPES,
                                 CKR_FUNCTION_REJECTED,
                                 CKR_SESSION_READ_WRITE_SO_EXISTS};

/// The answer of C_Login as an Error, kept so that nothing is sent after it: a PIN is tried once.
Error refuse(TokenState& token, CK_RV value) {
    Error error = token_error(token.caller.where(), "C_Login", value, login_code(value));
    const bool about_pin =
        value == CKR_PIN_INCORRECT || value == CKR_PIN_LOCKED || value == CKR_PIN_LEN_RANGE || value == CKR_PIN_INVALID;
    if (about_pin) error.hint = "it was tried once and will not be tried again" + remaining_tries(token);
    token.pin.reset();
    token.refusal = error;
    return error;
}

/// The PIN that an earlier phase of the run logged in with, else what the source gives.
Result<PinReading> obtain_pin(const TokenInfo& token, const LoginOptions& options) {
    if (options.pins != nullptr && options.source.kind != PinSource::Kind::protected_path)
        if (auto known = options.pins->find(token.identity())) return PinReading{std::move(known), ""};
    return read_pin(options.source, options.prompt, token.display());
}

bool accepted(CK_RV value) {
    return value == CKR_OK || value == CKR_USER_ALREADY_LOGGED_IN;
}

void note_login(const TokenState& token) {
    const std::lock_guard lock(token.module->mutex);
    token.module->logged_in.emplace(token.info.identity(), token.info.display());
}

/// A token that calls itself logged in before it got a PIN was opened by somebody else in this process, or the module
/// takes the login to one token for one to all (openCryptoki 3.8, whose software tokens then also share one master key:
/// what is made in the second one can't be read again). Nobody else can have been here since our C_Initialize.
Status check_own_login(TokenState& token) {
    const std::lock_guard lock(token.module->mutex);
    const auto& logged_in = token.module->logged_in;
    if (!token.module->owned || logged_in.empty() || logged_in.contains(token.info.identity())) return {};
    Error error;
    error.code = ExitCode::token;
    error.what = fmt::format("the module takes the login to {} for one to this token as well, and so can't serve both",
                             logged_in.begin()->second);
    error.where = token.info.display();
    error.hint = "what it made in this token now could be lost: run again for this member alone, with --member";
    token.refusal = error;
    return error;
}

/// Whether the PIN, or the token's own way to ask for it, is at hand for a further login.
Status check_pin_kept(const TokenState& token) {
    if (token.refusal) return *token.refusal;
    if (token.pin || token.info.protected_path) return {};
    return login_error(token, "the token wants the PIN again, and this run never read it",
                       "somebody else in this process had logged in; log out there and run again");
}

}  // namespace

ExitCode login_code(CK_RV value) {
    const bool expected = (value & CKR_VENDOR_DEFINED) != 0 ||
                          std::find(std::begin(about_login), std::end(about_login), value) != std::end(about_login);
    return expected ? ExitCode::login : ExitCode::token;
}

Result<std::string> Token::login(const LoginOptions& options) {
    TokenState& state = *state_;
    const std::lock_guard lock(state.mutex);
    if (!state.refusal && options.pins != nullptr) state.refusal = options.pins->refusal(state.info.identity());
    if (state.refusal) return *state.refusal;
    CK_TOKEN_INFO info{};
    TRY(state.caller.require(CRYPTOKI(C_GetTokenInfo), state.info.slot_id, &info));
    if ((info.flags & CKF_LOGIN_REQUIRED) == 0 && (info.flags & CKF_TOKEN_INITIALIZED) != 0) return std::string();
    TRY(check_flags(state, info.flags, options));
    if (state.login_session == no_session) {
        TRY_ASSIGN(state.login_session, open_read_write(state));
    }
    CK_SESSION_INFO session{};
    TRY(state.caller.require(CRYPTOKI(C_GetSessionInfo), state.login_session, &session));
    if (session.state == CKS_RW_USER_FUNCTIONS) {
        TRY(check_own_login(state));
        return std::string();
    }
    TRY_ASSIGN(PinReading reading, obtain_pin(state.info, options));
    if (reading.pin) TRY(check_length(state, info, reading.pin->size()));
    const CK_RV value = send_pin(state.caller, state.login_session, CKU_USER, reading.pin);
    if (!accepted(value)) {
        Error error = refuse(state, value);
        if (options.pins != nullptr) options.pins->refuse(state.info.identity(), error);
        return error;
    }
    if (value == CKR_USER_ALREADY_LOGGED_IN) TRY(check_own_login(state));
    note_login(state);
    if (options.pins != nullptr && reading.pin) options.pins->keep(state.info.identity(), *reading.pin);
    state.pin = std::move(reading.pin);
    state.allow_final_try = options.allow_final_try;
    return std::move(reading.warning);
}

Status login_again(TokenState& token, CK_SESSION_HANDLE session) {
    const std::lock_guard lock(token.mutex);
    CK_SESSION_INFO state{};
    TRY(token.caller.require(CRYPTOKI(C_GetSessionInfo), session, &state));
    if (state.state == CKS_RW_USER_FUNCTIONS) return {};  // another thread was here first
    TRY(check_pin_kept(token));
    CK_TOKEN_INFO info{};
    TRY(token.caller.require(CRYPTOKI(C_GetTokenInfo), token.info.slot_id, &info));
    // Somebody else's wrong tries count as well.
    LoginOptions options;
    options.source.kind = token.pin ? PinSource::Kind::prompt : PinSource::Kind::protected_path;
    options.allow_final_try = token.allow_final_try;
    TRY(check_flags(token, info.flags, options));
    const CK_RV value = send_pin(token.caller, session, CKU_USER, token.pin);
    if (!accepted(value)) return refuse(token, value);
    // The session that carried the login went with it. Without a new one the login lives as long as `session` does.
    if (token.login_session != no_session) token.caller.ask(CRYPTOKI(C_CloseSession), token.login_session);
    const auto carrier = open_read_write(token);
    token.login_session = carrier ? *carrier : no_session;
    return {};
}

Status login_for_operation(Session& session) {
    TokenState& token = session.token().state();
    const std::lock_guard lock(token.mutex);
    TRY(check_pin_kept(token));
    const CK_RV value = send_pin(token.caller, session.state().handle, CKU_CONTEXT_SPECIFIC, token.pin);
    if (!accepted(value)) return refuse(token, value);
    return {};
}

}  // namespace hsmreq::token
