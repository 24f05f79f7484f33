// Standard output and error, colour, and the line that shows progress.
#pragma once

#include <string>
#include <string_view>

#include "cli/arguments.hpp"
#include "hsmreq/finding.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::cli {

/// Opens something in place of a standard descriptor that is closed, so that no file of ours gets its number; using
/// the replacement fails, as using a closed one would.
void keep_standard_descriptors();

/// Writes all of it, with no buffer in between. Errors: ExitCode::output with the reason.
Status write_stdout(std::string_view text);
/// The same for standard error; there is nowhere left to report a failure.
void write_stderr(std::string_view text);

/// Colour for headings and severity words, or none.
class Style {
public:
    Style() = default;
    /// By the flag, else NO_COLOR, else whether `descriptor` is a terminal that knows colour.
    Style(ColorMode mode, int descriptor);

    [[nodiscard]] std::string heading(std::string_view text) const;
    [[nodiscard]] std::string severity(Severity severity, std::string_view text) const;

private:
    [[nodiscard]] std::string painted(std::string_view sequence, std::string_view text) const;
    bool colour_ = false;
};

/// One line on standard error that rewrites itself; nothing at all unless that is a terminal.
class ProgressLine {
public:
    explicit ProgressLine(const OutputFlags& flags);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// `text` must be printable; it is cut to the terminal's width.
    void show(std::string_view text);
    /// Takes the line away before something else is written.
    void clear();

private:
    bool enabled_ = false;
    bool visible_ = false;
};

}  // namespace hsmreq::cli
