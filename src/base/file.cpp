#include "base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor.hpp"

namespace hsmreq {
namespace {

const char* hint_for(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            return "check the spelling of the path";
        case EACCES:
            return "check owner and permissions of the file and its folders";
        default:
            return "check the file and its file system";
    }
}

}  // namespace

Result<Bytes> read_file(const std::string& path, std::size_t limit) {
    // O_NONBLOCK: opening a pipe without a writer must not wait.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.valid()) {
        const int error = errno;
        return Error{.code = ExitCode::input,
                     .what = "cannot be opened: " + error_text(error),
                     .where = path,
                     .hint = hint_for(error)};
    }
    return read_regular(file.get(), limit, path);
}

Result<Bytes> read_stdin(std::size_t limit) {
    return read_to_end(STDIN_FILENO, limit, "standard input");
}

}  // namespace hsmreq
