#include "cli/prompt.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <optional>
#include <system_error>

#include "base/secret.hpp"
#include "base/try.hpp"
#include "cli/signals.hpp"

namespace hsmreq::cli {
namespace {

constexpr std::size_t max_pin_bytes = 255;

Error login_error(std::string what, std::string hint) {
    return {.code = ExitCode::login, .what = std::move(what), .where = "terminal", .hint = std::move(hint)};
}

class Terminal {
public:
    Terminal() : descriptor_(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)) {}
    ~Terminal() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_; }
    void print(const std::string& text) const {
        // A question that can't be shown shows again as a failed read.
        [[maybe_unused]] const ssize_t written = ::write(descriptor_, text.data(), text.size());
    }

private:
    int descriptor_;
};

/// While one lives the terminal shows nothing of what is typed.
class EchoOff {
public:
    explicit EchoOff(int descriptor) : descriptor_(descriptor) {
        active_ = ::tcgetattr(descriptor, &saved_) == 0;
        if (!active_) return;
        termios silent = saved_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
        silent.c_lflag |= static_cast<tcflag_t>(ICANON | ISIG);
        silent.c_iflag |= static_cast<tcflag_t>(ICRNL);
        current.store(this);
        active_ = ::tcsetattr(descriptor, TCSAFLUSH, &silent) == 0;
    }
    ~EchoOff() {
        restore();
        current.store(nullptr);
    }
    EchoOff(const EchoOff&) = delete;
    EchoOff& operator=(const EchoOff&) = delete;

    [[nodiscard]] bool active() const { return active_; }
    void restore() const {
        if (active_) ::tcsetattr(descriptor_, TCSAFLUSH, &saved_);
    }

    static std::atomic<const EchoOff*> current;

private:
    int descriptor_;
    bool active_ = false;
    termios saved_{};
};

std::atomic<const EchoOff*> EchoOff::current{nullptr};

/// True when a byte can be read, false when a signal came first.
Result<bool> wait_for_input(int descriptor) {
    for (;;) {
        clear_wake_descriptor();
        if (interrupted() || NotedStops::signal() != 0) return false;
        std::array<pollfd, 2> awaited{{{descriptor, POLLIN, 0}, {wake_descriptor(), POLLIN, 0}}};
        const int ready = ::poll(awaited.data(), awaited.size(), -1);
        if (ready < 0 && errno != EINTR)
            return login_error("the terminal can't be read: " + std::generic_category().message(errno),
                               "use --pin-source file:PATH or fd:N");
        if (ready > 0 && awaited[0].revents != 0 && awaited[1].revents == 0) return true;
    }
}

/// Reads up to the end of the line. Nothing when a signal ended it.
Result<std::optional<Secret>> read_line(int descriptor) {
    Secret line(max_pin_bytes);
    bool fits = true;
    for (;;) {
        TRY_ASSIGN(const bool readable, wait_for_input(descriptor));
        if (!readable) return std::optional<Secret>{};
        std::uint8_t byte = 0;
        const ssize_t got = ::read(descriptor, &byte, 1);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0)
            return login_error("the terminal can't be read: " + std::generic_category().message(errno),
                               "use --pin-source file:PATH or fd:N");
        if (got == 0 || byte == '\n') break;
        fits = line.append({&byte, 1}) && fits;
        wipe(&byte, sizeof byte);
    }
    if (!fits)
        return login_error("what was typed is longer than 255 bytes", "type the PIN and Enter; nothing was sent");
    if (line.empty()) return login_error("no PIN was typed", "type the PIN and Enter; the token was not asked");
    return std::optional<Secret>(std::move(line));
}

/// One showing of the question. Nothing when a signal came; the terminal is as before then.
Result<std::optional<Secret>> ask_once(const Terminal& terminal, const std::string& question) {
    const EchoOff silence(terminal.descriptor());
    if (!silence.active())
        return login_error("the terminal can't be told to hide what is typed",
                           "use --pin-source file:PATH or fd:N instead of prompt");
    terminal.print(question);
    auto line = read_line(terminal.descriptor());
    terminal.print("\n");
    return line;
}

}  // namespace

Result<Secret> ask_secret(const std::string& question) {
    const Terminal terminal;
    if (terminal.descriptor() < 0)
        return login_error("there is no terminal to ask for the PIN on",
                           "use --pin-source file:PATH, fd:N or credential:NAME where nobody sits at a terminal");
    for (;;) {
        int signal = 0;
        {
            const NotedStops stops;
            TRY_ASSIGN(auto line, ask_once(terminal, question));
            if (line) return std::move(*line);
            signal = NotedStops::signal();
        }
        if (interrupted())
            return Error{.code = ExitCode::interrupted,
                         .what = "interrupted while asking for the PIN",
                         .hint = "nothing was sent to the token; run again"};
        // With the terminal set right: stop as the user wished and ask again afterwards, or die of SIGQUIT.
        ::raise(signal);
    }
}

bool has_terminal() {
    return Terminal().descriptor() >= 0;
}

Result<std::string> ask_line(const std::string& question) {
    const Terminal terminal;
    if (terminal.descriptor() < 0)
        return Error{.code = ExitCode::usage, .what = "there is no terminal to ask on", .hint = "use --yes"};
    const Error stopped{.code = ExitCode::interrupted, .what = "interrupted while asking"};
    terminal.print(question);
    std::string line;
    for (;;) {
        TRY_ASSIGN(const bool readable, wait_for_input(terminal.descriptor()));
        if (!readable && interrupted()) return stopped;
        char byte = 0;
        const ssize_t got = readable ? ::read(terminal.descriptor(), &byte, 1) : -1;
        if (got < 0 && (!readable || errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0 || line.size() > max_pin_bytes) return stopped;
        if (byte == '\n') return line;
        line += byte;
    }
}

void restore_echo() {
    if (const EchoOff* silence = EchoOff::current.load()) silence->restore();
}

}  // namespace hsmreq::cli
