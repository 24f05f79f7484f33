#include "base/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/descriptor.hpp"

extern char** environ;

namespace hsmreq {
namespace {

constexpr std::size_t output_limit = std::size_t{64} << 10;
constexpr int signal_base = 128;  // as shells have it

class SpawnActions {
public:
    SpawnActions() { ::posix_spawn_file_actions_init(&actions_); }
    ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;
    posix_spawn_file_actions_t* get() { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

/// Everything until the other end is closed; what is too much is read and dropped, so that the program can go on.
std::string drain(int descriptor) {
    std::string text;
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return text;
        const std::size_t room = output_limit - text.size();
        text.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
    }
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return signal_base;
    return WIFEXITED(status) ? WEXITSTATUS(status) : signal_base + WTERMSIG(status);
}

}  // namespace

Result<ProgramEnd> run_program(std::vector<std::string> words) {
    std::array<int, 2> ends{-1, -1};
    const auto failed = [&](int error) {
        return Error{.code = ExitCode::output, .what = "it can't be run: " + error_text(error), .where = words.front()};
    };
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed(errno);
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);
    SpawnActions actions;
    ::posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(actions.get(), writing.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(actions.get(), writing.get(), STDERR_FILENO);
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int error = ::posix_spawnp(&child, arguments.front(), actions.get(), nullptr, arguments.data(), environ);
    if (error != 0) return failed(error);
    writing = Descriptor();
    std::string output = drain(reading.get());
    return ProgramEnd{wait_for(child), std::move(output)};
}

}  // namespace hsmreq
