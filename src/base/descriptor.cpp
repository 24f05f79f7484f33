#include "base/descriptor.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/secret.hpp"

namespace hsmreq {
namespace {

Error too_large(std::size_t limit, const std::string& where) {
    return {.code = ExitCode::input,
            .what = fmt::format("too large: more than {} bytes", limit),
            .where = where,
            .hint = "check that this is the file you meant"};
}

const char* kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return "a folder";
    if (S_ISFIFO(mode)) return "a pipe";
    if (S_ISSOCK(mode)) return "a socket";
    return "a device";
}

}  // namespace

Descriptor::~Descriptor() {
    if (valid()) ::close(number_);
}

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        if (valid()) ::close(number_);
        number_ = other.release();
    }
    return *this;
}

int Descriptor::release() {
    return std::exchange(number_, -1);
}

std::string error_text(int error) {
    return std::generic_category().message(error);
}

Result<Bytes> read_to_end(int descriptor, std::size_t limit, const std::string& where) {
    constexpr std::size_t chunk = std::size_t{64} * 1024;
    Bytes content;
    while (content.size() <= limit) {
        const std::size_t used = content.size();
        content.resize(used + chunk);
        const auto count = ::read(descriptor, content.data() + used, chunk);
        const int error = errno;
        content.resize(used + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        if (count == 0) return content;
        if (count < 0 && error != EINTR)
            return Error{.code = ExitCode::input,
                         .what = "cannot be read: " + error_text(error),
                         .where = where,
                         .hint = "check the file and its file system"};
    }
    return too_large(limit, where);
}

Result<Bytes> read_regular(int descriptor, std::size_t limit, const std::string& where) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0)
        return Error{.code = ExitCode::input,
                     .what = "cannot be read: " + error_text(errno),
                     .where = where,
                     .hint = "check the file and its file system"};
    if (!S_ISREG(status.st_mode))
        return Error{.code = ExitCode::input,
                     .what = fmt::format("cannot be read: it is {}, not a file", kind_of(status.st_mode)),
                     .where = where,
                     .hint = S_ISFIFO(status.st_mode)
                                 ? "write it to a file first; inspect and install take - for standard input"
                                 : "name a regular file"};
    if (static_cast<std::size_t>(status.st_size) > limit) return too_large(limit, where);
    return read_to_end(descriptor, limit, where);
}

int read_secret(int descriptor, Secret& content) {
    std::array<std::uint8_t, 4096> buffer{};
    int error = 0;
    for (off_t position = 0; error == 0;) {
        const ssize_t count = ::pread(descriptor, buffer.data(), buffer.size(), position);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) error = errno;
        if (count <= 0 || !content.append({buffer.data(), static_cast<std::size_t>(count)})) break;
        position += count;
    }
    wipe(buffer.data(), buffer.size());
    return error;
}

int write_all(int descriptor, BytesView bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        if (count == 0) return EIO;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return 0;
}

int sync(int descriptor) {
    while (::fsync(descriptor) != 0)
        if (errno != EINTR) return errno;
    return 0;
}

}  // namespace hsmreq
