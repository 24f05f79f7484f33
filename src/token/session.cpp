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
    auto state = std::make_unique<SessionState>();
    state->token = this;
    TRY_ASSIGN(state->handle, open_read_write(*state_));
    return std::make_unique<Session>(std::move(state));
}

Session::Session(std::unique_ptr<SessionState> state) : state_(std::move(state)) {}

Session::~Session() {
    if (state_->handle != no_session) state_->caller().ask(CRYPTOKI(C_CloseSession), state_->handle);
}

Token& Session::token() {
    return *state_->token;
}

Status Session::reopen() {
    TokenState& token = state_->token->state();
    // The old handle may be void, or hold an operation that never ended; either way nothing depends on the answer.
    token.caller.ask(CRYPTOKI(C_CloseSession), std::exchange(state_->handle, no_session));
    TRY_ASSIGN(state_->handle, open_read_write(token));
    CK_SESSION_INFO info{};
    TRY(token.caller.require(CRYPTOKI(C_GetSessionInfo), state_->handle, &info));
    if (!token.info.login_required || info.state == CKS_RW_USER_FUNCTIONS) return {};
    return login_again(token);
}

}  // namespace hsmreq::token
