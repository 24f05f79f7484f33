// Advisory locks between runs (flock), with the holder named while waiting.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "hsmreq/result.hpp"

namespace hsmreq {

/// Held until destroyed; the kernel releases it when the process dies.
class FileLock {
public:
    /// Waits up to `timeout` for the lock on an open descriptor (not owned; it must outlive the lock).
    /// `what` names the thing in messages ("output directory ./contoso-requests"); `waiting` is called once
    /// with a sentence that names the holder when the lock is not free at once. `stop` ends the wait early.
    /// Errors: ExitCode::token after the timeout, naming the holder; ExitCode::interrupted on stop.
    struct Options {
        std::string what;
        std::chrono::seconds timeout{120};
        std::function<void(const std::string&)> waiting = nullptr;
        std::function<bool()> stop = nullptr;
    };
    static Result<FileLock> acquire(int descriptor, const Options& options);

    /// The same for a lock that stands for a thing without a file of its own: a file named after the SHA-256 of
    /// `key` in /run/lock (or the temporary folder), opened without following links, never written to.
    static Result<FileLock> acquire_named(const std::string& key, const Options& options);

    FileLock() = default;
    ~FileLock();
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    int descriptor_ = -1;
    bool owned_ = false;
};

}  // namespace hsmreq
