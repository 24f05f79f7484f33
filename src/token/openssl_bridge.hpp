// Token keys as OpenSSL's: the one place that names libp11. See docs/adr/0002.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/secret.hpp"
#include "token/module.hpp"
#include "token/watchdog.hpp"

namespace hsmreq::token {

/// The version of libp11 that this was built with.
std::string libp11_version();

/// True when RSA-PSS, and so TLS 1.3 with an RSA key, takes CKM_RSA_X_509: OpenSSL pads, and the token computes.
bool libp11_pads_in_software();

/// False when one Ed25519 key hides all keys of its token from libp11.
bool libp11_knows_ed25519();

/// An Error for what a module answered to libp11 in an operation that OpenSSL made, out of OpenSSL's error queue, which
/// is emptied; nothing when the queue holds no such answer.
std::optional<Error> take_token_fault(const std::string& where, const std::string& function);

struct KeyDeleter {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using TokenKey = std::unique_ptr<EVP_PKEY, KeyDeleter>;

struct BridgeState;

/// A module in libp11's hands: the owner of C_Initialize and C_Finalize while it lives. A Module for the same file must
/// be gone before, and may come again after; keys must go before the bridge does. For one thread.
class OpensslBridge {
public:
    /// Loads and initialises the module, whose file Module::load has judged. Errors: ExitCode::token.
    static Result<std::unique_ptr<OpensslBridge>> open(const ModuleInfo& module, Watchdog* watchdog);
    ~OpensslBridge();
    OpensslBridge(const OpensslBridge&) = delete;
    OpensslBridge& operator=(const OpensslBridge&) = delete;

    /// Finds the token by label, manufacturer, model and serial, and logs in with a PIN that it took before (null for
    /// the protected authentication path and for tokens that want none). libp11 keeps the PIN until the bridge goes,
    /// and wipes it then. Errors: ExitCode::not_found, login, token.
    Status log_in(const TokenInfo& token, const Secret* pin);

    /// The private key with that CKA_ID on a token that is logged in. libp11 lists all keys of the token for it, once.
    /// Errors: ExitCode::token when it can't list them, ExitCode::not_found for none and for several.
    Result<TokenKey> find_key(const TokenInfo& token, BytesView id);

private:
    explicit OpensslBridge(std::unique_ptr<BridgeState> state);
    std::unique_ptr<BridgeState> state_;
};

}  // namespace hsmreq::token
