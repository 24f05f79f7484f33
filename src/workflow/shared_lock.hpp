// A token's lock between runs, shared by the workers of one run.
#pragma once

#include <mutex>
#include <string>

#include "base/lock.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

/// Other runs are kept out while any worker of this run is inside; the workers do not keep out one another, since
/// each works on a key of its own.
class SharedLock {
public:
    /// Inside from a successful enter() to its destruction.
    class Guard {
    public:
        Guard() = default;
        explicit Guard(SharedLock& lock) : lock_(&lock) {}
        ~Guard();
        Guard(Guard&& other) noexcept : lock_(other.lock_) { other.lock_ = nullptr; }
        Guard& operator=(Guard&&) = delete;
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

    private:
        SharedLock* lock_ = nullptr;
    };

    /// `key` names the token (see FileLock::acquire_named). Errors: as FileLock::acquire.
    Result<Guard> enter(const std::string& key, const FileLock::Options& options);

private:
    std::mutex mutex_;
    unsigned inside_ = 0;
    FileLock lock_;
};

}  // namespace hsmreq::workflow
