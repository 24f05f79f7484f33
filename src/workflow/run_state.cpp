#include "workflow/run_state.hpp"

#include <algorithm>
#include <utility>

namespace hsmreq::workflow {

RunState::RunState(RequestSummary summary, RequestObserver& observer, bool fail_fast)
    : summary_(std::move(summary)), observer_(observer), fail_fast_(fail_fast) {}

void RunState::expect(std::vector<RequestItemResult> items) {
    const std::scoped_lock lock(mutex_);
    summary_.items = std::move(items);
    settled_.assign(summary_.items.size(), false);
}

void RunState::report(std::size_t index, const std::string& what) {
    RequestProgress progress;
    {
        const std::scoped_lock lock(mutex_);
        progress = {done_, summary_.items.size(), item_name(summary_.items[index]), what};
    }
    const std::scoped_lock lock(observer_mutex_);
    observer_.progress(progress);
}

void RunState::step(std::size_t index, const std::string& what) {
    report(index, what);
}

void RunState::settle(std::size_t index, RequestItemResult result) {
    const std::string state(to_name(result.state));
    {
        const std::scoped_lock lock(mutex_);
        if (settled_[index]) return;
        settled_[index] = true;
        ++done_;
        if (result.state == ItemState::failed) failed_ = true;
        summary_.items[index] = std::move(result);
    }
    report(index, state);
}

void RunState::add_findings(const std::vector<Finding>& findings) {
    const std::scoped_lock lock(mutex_);
    summary_.findings.insert(summary_.findings.end(), findings.begin(), findings.end());
}

bool RunState::stopping() const {
    return (fail_fast_ && failed_) || observer_.interrupted();
}

RequestSummary RunState::close(const Error& unfinished) const {
    const std::scoped_lock lock(mutex_);
    RequestSummary summary = summary_;
    for (std::size_t i = 0; i < summary.items.size(); ++i) {
        if (settled_[i]) continue;
        summary.items[i].state = ItemState::failed;
        summary.items[i].error = unfinished;
    }
    return summary;
}

std::size_t RunState::unsettled() const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count(settled_, false));
}

}  // namespace hsmreq::workflow
