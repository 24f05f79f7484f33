// What SIGINT, SIGTERM, SIGHUP do, and how a wait learns of them.
#pragma once

#include <string>

namespace hsmreq::cli {

/// A closed reader of standard output shows as a failed write, not as a silent death.
void ignore_broken_pipes();

/// From now on the first signal is only noted, so that the run can end at a safe point; a second one kills.
/// System calls that wait are interrupted. A signal that the parent had ignored (nohup) stays ignored.
void note_interruptions();

/// From now on a signal writes `last_words` to standard error and ends the process with 130: for commands that leave
/// nothing half-done.
void end_on_interruption(const std::string& last_words);

/// True once a signal was noted.
bool interrupted();

/// Readable after a signal was noted, in whichever thread its handler ran; wait for it together with what is awaited.
int wake_descriptor();
/// Empties it.
void clear_wake_descriptor();

/// While one lives, SIGTSTP and SIGQUIT are noted as well, so that a terminal without echo is set right first.
class NotedStops {
public:
    NotedStops();
    ~NotedStops();
    NotedStops(const NotedStops&) = delete;
    NotedStops& operator=(const NotedStops&) = delete;

    /// The number of the signal that came, 0 when none did.
    [[nodiscard]] static int signal();
};

}  // namespace hsmreq::cli
