// The PINs that a run's tokens have taken, for the logins of its later phases.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/secret.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::token {

/// A prompt asks once and a descriptor is read once, and a module that is finalised between two phases wants a login in
/// each. Only a PIN that the token has accepted is kept; all are wiped with the cache. Safe for several threads.
class PinCache {
public:
    /// A copy of the PIN that the token with this TokenInfo::identity() took; nothing when none is known.
    [[nodiscard]] std::optional<Secret> find(const std::string& token_identity) const;
    void keep(const std::string& token_identity, const Secret& pin);
    /// A token that refused is not sent a PIN again, in no phase and from no source.
    void refuse(const std::string& token_identity, const Error& refusal);
    [[nodiscard]] std::optional<Error> refusal(const std::string& token_identity) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, Secret> pins_;
    std::map<std::string, Error> refusals_;
};

}  // namespace hsmreq::token
