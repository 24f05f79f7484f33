// The results of a run while it is under way, shared by the threads that make and publish them.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "hsmreq/request.hpp"

namespace hsmreq::workflow {

/// One place per selected item; each is settled once. All members may be called from any thread.
class RunState {
public:
    RunState(RequestSummary summary, RequestObserver& observer, bool fail_fast);

    /// Names the items before any work, so that a run that ends early still lists them all.
    void expect(std::vector<RequestItemResult> items);

    void step(std::size_t index, const std::string& what);
    void settle(std::size_t index, RequestItemResult result);
    void add_findings(const std::vector<Finding>& findings);

    /// No further item should be begun: --fail-fast met a failure, or the user interrupted.
    [[nodiscard]] bool stopping() const;

    /// The summary as it stands; items not settled fail with `unfinished`.
    [[nodiscard]] RequestSummary close(const Error& unfinished) const;
    [[nodiscard]] std::size_t unsettled() const;

private:
    void report(std::size_t index, const std::string& what);

    mutable std::mutex mutex_;
    std::mutex observer_mutex_;
    RequestSummary summary_;
    std::vector<bool> settled_;
    std::size_t done_ = 0;
    RequestObserver& observer_;
    bool fail_fast_;
    std::atomic<bool> failed_ = false;
};

}  // namespace hsmreq::workflow
