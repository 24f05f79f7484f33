#include "token/watchdog.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace hsmreq::token {

using Clock = std::chrono::steady_clock;

// Far beyond any use, and far from where adding it to the clock would overflow.
constexpr std::chrono::seconds longest_limit = std::chrono::hours(24 * 365);

struct Watchdog::State {
    struct Call {
        Clock::time_point deadline;
        CallTimeout description;
    };

    std::chrono::seconds limit;
    std::function<void(const CallTimeout&)> expired;
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::size_t, Call> calls;
    std::size_t next_ticket = 1;
    Clock::time_point watching_until = Clock::time_point::max();
    bool stopping = false;
    std::thread thread;

    void watch();
    void wait_for_deadline(std::unique_lock<std::mutex>& lock);
};

void Watchdog::State::wait_for_deadline(std::unique_lock<std::mutex>& lock) {
    watching_until = Clock::time_point::max();
    for (const auto& [ticket, call] : calls) watching_until = std::min(watching_until, call.deadline);
    if (watching_until == Clock::time_point::max())
        changed.wait(lock);
    else
        changed.wait_until(lock, watching_until);
}

void Watchdog::State::watch() {
    std::unique_lock lock(mutex);
    while (!stopping) {
        const auto now = Clock::now();
        const auto late =
            std::find_if(calls.begin(), calls.end(), [&](const auto& entry) { return entry.second.deadline <= now; });
        if (late == calls.end()) {
            wait_for_deadline(lock);
            continue;
        }
        const CallTimeout description = late->second.description;
        lock.unlock();
        expired(description);
        return;
    }
}

Watchdog::Watchdog(std::chrono::seconds limit, std::function<void(const CallTimeout&)> expired)
    : state_(std::make_unique<State>()) {
    state_->limit = std::min(limit, longest_limit);
    state_->expired = std::move(expired);
    state_->thread = std::thread([state = state_.get()] { state->watch(); });
}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
    }
    state_->changed.notify_one();
    state_->thread.join();
}

Watchdog::Guard::Guard(Watchdog* watchdog, std::string token, const char* function, int factor) : watchdog_(watchdog) {
    if (watchdog_ == nullptr) return;
    State& state = *watchdog_->state_;
    const auto limit = state.limit * factor;
    const auto deadline = Clock::now() + limit;
    bool sooner = false;
    {
        const std::lock_guard lock(state.mutex);
        ticket_ = state.next_ticket++;
        state.calls.emplace(ticket_, State::Call{deadline, {std::move(token), function, limit}});
        sooner = deadline < state.watching_until;
    }
    if (sooner) state.changed.notify_one();
}

Watchdog::Guard::~Guard() {
    if (watchdog_ == nullptr) return;
    const std::lock_guard lock(watchdog_->state_->mutex);
    watchdog_->state_->calls.erase(ticket_);
}

}  // namespace hsmreq::token
