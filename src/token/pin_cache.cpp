#include "token/pin_cache.hpp"

namespace hsmreq::token {

std::optional<Secret> PinCache::find(const std::string& token_identity) const {
    const std::lock_guard lock(mutex_);
    const auto found = pins_.find(token_identity);
    if (found == pins_.end()) return std::nullopt;
    return copy(found->second);
}

void PinCache::keep(const std::string& token_identity, const Secret& pin) {
    const std::lock_guard lock(mutex_);
    pins_.insert_or_assign(token_identity, copy(pin));
}

void PinCache::refuse(const std::string& token_identity, const Error& refusal) {
    const std::lock_guard lock(mutex_);
    pins_.erase(token_identity);
    refusals_.insert_or_assign(token_identity, refusal);
}

std::optional<Error> PinCache::refusal(const std::string& token_identity) const {
    const std::lock_guard lock(mutex_);
    const auto found = refusals_.find(token_identity);
    if (found == refusals_.end()) return std::nullopt;
    return found->second;
}

}  // namespace hsmreq::token
