#include <utility>

#include "base/try.hpp"
#include "token/state.hpp"

namespace hsmreq::token {

Result<CK_SESSION_HANDLE> open_read_write(const TokenState& token) {
    CK_SESSION_HANDLE handle = no_session;
    TRY(token.caller.require(CRYPTOKI(C_OpenSession), token.info.slot_id, CK_FLAGS{CKF_SERIAL_SESSION | CKF_RW_SESSION},
                             nullptr, nullptr, &handle));
    return handle;
}

Result<std::unique_ptr<Session>> Token::open_session() {
    auto session = std::make_unique<SessionState>();
    session->token = this;
    auto opened = open_read_write(*state_);
    if (opened) {
        session->handle = *opened;
        return std::make_unique<Session>(std::move(session));
    }
    if (opened.error().fault->value != CKR_SESSION_COUNT) return std::move(opened).error();
    const std::lock_guard lock(state_->mutex);
    if (state_->login_session == no_session || state_->login_session_lent) {
        opened.error().hint = "close other programs that use the token, or run with --jobs 1";
        return std::move(opened).error();
    }
    state_->login_session_lent = true;
    session->handle = state_->login_session;
    session->borrowed = true;
    return std::make_unique<Session>(std::move(session));
}

Result<std::unique_ptr<Session>> Token::open_reading_session() {
    auto session = std::make_unique<SessionState>();
    session->token = this;
    TRY(state_->caller.require(CRYPTOKI(C_OpenSession), state_->info.slot_id, CK_FLAGS{CKF_SERIAL_SESSION}, nullptr,
                               nullptr, &session->handle));
    return std::make_unique<Session>(std::move(session));
}

Session::Session(std::unique_ptr<SessionState> state) : state_(std::move(state)) {}

Session::~Session() {
    if (state_->borrowed) {
        TokenState& token = state_->token->state();
        const std::lock_guard lock(token.mutex);
        token.login_session_lent = false;
    } else if (state_->handle != no_session) {
        state_->caller().ask(CRYPTOKI(C_CloseSession), state_->handle);
    }
}

Token& Session::token() {
    return *state_->token;
}

Status Session::reopen() {
    TokenState& token = state_->token->state();
    if (std::exchange(state_->borrowed, false)) {
        // It goes for good: what is opened now is this session's own.
        const std::lock_guard lock(token.mutex);
        token.login_session_lent = false;
        token.login_session = no_session;
    }
    // The old handle may be void, or hold an operation that never ended; either way nothing depends on the answer.
    token.caller.ask(CRYPTOKI(C_CloseSession), std::exchange(state_->handle, no_session));
    TRY_ASSIGN(state_->handle, open_read_write(token));
    if (!token.info.login_required) return {};
    return login_again(token, state_->handle);
}

}  // namespace hsmreq::token
