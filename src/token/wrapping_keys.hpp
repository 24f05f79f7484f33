// The throw-away session keys of the wrap probe.
#pragma once

#include <optional>
#include <vector>

#include "hsmreq/result.hpp"
#include "token/cryptoki.hpp"
#include "token/key_pair.hpp"

namespace hsmreq::token {

enum class WrappingKeyKind { aes, des3, rsa };

/// Makes wrapping keys on demand, one of a kind: session objects, sensitive, not extractable, for wrapping only.
/// Destroys them when it goes.
class WrappingKeys {
public:
    explicit WrappingKeys(Session& session) : session_(session) {}
    ~WrappingKeys();
    WrappingKeys(const WrappingKeys&) = delete;
    WrappingKeys& operator=(const WrappingKeys&) = delete;

    /// The key that wraps. Errors: ExitCode::token; the same error again for a kind that already failed.
    Result<CK_OBJECT_HANDLE> get(WrappingKeyKind kind);

private:
    Result<CK_OBJECT_HANDLE> make(WrappingKeyKind kind);
    Result<CK_OBJECT_HANDLE> make_secret(CK_MECHANISM_TYPE generation, CK_KEY_TYPE type);
    Result<CK_OBJECT_HANDLE> make_pair();

    Session& session_;
    std::vector<CK_OBJECT_HANDLE> objects_;
    std::vector<std::pair<WrappingKeyKind, Result<CK_OBJECT_HANDLE>>> made_;
};

}  // namespace hsmreq::token
