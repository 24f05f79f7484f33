#include "cli/observer.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/prompt.hpp"
#include "cli/report.hpp"
#include "cli/signals.hpp"

namespace hsmreq::cli {

void TerminalObserver::progress(const RequestProgress& progress) {
    const std::scoped_lock lock(mutex_);
    line_.show(printable(fmt::format("{}/{} {}: {}", progress.done, progress.total, progress.item, progress.step)));
}

void TerminalObserver::notice(const std::string& text) {
    const std::scoped_lock lock(mutex_);
    line_.clear();
    print_note(text, flags_);
}

Result<Secret> TerminalObserver::ask_pin(const std::string& token_label) {
    const std::scoped_lock lock(mutex_);
    line_.clear();
    return ask_secret(fmt::format("PIN of {}: ", printable(token_label)));
}

bool TerminalObserver::interrupted() {
    return cli::interrupted();
}

void TerminalObserver::clear() {
    const std::scoped_lock lock(mutex_);
    line_.clear();
}

}  // namespace hsmreq::cli
