// The results of a proof while it is under way.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/prove.hpp"
#include "hsmreq/request.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::workflow {

/// What came of a proof. A target that had nothing to prove, a member that holds no copy, has no item.
struct ProofResults {
    std::vector<ProofResult> items;
    std::vector<Finding> findings;  ///< of the tokens as a whole
};

/// A place per target, which becomes one per generation. Written by one thread, closed by any.
class ProofBook {
public:
    /// `expected` names the targets, in order.
    ProofBook(std::vector<ProofResult> expected, RequestObserver& observer, bool fail_fast);

    void step(std::size_t target, const std::string& what);
    /// The generations that a target turned out to have; one with an error is settled by it, none at all settles the
    /// target.
    void expect(std::size_t target, const std::vector<ProofResult>& generations);
    /// The result for its generation.
    void settle(std::size_t target, ProofResult result);
    void fail(std::size_t target, Error error);
    /// The envelope over that evidence is there.
    void add_envelope(const std::string& evidence_file, const std::string& envelope_file);
    void add_findings(const std::vector<Finding>& findings);

    /// --fail-fast met a failure.
    [[nodiscard]] bool stopping() const;
    /// As it stands. What is not settled fails with the run's error, or was left out by --fail-fast where there is
    /// none.
    [[nodiscard]] ProofResults close(const std::optional<Error>& run_error) const;

private:
    struct Place {
        ProofResult result;
        bool settled = false;
    };

    mutable std::mutex mutex_;
    std::vector<std::vector<Place>> places_;  ///< by target
    std::vector<Finding> findings_;
    std::vector<std::string> names_;  ///< of the targets, for people
    RequestObserver& observer_;
    bool fail_fast_;
    bool failed_ = false;
};

}  // namespace hsmreq::workflow
