// The proof of several keys: what `prove` does, and what `install` ends with.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "hsmreq/farm.hpp"
#include "hsmreq/prove.hpp"
#include "token/pin_cache.hpp"
#include "token/watchdog.hpp"
#include "workflow/proof_results.hpp"
#include "workflow/run_facts.hpp"
#include "workflow/token_pool.hpp"

namespace hsmreq::workflow {

class TlsProver;
struct PreparedProof;

/// One key in one token.
struct ProofTarget {
    std::size_t item = 0;     ///< index into Plan::items
    std::string member;       ///< whose token is to prove it
    unsigned generation = 0;  ///< 0 for every generation that has a certificate
};

/// The targets in plan order, each key followed by its copies: --only, --member and --shard applied one after the
/// other. Errors: ExitCode::usage when --only or --member names nothing of the plan.
Result<std::vector<ProofTarget>> select_proofs(const Farm& farm, const Plan& plan, const RequestOptions& options);

/// The key of one item, and the copies of it that other members' tokens may hold.
std::vector<ProofTarget> proofs_of(const Farm& farm, const Plan& plan, std::size_t item, unsigned generation = 0);

struct ProofSettings {
    std::vector<ProofTarget> targets;
    bool interim = false;  ///< issue an interim certificate for keys that have none
    token::Watchdog& watchdog;
    token::PinCache& pins;
};

/// Opens the tokens, finds keys and certificates, has the tokens decrypt, and finalises the modules; then, through
/// libp11 and module after module, shakes hands and writes evidence. No module may be initialised when it begins, and
/// none is when it ends. The output directory is open (for writing unless RequestOptions::dry_run) and locked by the
/// caller. Works on one thread; results() may be called from another one at any time.
class ProofRun {
public:
    ProofRun(const RunFacts& facts, ProofSettings settings);

    /// Errors: of the run as a whole (ExitCode::login, interrupted, input); each item carries its own.
    Status run();

    /// As they stand. Those not worked on yet fail with the run's error, or were left out by --fail-fast.
    [[nodiscard]] ProofResults results(const std::optional<Error>& run_error) const { return book_.close(run_error); }

private:
    Status find_keys(TokenPool& pool, std::vector<PreparedProof>& proofs);
    bool tell_missing_copy(std::size_t target);
    Result<std::vector<PreparedProof>> prepare(std::size_t target, TokenUse& use,
                                               std::unique_ptr<token::Session>& session) const;
    Status prove_module(const TlsProver& prover, const std::string& module, std::vector<PreparedProof>& proofs);

    const RunFacts& facts_;
    ProofSettings settings_;
    ProofBook book_;
};

}  // namespace hsmreq::workflow
