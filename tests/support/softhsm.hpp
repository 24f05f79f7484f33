// SoftHSM for tests: a temporary folder with its own configuration and as many fresh tokens as a test wants.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "support/temporary_folder.hpp"
#include "token/module.hpp"

namespace hsmreq::test {

struct CommandResult {
    int status = -1;
    std::string output;  ///< stdout and stderr
};

/// Runs a shell command to its end.
inline CommandResult run_command(const std::string& command) {
    CommandResult result;
    FILE* pipe = ::popen(("{ " + command + "; } 2>&1").c_str(), "r");
    if (pipe == nullptr) return result;
    char buffer[4096];
    for (std::size_t size = 0; (size = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        result.output.append(buffer, size);
    const int status = ::pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

inline Secret secret(std::string_view text) {
    Secret result(text.size());
    result.append(as_bytes(text));
    return result;
}

/// SoftHSM with a token store of its own. Sets SOFTHSM2_CONF for this process.
class SoftHsm {
public:
    static constexpr const char* module_path = "/usr/lib/softhsm/libsofthsm2.so";
    static constexpr const char* pin = "correct horse 4711";
    static constexpr const char* so_pin = "security officer 0815";

    SoftHsm() {
        std::filesystem::create_directory(folder_ / "tokens");
        const auto configuration =
            folder_.write("softhsm2.conf", "directories.tokendir = " + (folder_ / "tokens") +
                                               "\nobjectstore.backend = file\nlog.level = ERROR\n");
        ::setenv("SOFTHSM2_CONF", configuration.c_str(), 1);
    }

    /// A further initialised token.
    void add_token(const std::string& label) const {
        const auto result = run_command(std::string("softhsm2-util --init-token --free --label '") + label +
                                        "' --so-pin '" + so_pin + "' --pin '" + pin + "'");
        ASSERT_EQ(result.status, 0) << result.output;
    }

    [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

private:
    TemporaryFolder folder_;
};

/// What tests open a token with.
inline token::LoginOptions login_with(const std::string& pin) {
    token::LoginOptions options;
    options.prompt = [pin](const std::string&) -> Result<Secret> { return secret(pin); };
    return options;
}

}  // namespace hsmreq::test
