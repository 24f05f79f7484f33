#include "base/lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "base/descriptor.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace hsmreq {
namespace {

constexpr std::chrono::milliseconds poll_interval{100};

/// The process that /proc/locks names for the file; 0 when it names none, as for a holder in another container.
int holder_of(int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return 0;
    const auto file = fmt::format("{:02x}:{:02x}:{}", major(status.st_dev), minor(status.st_dev), status.st_ino);
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        // "1: FLOCK  ADVISORY  WRITE 4711 fe:00:8837 0 EOF"; a waiting process has "->" after the number.
        std::istringstream fields(line);
        std::string number, kind, advisory, access, place;
        int process = 0;
        if (fields >> number >> kind >> advisory >> access >> process >> place && kind == "FLOCK" && place == file)
            return process;
    }
    return 0;
}

std::string holder_text(int descriptor) {
    const int process = holder_of(descriptor);
    if (process <= 0) return "another process";
    std::string command;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", process)), command);
    if (command.empty()) return fmt::format("process {}", process);
    return fmt::format("process {} ({})", process, printable(command));
}

enum class Attempt { taken, held_elsewhere };

Result<Attempt> try_lock(int descriptor, const std::string& what) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return Attempt::taken;
    if (errno == EWOULDBLOCK || errno == EINTR) return Attempt::held_elsewhere;
    return Error{.code = ExitCode::token,
                 .what = "cannot lock: " + error_text(errno),
                 .where = what,
                 .hint = "use a local file system, where flock works"};
}

Status wait_for(int descriptor, const FileLock::Options& options) {
    const auto deadline = std::chrono::steady_clock::now() + options.timeout;
    for (bool told = false;; told = true) {
        TRY_ASSIGN(const auto attempt, try_lock(descriptor, options.what));
        if (attempt == Attempt::taken) return {};
        if (options.stop && options.stop())
            return Error{.code = ExitCode::interrupted,
                         .what = "interrupted while waiting for the lock",
                         .where = options.what,
                         .hint = ""};
        if (std::chrono::steady_clock::now() >= deadline)
            return Error{.code = ExitCode::token,
                         .what = fmt::format("{} has held the lock for {} seconds", holder_text(descriptor),
                                             options.timeout.count()),
                         .where = options.what,
                         .hint = "let that run end, or wait longer with --timeout"};
        if (!told && options.waiting)
            options.waiting(fmt::format("waiting for {}: {} holds the lock", options.what, holder_text(descriptor)));
        std::this_thread::sleep_for(poll_interval);
    }
}

/// Not TMPDIR: two users' runs must meet at the same file.
const char* lock_folder() {
    return ::access("/run/lock", W_OK | X_OK) == 0 ? "/run/lock" : "/tmp";
}

/// Opens the lock file, making it when it is missing. The first attempt is without O_CREAT because
/// fs.protected_regular refuses that flag on another user's file in a sticky folder.
Result<Descriptor> open_lock_file(const std::string& path, const std::string& what) {
    constexpr int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    Descriptor file(::open(path.c_str(), flags));
    if (!file.valid() && errno == ENOENT) {
        file = Descriptor(::open(path.c_str(), flags | O_CREAT | O_EXCL, 0644));
        // Other users' runs must be able to open it whatever this user's umask is.
        if (file.valid()) ::fchmod(file.get(), 0644);
        if (!file.valid() && errno == EEXIST) file = Descriptor(::open(path.c_str(), flags));
    }
    const int error = errno;
    struct stat status {};
    if (file.valid() && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode)) return file;
    return Error{.code = ExitCode::token,
                 .what = fmt::format("cannot open the lock file {}: {}", path,
                                     file.valid() ? "it is not a regular file" : error_text(error)),
                 .where = what,
                 .hint = "remove that entry if nobody needs it"};
}

bool still_named(int descriptor, const std::string& path) {
    struct stat open {};
    struct stat named {};
    return ::fstat(descriptor, &open) == 0 && ::lstat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
           open.st_ino == named.st_ino;
}

}  // namespace

Result<FileLock> FileLock::acquire(int descriptor, const Options& options) {
    TRY(wait_for(descriptor, options));
    FileLock lock;
    lock.descriptor_ = descriptor;
    return lock;
}

Result<FileLock> FileLock::acquire_named(const std::string& key, const Options& options) {
    const auto name = sha256_hex(as_bytes(key)).substr(0, 32);
    const auto path = fmt::format("{}/hsmreq-{}.lock", lock_folder(), name);
    for (;;) {
        TRY_ASSIGN(auto file, open_lock_file(path, options.what));
        TRY(wait_for(file.get(), options));
        // A cleaner of temporary files may have removed it meanwhile; the next run would then lock another one.
        if (!still_named(file.get(), path)) continue;
        FileLock lock;
        lock.descriptor_ = file.release();
        lock.owned_ = true;
        return lock;
    }
}

FileLock::~FileLock() {
    if (descriptor_ < 0) return;
    ::flock(descriptor_, LOCK_UN);
    if (owned_) ::close(descriptor_);
}

FileLock::FileLock(FileLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), owned_(std::exchange(other.owned_, false)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    FileLock taken(std::move(other));
    std::swap(descriptor_, taken.descriptor_);
    std::swap(owned_, taken.owned_);
    return *this;
}

}  // namespace hsmreq
