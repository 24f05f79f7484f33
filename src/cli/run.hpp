// A command that opens tokens, from its observer at the terminal to the process's code.
#pragma once

#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "cli/observer.hpp"
#include "cli/prompt.hpp"
#include "cli/report.hpp"
#include "hsmreq/run.hpp"

namespace hsmreq::cli {

/// The run's error first, then those of the items in order; what an item shares with the run is said once.
template <class Outcome>
std::vector<Error> all_errors(const Outcome& outcome) {
    std::vector<Error> errors;
    if (outcome.error) errors.push_back(*outcome.error);
    if (!outcome.summary) return errors;
    const auto same = [](const Error& a, const Error& b) {
        return a.what == b.what && a.where == b.where && a.hint == b.hint;
    };
    for (const auto& item : outcome.summary->items) {
        if (!item.error || (outcome.error && same(*item.error, *outcome.error))) continue;
        Error error = *item.error;
        const std::string name = item_name(item);
        error.where = error.where.empty() || name.empty() ? name + error.where : name + ": " + error.where;
        errors.push_back(std::move(error));
    }
    return errors;
}

/// The same as they are: for items whose errors say of themselves what they are about, or that have none.
template <class Outcome>
std::vector<Error> plain_errors(const Outcome& outcome) {
    std::vector<Error> errors;
    if (outcome.error) errors.push_back(*outcome.error);
    if (!outcome.summary) return errors;
    for (const auto& item : outcome.summary->items)
        if constexpr (requires { item.error; })
            if (item.error) errors.push_back(*item.error);
    return errors;
}

/// The findings of a run, then those of its items.
template <class Summary>
std::vector<Finding> findings_of(const Summary& summary) {
    std::vector<Finding> found = summary.findings;
    for (const auto& item : summary.items) found.insert(found.end(), item.findings.begin(), item.findings.end());
    return found;
}

/// The usual end of a run: its code, these errors, and its summary as a document or as text.
template <class Outcome, class Document, class Text>
Ending ending_with(const Outcome& outcome, std::vector<Error> errors, const OutputFlags& flags, Document document,
                   Text text) {
    Ending ending{.output = {}, .errors = std::move(errors), .code = outcome.exit_code()};
    if (outcome.summary) ending.output = flags.json ? document(*outcome.summary) : text(*outcome.summary, flags);
    return ending;
}

/// The same with all_errors.
template <class Outcome, class Document, class Text>
Ending ending_with(const Outcome& outcome, const OutputFlags& flags, Document document, Text text) {
    return ending_with(outcome, all_errors(outcome), flags, document, text);
}

/// Findings of `subject` (a file name) that refuse are the error of a run that has no other.
template <class Outcome>
void add_refusal(const Outcome& outcome, const std::string& subject, Ending& ending) {
    if (ending.errors.empty() && ending.code == ExitCode::rules)
        ending.errors.push_back(refusal(findings_of(*outcome.summary), subject));
}

/// Does `work` and shows what `ending_of` makes of its outcome. `work` is given the observer, and a handler for a
/// call into a token that does not come back: the stuck call keeps its thread and its locks, so nothing is torn down;
/// everything is written, then the process ends.
template <class Outcome, class Work>
ExitCode run_at_terminal(const OutputFlags& flags, Work work,
                         Ending (*ending_of)(const Outcome& outcome, const OutputFlags& flags)) {
    TerminalObserver observer(flags);
    const std::function<void(const Outcome&)> hung = [&](const Outcome& outcome) {
        restore_echo();
        observer.clear();
        finish(ending_of(outcome, flags), flags);
        ::_exit(static_cast<int>(ExitCode::token));
    };
    const Outcome outcome = work(observer, hung);
    observer.clear();
    return finish(ending_of(outcome, flags), flags);
}

}  // namespace hsmreq::cli
