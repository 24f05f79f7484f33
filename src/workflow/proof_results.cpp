#include "workflow/proof_results.hpp"

#include <utility>

#include "workflow/run_parts.hpp"

namespace hsmreq::workflow {

ProofBook::ProofBook(std::vector<ProofResult> expected, RequestObserver& observer, bool fail_fast)
    : observer_(observer), fail_fast_(fail_fast) {
    for (auto& result : expected) {
        names_.push_back(result.request + " " + result.token_member);
        places_.emplace_back().push_back({std::move(result), false});
    }
}

void ProofBook::step(std::size_t target, const std::string& what) {
    observer_.progress({target, names_.size(), names_[target], what});
}

void ProofBook::expect(std::size_t target, const std::vector<ProofResult>& generations) {
    const std::scoped_lock lock(mutex_);
    places_[target].clear();
    for (const auto& result : generations) {
        if (result.error) failed_ = true;
        places_[target].push_back({result, result.error.has_value()});
    }
}

void ProofBook::settle(std::size_t target, ProofResult result) {
    const std::scoped_lock lock(mutex_);
    if (result.error) failed_ = true;
    for (auto& place : places_[target])
        if (place.result.generation == result.generation) place = {std::move(result), true};
}

void ProofBook::fail(std::size_t target, Error error) {
    const std::scoped_lock lock(mutex_);
    failed_ = true;
    for (auto& place : places_[target]) {
        place.settled = true;
        place.result.error = error;
    }
}

void ProofBook::add_envelope(const std::string& evidence_file, const std::string& envelope_file) {
    const std::scoped_lock lock(mutex_);
    for (auto& target : places_)
        for (auto& place : target)
            if (place.result.evidence_file == evidence_file) place.result.envelope_file = envelope_file;
}

void ProofBook::add_findings(const std::vector<Finding>& findings) {
    const std::scoped_lock lock(mutex_);
    findings_.insert(findings_.end(), findings.begin(), findings.end());
}

bool ProofBook::stopping() const {
    const std::scoped_lock lock(mutex_);
    return fail_fast_ && failed_;
}

ProofResults ProofBook::close(const std::optional<Error>& run_error) const {
    const std::scoped_lock lock(mutex_);
    ProofResults results{.items = {}, .findings = findings_};
    ExitCode first = ExitCode::internal;
    for (const auto& target : places_)
        for (const auto& place : target) {
            results.items.push_back(place.result);
            if (place.result.error && first == ExitCode::internal) first = place.result.error->code;
            if (!place.settled) results.items.back().error = run_error;
        }
    for (auto& item : results.items)
        if (!item.error && item.state == ProofState::failed) item.error = left_out(first);
    return results;
}

}  // namespace hsmreq::workflow
