#include "cli/signals.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

#include "hsmreq/result.hpp"

namespace hsmreq::cli {
namespace {

constexpr std::array<int, 3> interruptions{SIGINT, SIGTERM, SIGHUP};
constexpr std::array<int, 2> stops{SIGTSTP, SIGQUIT};

// A handler can reach only what is static; lock-free atomics are safe in it and between threads.
std::atomic<bool> interruption_noted{false};
std::atomic<int> stop_noted{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);
std::array<int, 2> wake_pipe{-1, -1};
std::string last_words_text;  // written once, before the handler is installed
std::array<struct sigaction, stops.size()> former_stops{};

void wake() {
    const int saved = errno;
    const char byte = 0;
    [[maybe_unused]] const ssize_t written = ::write(wake_pipe[1], &byte, 1);
    errno = saved;
}

void note(int) {
    interruption_noted = true;
    for (const int signal : interruptions) ::signal(signal, SIG_DFL);
    wake();
}

void note_stop(int signal) {
    stop_noted = signal;
    wake();
}

void end_now(int) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, last_words_text.data(), last_words_text.size());
    ::_exit(static_cast<int>(ExitCode::interrupted));
}

struct sigaction action_for(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    ::sigemptyset(&action.sa_mask);
    return action;
}

void handle_interruptions(void (*handler)(int)) {
    const auto action = action_for(handler);
    for (const int signal : interruptions) {
        struct sigaction inherited {};
        ::sigaction(signal, nullptr, &inherited);
        if (inherited.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
    }
}

}  // namespace

void ignore_broken_pipes() {
    ::signal(SIGPIPE, SIG_IGN);
}

void note_interruptions() {
    if (wake_pipe[0] < 0 && ::pipe2(wake_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) wake_pipe = {-1, -1};
    handle_interruptions(note);
}

void end_on_interruption(const std::string& last_words) {
    last_words_text = last_words;
    handle_interruptions(end_now);
}

bool interrupted() {
    return interruption_noted;
}

int wake_descriptor() {
    return wake_pipe[0];
}

void clear_wake_descriptor() {
    std::array<char, 16> bytes{};
    while (::read(wake_pipe[0], bytes.data(), bytes.size()) > 0) {
    }
}

NotedStops::NotedStops() {
    stop_noted = 0;
    const auto action = action_for(note_stop);
    for (std::size_t i = 0; i < stops.size(); ++i) ::sigaction(stops[i], &action, &former_stops[i]);
}

NotedStops::~NotedStops() {
    for (std::size_t i = 0; i < stops.size(); ++i) ::sigaction(stops[i], &former_stops[i], nullptr);
}

int NotedStops::signal() {
    return stop_noted;
}

}  // namespace hsmreq::cli
