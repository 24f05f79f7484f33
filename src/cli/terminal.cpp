#include "cli/terminal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "cli/table.hpp"

namespace hsmreq::cli {
namespace {

constexpr std::string_view clear_line = "\r\033[K";

/// 0, or the errno of the write that failed.
int write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written >= 0)
            text.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}

/// Some file systems report a lost write only when the file is closed.
int close_errors(int descriptor) {
    const int copy = ::dup(descriptor);
    return copy >= 0 && ::close(copy) != 0 && errno != EINTR ? errno : 0;
}

bool is_terminal(int descriptor) {
    const char* kind = std::getenv("TERM");
    return ::isatty(descriptor) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

}  // namespace

void keep_standard_descriptors() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF)
            // The lowest free number is the one that was found closed.
            if (::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) != descriptor) return;
}

Status write_stdout(std::string_view text) {
    if (text.empty()) return {};
    int failure = write_all(STDOUT_FILENO, text);
    if (failure == 0) failure = close_errors(STDOUT_FILENO);
    if (failure == 0) return {};
    Error error{.code = ExitCode::output, .where = "standard output"};
    if (failure == EPIPE) {
        error.what = "the reader of the output closed it before all was written";
        error.hint = "let the reader take everything, or write to a file";
    } else {
        error.what = fmt::format("the output could not be written: {}", std::generic_category().message(failure));
        error.hint = "check what standard output leads to and run again";
    }
    return error;
}

void write_stderr(std::string_view text) {
    write_all(STDERR_FILENO, text);
}

Style::Style(ColorMode mode, int descriptor) {
    const char* refused = std::getenv("NO_COLOR");
    const bool wanted = (refused == nullptr || *refused == '\0') && is_terminal(descriptor);
    colour_ = mode == ColorMode::always || (mode == ColorMode::automatic && wanted);
}

std::string Style::painted(std::string_view sequence, std::string_view text) const {
    return colour_ ? fmt::format("\033[{}m{}\033[0m", sequence, text) : std::string(text);
}

std::string Style::heading(std::string_view text) const {
    return painted("1", text);
}

std::string Style::severity(Severity severity, std::string_view text) const {
    switch (severity) {
        case Severity::error:
            return painted("1;31", text);
        case Severity::warning:
            return painted("33", text);
        case Severity::info:
            return painted("36", text);
    }
    return std::string(text);
}

ProgressLine::ProgressLine(const OutputFlags& flags)
    : enabled_(!flags.json && !flags.quiet && is_terminal(STDERR_FILENO)) {}

ProgressLine::~ProgressLine() {
    clear();
}

void ProgressLine::show(std::string_view text) {
    if (!enabled_) return;
    winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    const std::size_t width = known ? size.ws_col - 1U : 79U;
    write_stderr(fmt::format("{}{}", clear_line, cut_to_width(text, width)));
    visible_ = true;
}

void ProgressLine::clear() {
    if (visible_) write_stderr(clear_line);
    visible_ = false;
}

}  // namespace hsmreq::cli
