#include "cli/lines.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace hsmreq::cli {

Result<std::optional<std::string>> InputLines::next() {
    constexpr std::size_t longest = std::size_t{64} << 10;
    for (;;) {
        const auto end = pending_.find('\n');
        if (end != std::string::npos || (ended_ && !pending_.empty())) {
            std::string line = pending_.substr(0, end);
            pending_.erase(0, end == std::string::npos ? end : end + 1);
            ++number_;
            return std::optional(std::move(line));
        }
        if (ended_) return std::optional<std::string>{};
        if (pending_.size() > longest)
            return Error{.code = ExitCode::usage,
                         .what = "a line of more than 64 KiB on standard input",
                         .hint = "give one answer on each line"};
        std::array<char, 4096> bytes{};
        const ssize_t got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return Error{.code = ExitCode::input,
                         .what = "standard input can't be read: " + std::generic_category().message(errno),
                         .hint = "give --no-input where there are no answers to read"};
        ended_ = got == 0;
        pending_.append(bytes.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace hsmreq::cli
