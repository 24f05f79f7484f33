// A Cryptoki module and the tokens in its slots.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "hsmreq/result.hpp"
#include "token/pin.hpp"
#include "token/pin_cache.hpp"
#include "token/uri.hpp"
#include "token/watchdog.hpp"

namespace hsmreq::token {

struct ModuleInfo {
    std::string path;  ///< resolved
    std::string sha256;
    std::string manufacturer;  ///< CK_INFO, padding removed
    std::string description;
    std::string library_version;   ///< "2.6"
    std::string cryptoki_version;  ///< "2.40"
    std::string init_reserved;     ///< parameters that C_Initialize got by p11-kit's x-init-reserved; "" for none
    std::string trust_override;    ///< what the safety check objected to when --trust-module overrode it; "" otherwise
    bool initialized_here = true;  ///< false: somebody else in this process had called C_Initialize
};

/// CK_SLOT_INFO and CK_TOKEN_INFO of one token, padding removed.
struct TokenInfo {
    unsigned long slot_id = 0;
    std::string slot_description;
    std::string slot_manufacturer;
    std::string label;
    std::string manufacturer;
    std::string model;
    std::string serial;
    std::string firmware_version;
    std::string hardware_version;
    unsigned long max_sessions = 0;  ///< 0: unlimited or not said
    bool initialized = false;
    bool login_required = false;
    bool write_protected = false;
    bool user_pin_initialized = false;
    bool protected_path = false;
    bool pin_final_try = false;
    bool pin_locked = false;

    [[nodiscard]] std::string display() const;  ///< "token rp01 (serial 1234)"
    [[nodiscard]] std::string identity()
        const;  ///< manufacturer, model, serial and, since some modules give all tokens one serial, label; zero-byte
                ///< separated: the same token has the same
};

struct ModuleOptions {
    std::string module;            ///< a p11-kit module name, or a path when it holds a slash
    bool trust = false;            ///< --trust-module
    Watchdog* watchdog = nullptr;  ///< not owned
};

class Token;
struct ModuleState;

/// A loaded and initialised module: owner of C_Initialize and C_Finalize. Tokens and sessions must go before it does.
class Module {
public:
    /// Resolves the name through p11-kit's configuration (that one module only), checks that file, links and folders
    /// are safe before its code runs, loads and initialises it for use by several threads. One that is initialised
    /// already is used and left so. Errors: ExitCode::not_found, or token with the fault.
    static Result<std::unique_ptr<Module>> load(const ModuleOptions& options);
    ~Module();
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    [[nodiscard]] const ModuleInfo& info() const;

    /// The one token that matches. Slots that fail are passed over and named in the error.
    /// Errors: ExitCode::not_found with the candidates listed in the hint, for none as for several.
    Result<std::unique_ptr<Token>> find_token(const Uri& uri);

private:
    explicit Module(std::unique_ptr<ModuleState> state);
    std::unique_ptr<ModuleState> state_;
};

struct MechanismFacts {
    unsigned long type = 0;
    unsigned long min_key_size = 0;  ///< as reported; units differ by token and are not to be relied on
    unsigned long max_key_size = 0;
    unsigned long flags = 0;
};

struct LoginOptions {
    PinSource source;
    PinPrompt prompt;
    bool allow_final_try = false;
    PinCache* pins = nullptr;  ///< not owned; asked before the source, and told what the token accepts
};

class Session;
struct TokenState;

/// One token of a module; holds the session that carries the login, and the PIN while a key may need it per signature.
class Token {
public:
    explicit Token(std::unique_ptr<TokenState> state);
    ~Token();
    Token(const Token&) = delete;
    Token& operator=(const Token&) = delete;

    [[nodiscard]] const TokenInfo& info() const;
    [[nodiscard]] const ModuleInfo& module() const;

    /// C_GetMechanismList, asked once. Errors: ExitCode::token.
    Result<const std::vector<unsigned long>*> mechanisms();
    [[nodiscard]] bool offers(unsigned long mechanism);
    /// C_GetMechanismInfo, asked once per mechanism; nothing when the token does not answer.
    const MechanismFacts* mechanism(unsigned long type);

    /// Reads the flags, then the PIN, and logs in once. A token that wants no login, or where this process already is
    /// logged in, is fine. After a refusal no PIN is read or sent again: the same error comes back. Errors:
    /// ExitCode::login; token when the call fails otherwise. Returns a warning to show, "" when there is none.
    Result<std::string> login(const LoginOptions& options);

    /// A further read-write session; on a token that has only one to give, the one that carries the login, to one
    /// borrower at a time. Errors: ExitCode::token.
    Result<std::unique_ptr<Session>> open_session();

    /// A read-only session, which needs no login and shows public objects alone where there is none. Nothing can be
    /// made, signed or destroyed through it. Errors: ExitCode::token.
    Result<std::unique_ptr<Session>> open_reading_session();

    TokenState& state() { return *state_; }  ///< for the token room's own files

private:
    std::unique_ptr<TokenState> state_;
};

struct SessionState;

/// One read-write session; used by one thread at a time; closed on destruction.
class Session {
public:
    explicit Session(std::unique_ptr<SessionState> state);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] Token& token();
    /// Replaces a session that the token has dropped, logging in again when the login went with it (once, with the PIN
    /// that already was right). Handles found before are void. Errors: ExitCode::token or login.
    Status reopen();

    SessionState& state() { return *state_; }  ///< for the token room's own files

private:
    std::unique_ptr<SessionState> state_;
};

/// How a batch should go on after a fault.
enum class FaultClass {
    item,     ///< this item fails, the next may work
    session,  ///< reopen the session, find the objects again, try the item once more
    token,    ///< the token or its connection is gone: stop the batch
};
FaultClass classify(const Error& error);

/// "CKR_PIN_INCORRECT", or "CKR_VENDOR_DEFINED+0x12" and the like.
std::string return_value_name(unsigned long value);
/// Its meaning in words.
std::string return_value_meaning(unsigned long value);
/// "CKM_ECDSA", or hexadecimal.
std::string mechanism_name(unsigned long type);

}  // namespace hsmreq::token
