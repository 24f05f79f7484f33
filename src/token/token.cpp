#include <algorithm>

#include "base/try.hpp"
#include "token/lists.hpp"
#include "token/state.hpp"

namespace hsmreq::token {

Token::Token(std::unique_ptr<TokenState> state) : state_(std::move(state)) {}

Token::~Token() {
    if (state_->login_session != no_session) state_->caller.ask(CRYPTOKI(C_CloseSession), state_->login_session);
}

const TokenInfo& Token::info() const {
    return state_->info;
}

const ModuleInfo& Token::module() const {
    return state_->module->info;
}

Result<const std::vector<unsigned long>*> Token::mechanisms() {
    const std::lock_guard lock(state_->mutex);
    if (state_->mechanisms) return &*state_->mechanisms;
    const CK_SLOT_ID slot = state_->info.slot_id;
    TRY_ASSIGN(state_->mechanisms,
               read_list(state_->caller, "C_GetMechanismList", [&](CK_MECHANISM_TYPE* list, CK_ULONG* count) {
                   return state_->caller.ask(CRYPTOKI(C_GetMechanismList), slot, list, count);
               }));
    return &*state_->mechanisms;
}

bool Token::offers(unsigned long mechanism) {
    const auto list = mechanisms();
    return list && std::find((*list)->begin(), (*list)->end(), mechanism) != (*list)->end();
}

const MechanismFacts* Token::mechanism(unsigned long type) {
    const std::lock_guard lock(state_->mutex);
    auto [entry, is_new] = state_->mechanism_facts.try_emplace(type);
    if (is_new) {
        CK_MECHANISM_INFO info{};
        if (state_->caller.ask(CRYPTOKI(C_GetMechanismInfo), state_->info.slot_id, type, &info) == CKR_OK)
            entry->second = MechanismFacts{type, info.ulMinKeySize, info.ulMaxKeySize, info.flags};
    }
    return entry->second ? &*entry->second : nullptr;
}

}  // namespace hsmreq::token
