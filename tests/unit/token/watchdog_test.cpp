#include "token/watchdog.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <thread>

namespace hsmreq::token {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

/// What a watchdog reported, to be waited for.
struct Report {
    std::promise<CallTimeout> promise;
    std::function<void(const CallTimeout&)> receiver() {
        return [this](const CallTimeout& timeout) { promise.set_value(timeout); };
    }
};

TEST(WatchdogTest, NamesTheCallThatDoesNotComeBack) {
    Report report;
    Watchdog watchdog(seconds(0), report.receiver());
    Watchdog::Guard guard(&watchdog, "token rp01 (serial 1)", "C_Sign");
    const CallTimeout timeout = report.promise.get_future().get();
    EXPECT_EQ(timeout.token, "token rp01 (serial 1)");
    EXPECT_EQ(timeout.function, "C_Sign");
    EXPECT_EQ(timeout.limit, seconds(0));
}

TEST(WatchdogTest, ReportsTheLateCallAndNotTheOneThatMayTakeLonger) {
    Report report;
    Watchdog watchdog(seconds(1), report.receiver());
    Watchdog::Guard making(&watchdog, "rp01", "C_GenerateKeyPair", 3600);
    Watchdog::Guard signing(&watchdog, "rp02", "C_Sign");
    EXPECT_EQ(report.promise.get_future().get().token, "rp02");
}

TEST(WatchdogTest, StretchesTheLimitByTheFactor) {
    Report report;
    Watchdog watchdog(seconds(0), report.receiver());
    Watchdog::Guard guard(&watchdog, "rp01", "C_GenerateKeyPair", 5);
    EXPECT_EQ(report.promise.get_future().get().limit, seconds(0) * 5);
    Report other;
    Watchdog slower(seconds(1), other.receiver());
    Watchdog::Guard longer(&slower, "rp01", "C_GenerateKeyPair", 2);
    EXPECT_EQ(other.promise.get_future().get().limit, seconds(2));
}

TEST(WatchdogTest, ReportsAtMostOnce) {
    std::atomic<int> reports = 0;
    std::promise<void> first;
    {
        Watchdog watchdog(seconds(0), [&](const CallTimeout&) {
            if (++reports == 1) first.set_value();
        });
        Watchdog::Guard one(&watchdog, "rp01", "C_Sign");
        first.get_future().wait();
        Watchdog::Guard two(&watchdog, "rp02", "C_Sign");
    }
    EXPECT_EQ(reports, 1);
}

TEST(WatchdogTest, LeavesCallsAloneThatCameBack) {
    bool reported = false;
    {
        Watchdog watchdog(hours(1), [&](const CallTimeout&) { reported = true; });
        for (int i = 0; i < 1000; ++i) Watchdog::Guard guard(&watchdog, "rp01", "C_Sign");
    }
    EXPECT_FALSE(reported);
}

TEST(WatchdogTest, TakesALimitBeyondTheClock) {
    bool reported = false;
    {
        Watchdog watchdog(seconds::max(), [&](const CallTimeout&) { reported = true; });
        Watchdog::Guard guard(&watchdog, "rp01", "C_GenerateKeyPair", 5);
        std::this_thread::yield();
    }
    EXPECT_FALSE(reported);
}

TEST(WatchdogTest, IsOptional) {
    const Watchdog::Guard guard(nullptr, "rp01", "C_Sign");
}

}  // namespace
}  // namespace hsmreq::token
