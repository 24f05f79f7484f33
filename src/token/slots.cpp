#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "token/fields.hpp"
#include "token/lists.hpp"
#include "token/state.hpp"

namespace hsmreq::token {
namespace {

/// What a look at all slots found.
struct Tokens {
    std::vector<TokenInfo> usable;
    std::vector<std::string> failures;  ///< one sentence a slot
};

Result<std::vector<CK_SLOT_ID>> slots_with_tokens(const Caller& caller) {
    return read_list(caller, "C_GetSlotList", [&](CK_SLOT_ID* slots, CK_ULONG* count) {
        return caller.ask(CRYPTOKI(C_GetSlotList), CK_BBOOL{CK_TRUE}, slots, count);
    });
}

Tokens look_at_slots(const Caller& caller, const std::vector<CK_SLOT_ID>& slots) {
    Tokens tokens;
    const auto failed = [&](CK_SLOT_ID slot, const char* function, CK_RV value) {
        tokens.failures.push_back(fmt::format("slot {}: {}", slot, token_error("", function, value).what));
    };
    for (const CK_SLOT_ID slot : slots) {
        CK_SLOT_INFO slot_info{};
        CK_TOKEN_INFO info{};
        if (const CK_RV value = caller.ask(CRYPTOKI(C_GetSlotInfo), slot, &slot_info); value != CKR_OK)
            failed(slot, "C_GetSlotInfo", value);
        else if (const CK_RV answer = caller.ask(CRYPTOKI(C_GetTokenInfo), slot, &info); answer != CKR_OK)
            failed(slot, "C_GetTokenInfo", answer);
        else
            tokens.usable.push_back(token_info(slot, slot_info, info));
    }
    return tokens;
}

/// CK_EFFECTIVELY_INFINITE is 0 and CK_UNAVAILABLE_INFORMATION the largest number; both say that nothing limits.
unsigned long smaller_limit(CK_ULONG all, CK_ULONG read_write) {
    const auto known = [](CK_ULONG limit) {
        return limit == CK_EFFECTIVELY_INFINITE ? CK_UNAVAILABLE_INFORMATION : limit;
    };
    const CK_ULONG limit = std::min(known(all), known(read_write));
    return limit == CK_UNAVAILABLE_INFORMATION ? 0 : limit;
}

std::string candidate_line(const TokenInfo& token) {
    const auto field = [](const std::string& text) { return text.empty() ? std::string("-") : printable(text); };
    return fmt::format("  token {}, manufacturer {}, model {}, serial {}, slot {}{}", field(token.label),
                       field(token.manufacturer), field(token.model), field(token.serial), token.slot_id,
                       token.initialized ? "" : ", not initialised");
}

Error no_single_token(const std::vector<TokenInfo>& listed, const Tokens& all, const Uri& uri, bool several) {
    std::vector<std::string> lines;
    if (several)
        lines.emplace_back("add serial or another attribute to the URI; these match:");
    else
        lines.emplace_back(listed.empty() ? "no slot of the module holds a usable token"
                                          : "compare the URI with the tokens there are:");
    for (const auto& token : listed) lines.push_back(candidate_line(token));
    for (const auto& failure : all.failures) lines.push_back("  " + failure);
    Error error;
    error.code = ExitCode::not_found;
    error.what = several ? fmt::format("{} tokens match, and exactly one must", listed.size()) : "no token matches";
    error.where = printable(uri.text());
    error.hint = join(lines, "\n");
    return error;
}

}  // namespace

TokenInfo token_info(CK_SLOT_ID slot, const CK_SLOT_INFO& slot_info, const CK_TOKEN_INFO& info) {
    const auto has = [&](CK_FLAGS flag) { return (info.flags & flag) != 0; };
    TokenInfo token;
    token.slot_id = slot;
    token.slot_description = unpadded(slot_info.slotDescription);
    token.slot_manufacturer = unpadded(slot_info.manufacturerID);
    token.label = unpadded(info.label);
    token.manufacturer = unpadded(info.manufacturerID);
    token.model = unpadded(info.model);
    token.serial = unpadded(info.serialNumber);
    token.firmware_version = version_text(info.firmwareVersion);
    token.hardware_version = version_text(info.hardwareVersion);
    token.max_sessions = smaller_limit(info.ulMaxSessionCount, info.ulMaxRwSessionCount);
    token.initialized = has(CKF_TOKEN_INITIALIZED);
    token.login_required = has(CKF_LOGIN_REQUIRED);
    token.write_protected = has(CKF_WRITE_PROTECTED);
    token.user_pin_initialized = has(CKF_USER_PIN_INITIALIZED);
    token.protected_path = has(CKF_PROTECTED_AUTHENTICATION_PATH);
    token.pin_final_try = has(CKF_USER_PIN_FINAL_TRY);
    token.pin_locked = has(CKF_USER_PIN_LOCKED);
    return token;
}

std::string TokenInfo::display() const {
    const std::string name = label.empty() ? fmt::format("token in slot {}", slot_id) : "token " + printable(label);
    return serial.empty() ? name : fmt::format("{} (serial {})", name, printable(serial));
}

std::string TokenInfo::identity() const {
    return manufacturer + '\0' + model + '\0' + serial + '\0' + label;
}

Result<std::unique_ptr<Token>> Module::find_token(const Uri& uri) {
    const Caller caller(state_->functions(), state_->watchdog, printable(state_->info.path));
    TRY_ASSIGN(const auto slots, slots_with_tokens(caller));
    const Tokens tokens = look_at_slots(caller, slots);
    std::vector<TokenInfo> matching;
    std::copy_if(tokens.usable.begin(), tokens.usable.end(), std::back_inserter(matching),
                 [&](const TokenInfo& token) { return uri.matches(state_->info, token); });
    // A free slot shows an uninitialised token on some modules; it counts only where nothing else matches.
    const auto initialized = [](const TokenInfo& token) { return token.initialized; };
    if (std::any_of(matching.begin(), matching.end(), initialized)) std::erase_if(matching, std::not_fn(initialized));
    if (matching.empty()) {
        Error error = no_single_token(tokens.usable, tokens, uri, false);
        if (!state_->owned && !state_->info.init_reserved.empty())
            error.hint =
                "the library was initialised before, for another p11-kit module of the same file, so the parameters of "
                "this one were not used: name all its tokens in one x-init-reserved, or run once for each --member\n" +
                error.hint;
        return error;
    }
    if (matching.size() > 1) return no_single_token(matching, tokens, uri, true);
    return std::make_unique<Token>(std::make_unique<TokenState>(*state_, std::move(matching.front())));
}

}  // namespace hsmreq::token
