// Watchdog: no call to a token lasts longer than the user allowed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace hsmreq::token {

/// Which call did not come back.
struct CallTimeout {
    std::string token;     ///< label and serial, or the module's path before a token is known
    std::string function;  ///< "C_GenerateKeyPair"
    std::chrono::seconds limit{};
};

/// Watches the calls of all threads. A call into a module can't be cancelled, so `expired` runs on the watchdog's own
/// thread, at most once, and is expected to end the process after it has reported; state is in the token.
class Watchdog {
public:
    Watchdog(std::chrono::seconds limit, std::function<void(const CallTimeout&)> expired);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    /// Alive while a call is under way. `factor` stretches the limit (5 while a key is made).
    class Guard {
    public:
        Guard(Watchdog* watchdog, std::string token, const char* function, int factor = 1);
        ~Guard();
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

    private:
        Watchdog* watchdog_;
        std::size_t ticket_ = 0;
    };

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hsmreq::token
