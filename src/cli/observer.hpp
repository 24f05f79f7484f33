// How a run that opens tokens talks to the terminal.
#pragma once

#include <mutex>
#include <string>

#include "cli/arguments.hpp"
#include "cli/terminal.hpp"
#include "hsmreq/request.hpp"

namespace hsmreq::cli {

class TerminalObserver : public RequestObserver {
public:
    explicit TerminalObserver(const OutputFlags& flags) : flags_(flags), line_(flags) {}

    void progress(const RequestProgress& progress) override;
    void notice(const std::string& text) override;
    Result<Secret> ask_pin(const std::string& token_label) override;
    bool interrupted() override;

    /// Takes the line of progress away.
    void clear();

private:
    const OutputFlags& flags_;
    std::mutex mutex_;
    ProgressLine line_;
};

}  // namespace hsmreq::cli
