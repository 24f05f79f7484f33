// An owned file descriptor, and the system calls on it that need a loop.
#pragma once

#include <cstddef>
#include <string>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/secret.hpp"

namespace hsmreq {

/// Closes the descriptor when it goes. Move-only.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int get() const { return number_; }
    [[nodiscard]] bool valid() const { return number_ >= 0; }
    /// Hands the descriptor over; the caller closes it.
    int release();

private:
    int number_ = -1;
};

/// The system's sentence for an errno value.
std::string error_text(int error);

/// To the end, at most `limit` bytes. Errors: ExitCode::input; `where` goes into the error as it is.
Result<Bytes> read_to_end(int descriptor, std::size_t limit, const std::string& where);

/// The whole content of an open regular file. Errors: ExitCode::input when it is something else or too large.
Result<Bytes> read_regular(int descriptor, std::size_t limit, const std::string& where);

/// A file from its beginning, as many bytes as `content` has room for; leaves no copy elsewhere. Answers 0 or an errno
/// value.
int read_secret(int descriptor, Secret& content);

/// All bytes, however many calls that takes. Answers 0 or an errno value.
int write_all(int descriptor, BytesView bytes);

/// fsync. Answers 0 or an errno value.
int sync(int descriptor);

}  // namespace hsmreq
