// The token that the contract suite runs on: a fresh SoftHSM token, or the one that the environment names.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include "support/softhsm.hpp"

namespace hsmreq::test {

/// HSMREQ_CONTRACT_MODULE (a path or p11-kit name), HSMREQ_CONTRACT_URI and HSMREQ_CONTRACT_PIN together choose another
/// token; the suite makes and destroys keys on it.
class TokenUnderTest {
public:
    TokenUnderTest() {
        if (const char* other = std::getenv("HSMREQ_CONTRACT_MODULE")) {
            module = other;
            uri = setting("HSMREQ_CONTRACT_URI");
            pin = setting("HSMREQ_CONTRACT_PIN");
            return;
        }
        softhsm_ = std::make_unique<SoftHsm>();
        softhsm_->add_token("contract");
        module = SoftHsm::module_path;
        uri = "pkcs11:token=contract";
        pin = SoftHsm::pin;
    }

    /// True on the token that this suite knows all answers of.
    [[nodiscard]] bool is_softhsm() const { return softhsm_ != nullptr; }

    std::string module;
    std::string uri;
    std::string pin;

private:
    static std::string setting(const char* name) {
        const char* value = std::getenv(name);
        EXPECT_NE(value, nullptr) << name << " must be set beside HSMREQ_CONTRACT_MODULE";
        return value == nullptr ? "" : value;
    }

    std::unique_ptr<SoftHsm> softhsm_;
};

}  // namespace hsmreq::test
