// How a command that opens tokens talks to whoever runs it.
#pragma once

#include <mutex>
#include <string>

#include "cli/arguments.hpp"
#include "cli/terminal.hpp"
#include "hsmreq/request.hpp"

namespace hsmreq::cli {

/// Progress and notes on standard error, the PIN from the terminal, interruptions as noted.
class TerminalObserver : public RequestObserver {
public:
    explicit TerminalObserver(const OutputFlags& flags) : flags_(flags), line_(flags) {}

    void progress(const RequestProgress& progress) override;
    void notice(const std::string& text) override;
    Result<Secret> ask_pin(const std::string& token_label) override;
    bool interrupted() override;

    /// Takes the progress line away.
    void clear();

private:
    const OutputFlags& flags_;
    std::mutex mutex_;
    ProgressLine line_;
};

}  // namespace hsmreq::cli
