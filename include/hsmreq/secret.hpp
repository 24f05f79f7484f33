// Secret: bytes that are wiped when they go and that nothing prints by accident.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace hsmreq {

/// Owned secret bytes (a PIN, a password). Move-only; the memory is locked where the system allows, kept
/// out of core files, and wiped on destruction. Has no stream operator and no conversion to string.
class Secret {
public:
    Secret() = default;
    /// Takes room for up to `capacity` bytes, zeroed; append() fills it.
    explicit Secret(std::size_t capacity);
    ~Secret();
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    /// Copies bytes in; wiping the source is the caller's. False when the capacity does not suffice.
    bool append(std::span<const std::uint8_t> bytes);
    /// Takes in zero bytes, to be written where they are; empty when the capacity does not suffice.
    std::span<std::uint8_t> extend(std::size_t count);
    /// Removes and wipes the last byte.
    void pop_back();
    /// Removes and wipes what is beyond the first `size` bytes.
    void truncate(std::size_t size);

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    /// The bytes themselves: for C_Login or a cipher only.
    [[nodiscard]] std::span<const std::uint8_t> reveal() const { return {data_, size_}; }
    /// True when mlock succeeded; otherwise the pages may be swapped out.
    [[nodiscard]] bool locked() const { return locked_; }

private:
    void release() noexcept;

    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
    bool locked_ = false;
};

/// From here on, whatever OpenSSL gives back to the heap in this process is overwritten first: its own decoders leave
/// copies of a private key behind otherwise. Has to come before anything in the process uses OpenSSL, a PKCS#11 module
/// included; false, with nothing changed, when that is over.
bool wipe_freed_openssl_memory();

/// While one lives, the process leaves no core file and can't be traced by its own user
/// (RLIMIT_CORE 0, PR_SET_DUMPABLE 0); the destructor puts back what was, so it must outlive every Secret.
class ProcessGuard {
public:
    ProcessGuard();
    ~ProcessGuard();
    ProcessGuard(const ProcessGuard&) = delete;
    ProcessGuard& operator=(const ProcessGuard&) = delete;

private:
    unsigned long core_soft_limit_ = 0;
    int dumpable_ = 1;
};

}  // namespace hsmreq
