#include "token/openssl_bridge.hpp"

#include <fmt/format.h>
#include <libp11.h>
#include <openssl/err.h>
#include <openssl/ui.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <span>

#include "base/secret.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "token/call.hpp"

namespace hsmreq::token {
namespace {

constexpr const char* version = HSMREQ_LIBP11_VERSION;

struct ContextDeleter {
    void operator()(PKCS11_CTX* context) const { PKCS11_CTX_free(context); }
};
struct MethodDeleter {
    void operator()(UI_METHOD* method) const { UI_destroy_method(method); }
};

struct BridgedToken {
    std::string identity;
    PKCS11_SLOT* slot = nullptr;
    Secret pin;     ///< NUL at its end; empty where there is none
    Status status;  ///< of its login, which is tried once
    std::optional<std::span<PKCS11_KEY>> keys;
};

bool is_before(const std::array<int, 3>& other) {
    std::array<int, 3> own{};
    std::sscanf(version, "%d.%d.%d", &own[0], &own[1], &own[2]);
    return own < other;
}

std::string text_of(const char* value) {
    return value == nullptr ? "" : value;
}

bool is_that(const PKCS11_SLOT& slot, const TokenInfo& token) {
    return slot.token != nullptr && slot.token->initialized != 0 && text_of(slot.token->label) == token.label &&
           text_of(slot.token->manufacturer) == token.manufacturer && text_of(slot.token->model) == token.model &&
           text_of(slot.token->serialnr) == token.serial;
}

Error failure(const std::string& where, const std::string& function, const std::string& what, std::string hint) {
    if (auto fault = take_token_fault(where, function)) return *fault;
    ERR_clear_error();
    return {.code = ExitCode::token, .what = what, .where = where, .hint = std::move(hint)};
}

/// libp11 asks for the PIN again, by way of OpenSSL's user interface, before each use of a key that is
/// CKA_ALWAYS_AUTHENTICATE.
int answer_pin(UI* ui, UI_STRING* question) {
    if (UI_get_string_type(question) != UIT_PROMPT) return 1;
    const auto* token = static_cast<const BridgedToken*>(UI_get0_user_data(ui));
    if (token == nullptr || token->pin.empty()) return 0;
    const auto pin = token->pin.reveal();
    return UI_set_result(ui, question, reinterpret_cast<const char*>(pin.data())) == 0 ? 1 : 0;
}

int write_nothing(UI*, UI_STRING*) {
    return 1;
}

/// A queue's error by its words, since libp11 numbers its libraries anew in every process.
bool is_answer_of_module(unsigned long error) {
    const char* library = ERR_lib_error_string(error);
    return library != nullptr && std::string_view(library) == "PKCS#11 module";
}

/// Why libp11 can't list the keys: it gives up at the first one that it does not know.
std::string blinded_by() {
    return fmt::format(
        "one key of a kind that libp11 {} does not know, such as Ed25519 before 0.4.17, hides all keys of the token "
        "from it, and so from a server that uses it; keep such a key in a token of its own",
        version);
}

}  // namespace

struct BridgeState {
    std::string module;
    Watchdog* watchdog = nullptr;
    std::unique_ptr<UI_METHOD, MethodDeleter> method;
    std::unique_ptr<PKCS11_CTX, ContextDeleter> context;
    bool loaded = false;
    std::span<PKCS11_SLOT> slots;
    std::deque<BridgedToken> tokens;  ///< stay in place: the user interface points at one

    Status log_in(BridgedToken& bridged, const TokenInfo& token, const Secret* pin) const;

    [[nodiscard]] BridgedToken* find(const TokenInfo& token) {
        const auto found = std::ranges::find(tokens, token.identity(), &BridgedToken::identity);
        return found == tokens.end() ? nullptr : &*found;
    }
};

std::string libp11_version() {
    return version;
}

bool libp11_pads_in_software() {
    return is_before({0, 4, 18});
}

bool libp11_knows_ed25519() {
    return !is_before({0, 4, 17});
}

std::optional<Error> take_token_fault(const std::string& where, const std::string& function) {
    std::optional<Error> fault;
    while (const unsigned long error = ERR_get_error())
        if (!fault && is_answer_of_module(error))
            fault = token_error(where, function.c_str(), static_cast<CK_RV>(ERR_GET_REASON(error)));
    return fault;
}

OpensslBridge::OpensslBridge(std::unique_ptr<BridgeState> state) : state_(std::move(state)) {}

OpensslBridge::~OpensslBridge() {
    const std::string where = printable(state_->module);
    if (!state_->slots.empty()) {
        const Watchdog::Guard guard(state_->watchdog, where, "C_CloseAllSessions");
        PKCS11_release_all_slots(state_->context.get(), state_->slots.data(),
                                 static_cast<unsigned>(state_->slots.size()));
    }
    state_->tokens.clear();
    if (state_->loaded) {
        const Watchdog::Guard guard(state_->watchdog, where, "C_Finalize");
        PKCS11_CTX_unload(state_->context.get());
    }
    ERR_clear_error();
}

Result<std::unique_ptr<OpensslBridge>> OpensslBridge::open(const ModuleInfo& module, Watchdog* watchdog) {
    ERR_clear_error();
    auto state = std::make_unique<BridgeState>();
    state->module = module.path;
    state->watchdog = watchdog;
    state->method.reset(UI_create_method("hsmreq"));
    state->context.reset(PKCS11_CTX_new());
    if (!state->method || !state->context) return failure("", "", "libp11 could not be set up", "");
    UI_method_set_reader(state->method.get(), answer_pin);
    UI_method_set_writer(state->method.get(), write_nothing);
    std::unique_ptr<OpensslBridge> bridge(new OpensslBridge(std::move(state)));
    BridgeState& opened = *bridge->state_;
    const std::string where = printable(module.path);
    if (!module.init_reserved.empty()) PKCS11_CTX_init_args(opened.context.get(), module.init_reserved.c_str());
    {
        const Watchdog::Guard guard(watchdog, where, "C_Initialize");
        if (PKCS11_CTX_load(opened.context.get(), module.path.c_str()) != 0)
            return failure(where, "C_Initialize", "libp11 could not load the module", "");
    }
    opened.loaded = true;
    PKCS11_SLOT* slots = nullptr;
    unsigned count = 0;
    const Watchdog::Guard guard(watchdog, where, "C_GetSlotList");
    if (PKCS11_enumerate_slots(opened.context.get(), &slots, &count) != 0)
        return failure(where, "C_GetTokenInfo", "libp11 could not list the module's slots",
                       "it gives up when any one of them fails: p11tool --list-tokens shows which");
    opened.slots = {slots, count};
    return bridge;
}

Status OpensslBridge::log_in(const TokenInfo& token, const Secret* pin) {
    const std::string where = token.display();
    if (const auto* known = state_->find(token)) return known->status;
    std::vector<PKCS11_SLOT*> found;
    for (auto& slot : state_->slots)
        if (is_that(slot, token)) found.push_back(&slot);
    if (found.size() > 1)
        std::erase_if(found, [&](PKCS11_SLOT* slot) { return PKCS11_get_slotid_from_slot(slot) != token.slot_id; });
    if (found.size() != 1)
        return Error{.code = ExitCode::not_found,
                     .what = "libp11 does not show the token that was there a moment ago",
                     .where = where,
                     .hint = "was it taken out meanwhile?"};
    BridgedToken& bridged = state_->tokens.emplace_back();
    bridged.identity = token.identity();
    bridged.slot = found.front();
    bridged.status = state_->log_in(bridged, token, pin);
    return bridged.status;
}

Status BridgeState::log_in(BridgedToken& bridged, const TokenInfo& token, const Secret* pin) const {
    const std::string where = token.display();
    if (pin != nullptr) {
        const auto bytes = pin->reveal();
        if (std::ranges::find(bytes, std::uint8_t{0}) != bytes.end())
            return Error{.code = ExitCode::login,
                         .what = "the PIN has a zero byte in it, which libp11 can't pass on",
                         .where = where};
        constexpr std::uint8_t end[] = {0};
        bridged.pin = copy(*pin, sizeof end);
        bridged.pin.append(end);
    }
    // libp11 opens the session within its login, and waits for another one for ever when that fails.
    const Watchdog::Guard guard(watchdog, where, "C_OpenSession or C_Login");
    if (PKCS11_open_session(bridged.slot, 0) != 0)
        return failure(where, "C_OpenSession", "libp11 could not open a session", "");
    if (!token.login_required) return {};
    const auto* text = bridged.pin.empty() ? nullptr : reinterpret_cast<const char*>(bridged.pin.reveal().data());
    if (PKCS11_login(bridged.slot, 0, text) == 0) return {};
    Error error = failure(where, "C_Login", "libp11 could not log in, although the PIN was right before", "");
    if (error.fault) error.code = login_code(error.fault->value);
    return error;
}

Result<TokenKey> OpensslBridge::find_key(const TokenInfo& token, BytesView id) {
    const std::string where = token.display();
    BridgedToken* bridged = state_->find(token);
    if (bridged == nullptr || !bridged->status)
        return Error{.code = ExitCode::internal, .what = "libp11 is not logged in", .where = where};
    PKCS11_set_ui_method(state_->context.get(), state_->method.get(), bridged);
    const Watchdog::Guard guard(state_->watchdog, where, "C_FindObjects");
    if (!bridged->keys) {
        PKCS11_KEY* keys = nullptr;
        unsigned count = 0;
        if (PKCS11_enumerate_keys(bridged->slot->token, &keys, &count) != 0)
            return failure(where, "C_GetAttributeValue", "libp11 can't list the token's keys", blinded_by());
        bridged->keys.emplace(keys, count);
    }
    PKCS11_KEY* match = nullptr;
    for (auto& key : *bridged->keys) {
        if (key.isPrivate == 0 || !std::ranges::equal(std::span(key.id, key.id_len), id)) continue;
        if (match != nullptr)
            return Error{.code = ExitCode::not_found,
                         .what = "libp11 shows several private keys with one CKA_ID",
                         .where = where,
                         .finding = "key.ambiguous"};
        match = &key;
    }
    if (match == nullptr)
        return Error{.code = ExitCode::not_found,
                     .what = "libp11 does not show the private key that was there a moment ago",
                     .where = where,
                     .hint = "run again: the token failed to answer libp11, or something else works on it"};
    TokenKey key(PKCS11_get_private_key(match));
    if (!key)
        return failure(where, "C_GetAttributeValue", "libp11 can't make OpenSSL's key of the token's",
                       "it needs the public key under the same CKA_ID: `hsmreq request` puts it back");
    return key;
}

}  // namespace hsmreq::token
