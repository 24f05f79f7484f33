#include "base/secret.hpp"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <utility>

namespace hsmreq {
namespace {

/// Far deeper than OpenSSL's calls go, and far less than a thread has.
constexpr std::size_t dead_stack = std::size_t{64} * 1024;

/// Whole pages, so that locking and unlocking one secret never touches a neighbour's page.
std::size_t mapped_size(std::size_t capacity) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    if (capacity > std::numeric_limits<std::size_t>::max() - page) throw std::bad_alloc();
    return (capacity + page - 1) / page * page;
}

}  // namespace

Secret::Secret(std::size_t capacity) {
    if (capacity == 0) return;
    const auto size = mapped_size(capacity);
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    locked_ = ::mlock(memory, size) == 0;
    ::madvise(memory, size, MADV_DONTDUMP);
    data_ = static_cast<std::uint8_t*>(memory);
    capacity_ = capacity;
}

Secret::~Secret() {
    release();
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)),
      locked_(std::exchange(other.locked_, false)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    locked_ = std::exchange(other.locked_, false);
    return *this;
}

bool Secret::append(std::span<const std::uint8_t> bytes) {
    if (bytes.size() > capacity_ - size_) return false;
    std::copy(bytes.begin(), bytes.end(), data_ + size_);
    size_ += bytes.size();
    return true;
}

std::span<std::uint8_t> Secret::extend(std::size_t count) {
    if (count == 0 || count > capacity_ - size_) return {};
    const std::span<std::uint8_t> added(data_ + size_, count);
    size_ += count;
    return added;  // zero: fresh pages, and whatever was removed was wiped
}

void Secret::pop_back() {
    if (size_ > 0) truncate(size_ - 1);
}

void Secret::truncate(std::size_t size) {
    if (size >= size_) return;
    wipe(data_ + size, size_ - size);
    size_ = size;
}

void Secret::release() noexcept {
    if (data_ == nullptr) return;
    wipe(data_, capacity_);
    ::munmap(data_, mapped_size(capacity_));
    data_ = nullptr;
    size_ = 0;
    capacity_ = 0;
    locked_ = false;
}

void wipe(void* memory, std::size_t size) {
    OPENSSL_cleanse(memory, size);
}

[[gnu::noinline]] void wipe_dead_stack() {
    std::array<std::uint8_t, dead_stack> below;  // whatever is there
    wipe(below.data(), below.size());
}

Secret copy(const Secret& secret, std::size_t room) {
    Secret result(secret.size() + room);
    result.append(secret.reveal());
    return result;
}

ProcessGuard::ProcessGuard() : dumpable_(::prctl(PR_GET_DUMPABLE)) {
    ::rlimit limit{};
    if (::getrlimit(RLIMIT_CORE, &limit) == 0) {
        core_soft_limit_ = limit.rlim_cur;
        limit.rlim_cur = 0;
        ::setrlimit(RLIMIT_CORE, &limit);
    }
    ::prctl(PR_SET_DUMPABLE, 0);
}

ProcessGuard::~ProcessGuard() {
    ::rlimit limit{};
    if (::getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = core_soft_limit_;
        ::setrlimit(RLIMIT_CORE, &limit);
    }
    ::prctl(PR_SET_DUMPABLE, dumpable_);
}

}  // namespace hsmreq
