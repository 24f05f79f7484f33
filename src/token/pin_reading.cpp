#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/descriptor.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "token/pin.hpp"

namespace hsmreq::token {
namespace {

constexpr std::size_t pin_limit = 1024;  // bytes; CK_TOKEN_INFO names far smaller limits everywhere

/// Each "{}" stands for what the source holds, the PIN or another secret.
Error pin_error(std::string_view what, const PinSource& source, std::string_view hint) {
    Error error;
    error.code = ExitCode::login;
    error.what = fill_in(what, {source.noun, source.noun});
    error.where = printable(to_text(source));
    error.hint = fill_in(hint, {source.noun, source.noun});
    return error;
}

/// A descriptor or variable gives its PIN once, and several tokens may name the same source: what was read is kept,
/// locked in memory, until the process ends.
class OneTimeSources {
public:
    std::optional<Secret> get(const std::string& key) {
        const std::lock_guard lock(mutex_);
        const auto found = kept_.find(key);
        if (found == kept_.end()) return std::nullopt;
        return copy(found->second);
    }

    void put(const std::string& key, const Secret& secret) {
        const std::lock_guard lock(mutex_);
        kept_.insert_or_assign(key, copy(secret));
    }

private:
    std::mutex mutex_;
    std::map<std::string, Secret> kept_;
};

OneTimeSources& one_time_sources() {
    static OneTimeSources sources;
    return sources;
}

Result<Secret> read_descriptor(int descriptor, const PinSource& source) {
    Secret secret(pin_limit);
    std::array<std::uint8_t, 256> buffer{};
    Status status;
    for (;;) {
        const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
        if (count == 0) break;
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            status = pin_error("the {} can't be read: " + error_text(errno), source,
                               "check that the source names the right file");
            break;
        }
        if (!secret.append({buffer.data(), static_cast<std::size_t>(count)})) {
            status = pin_error(fmt::format("it holds more than {} bytes: that is no {{}}", pin_limit), source,
                               "check that the source names the right file");
            break;
        }
    }
    wipe(buffer.data(), buffer.size());
    if (!status) return std::move(status).error();
    return secret;
}

/// Removes the one newline that editors put at the end, and judges the rest.
Result<PinReading> trimmed(Secret secret, const PinSource& source) {
    const auto last = [&] { return secret.empty() ? '\0' : static_cast<char>(secret.reveal().back()); };
    if (last() == '\n') {
        secret.pop_back();
        if (last() == '\r') secret.pop_back();
    }
    if (secret.empty()) return pin_error("the {} is empty", source, "put the {} where the source reads it");
    const auto bytes = secret.reveal();
    const bool utf16 = bytes.size() >= 2 && (bytes[0] ^ bytes[1]) == 0x01 && (bytes[0] | bytes[1]) == 0xff;
    const bool utf8_mark = bytes.size() >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf;
    if (utf16 || utf8_mark)
        return pin_error("it begins with a byte-order mark, which would count as part of the {}", source,
                         "save it as plain text without one");
    PinReading reading;
    if (std::string_view("\n\r \t").find(last()) != std::string_view::npos)
        reading.warning = fmt::format(
            "pin.trailing-newline: the {} from {} ends in white space; only one newline was removed, the rest counts",
            source.noun, printable(to_text(source)));
    reading.pin = std::move(secret);
    return reading;
}

/// What an opened PIN file must be. The check is on the descriptor: a path could change in between.
Status check_file(int descriptor, const PinSource& source, mode_t forbidden) {
    struct stat facts {};
    if (::fstat(descriptor, &facts) != 0)
        return pin_error(error_text(errno), source, "check that the source names the right file");
    if (!S_ISREG(facts.st_mode)) return pin_error("the {} file is not a regular file", source, "use fd:N for a pipe");
    if (facts.st_uid != 0 && facts.st_uid != ::geteuid())
        return pin_error("the {} file belongs to another user", source, "chown it to the user who runs this program");
    if ((facts.st_mode & forbidden) != 0)
        return pin_error(fmt::format("the {{}} file is open to others (mode {:04o})", facts.st_mode & 07777U), source,
                         "chmod 600 it, and change the {} if others could have read it");
    return {};
}

Result<PinReading> read_path(const std::string& path, int flags, mode_t forbidden, const PinSource& source) {
    // Without O_NONBLOCK a FIFO would hang the open before it can be refused.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags));
    if (!file.valid())
        return pin_error("the {} file can't be opened: " + error_text(errno), source,
                         "check the path, and that this user may read it");
    TRY(check_file(file.get(), source, forbidden));
    TRY_ASSIGN(Secret secret, read_descriptor(file.get(), source));
    return trimmed(std::move(secret), source);
}

Result<PinReading> read_credential(const PinSource& source) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    if (folder == nullptr || *folder != '/')
        return pin_error("CREDENTIALS_DIRECTORY is not set", source,
                         "run it as a systemd service with LoadCredential=, or use file:PATH");
    // systemd lets the service read through an ACL, whose mask shows as group bits of the mode.
    return read_path(std::string(folder) + "/" + source.argument, O_NOFOLLOW, 0007 | S_IWGRP, source);
}

Result<PinReading> read_environment(const PinSource& source) {
    char* value = std::getenv(source.argument.c_str());
    if (value == nullptr) {
        if (auto kept = one_time_sources().get(to_text(source))) return trimmed(std::move(*kept), source);
        return pin_error("the environment variable is not set", source,
                         "export it where this program is started (sudo drops it), or name another source");
    }
    const std::size_t size = std::strlen(value);
    Secret secret(pin_limit);
    const bool fits = secret.append(as_bytes(std::string_view(value, size)));
    // /proc/PID/environ shows the original bytes even after unsetenv.
    wipe(value, size);
    ::unsetenv(source.argument.c_str());
    if (!fits)
        return pin_error(fmt::format("it holds more than {} bytes: that is no {{}}", pin_limit), source,
                         "check what the variable holds");
    one_time_sources().put(to_text(source), secret);
    return trimmed(std::move(secret), source);
}

Result<PinReading> read_number(const PinSource& source) {
    const int descriptor = std::atoi(source.argument.c_str());
    struct stat facts {};
    if (::fstat(descriptor, &facts) != 0)
        return pin_error("the descriptor is not open", source, "for example: hsmreq … --pin-source fd:3 3< pin-file");
    const std::string key = fmt::format("{} {} {}", to_text(source), facts.st_dev, facts.st_ino);
    TRY_ASSIGN(Secret secret, read_descriptor(descriptor, source));
    if (secret.empty())
        if (auto kept = one_time_sources().get(key)) secret = std::move(*kept);
    one_time_sources().put(key, secret);
    return trimmed(std::move(secret), source);
}

Result<PinReading> ask(const PinSource& source, const PinPrompt& prompt, const std::string& token_label) {
    if (!prompt)
        return pin_error("there is no terminal to ask for the {}", source,
                         "say where it comes from: --pin-source file:PATH, fd:N or credential:NAME");
    TRY_ASSIGN(Secret secret, prompt(token_label));
    if (secret.empty()) return pin_error("the {} is empty", source, "run again and type it");
    PinReading reading;
    reading.pin = std::move(secret);
    return reading;
}

}  // namespace

Result<PinReading> read_pin(const PinSource& source, const PinPrompt& prompt, const std::string& token_label) {
    switch (source.kind) {
        case PinSource::Kind::prompt:
            return ask(source, prompt, token_label);
        case PinSource::Kind::environment:
            return read_environment(source);
        case PinSource::Kind::file:
            return read_path(source.argument, 0, 0077, source);
        case PinSource::Kind::descriptor:
            return read_number(source);
        case PinSource::Kind::credential:
            return read_credential(source);
        case PinSource::Kind::protected_path:
            return PinReading{};
    }
    return PinReading{};
}

}  // namespace hsmreq::token
