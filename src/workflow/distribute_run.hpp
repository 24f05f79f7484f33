// What the steps of `distribute` share: a run's tokens, sessions and evidence.
#pragma once

#include "evidence/evidence.hpp"
#include "evidence/sealed_file.hpp"
#include "hsmreq/distribute.hpp"
#include "token/wrapping.hpp"
#include "workflow/copies.hpp"
#include "workflow/copy_key.hpp"
#include "workflow/run_facts.hpp"
#include "workflow/token_sessions.hpp"

namespace hsmreq::workflow {

/// One thread's work, one step after the other.
class DistributeRun : public TokenSessions {
public:
    DistributeRun(const DistributeOptions& run_options, const RunFacts& run_facts, const TokenPool& pool)
        : TokenSessions(pool, run_options.run, run_facts.observer), options(run_options), facts(run_facts) {}

    const DistributeOptions& options;
    const RunFacts& facts;
};

/// Copies one key between two tokens in reach. Fills `result`, whose names are set.
Status copy_key(DistributeRun& run, const PlannedCopy& planned, DistributeItemResult& result);

/// The standing key that `[key] wrapping_key` names, at the source, where it must be trusted.
/// Errors: ExitCode::not_found, rules.
Result<token::StandingKey> find_trusted_key(token::Session& session, const token::Uri& uri);

/// Makes or finds the member's wrapping pair and writes its public key to DistributeOptions::output_file.
Result<WrappingOffer> make_offer(DistributeRun& run);

/// The farm as it was read.
struct RunInputs {
    const Farm& farm;
    const Plan& plan;
};

/// Wraps the key for the offer and writes the sealed file. Fills `result`, whose names are set.
struct SealInput {
    std::size_t item = 0;  ///< index into Plan::items
    Bytes offer_der;       ///< SubjectPublicKeyInfo whose fingerprint was compared
};
Status seal_key(DistributeRun& run, const SealInput& input, DistributeItemResult& result);

/// The offer's public key, when it is one and has the fingerprint that the user was told.
/// Errors: ExitCode::input; ExitCode::usage for a fingerprint that is none; ExitCode::verification when it differs;
/// ExitCode::rules for a key that protects nothing.
Result<Bytes> read_offer(const std::string& file, const std::string& fingerprint);

/// Unwraps a sealed file's key into the member's token and destroys the wrapping pair.
struct AcceptInput {
    std::size_t item = 0;  ///< index into Plan::items
    evidence::SealedKey sealed;
};
Status accept_key(DistributeRun& run, const AcceptInput& input, DistributeItemResult& result);

/// Reads a sealed file and holds it against the farm: farm, request, member, and the signature that the sealed key has
/// put on it. Errors: ExitCode::input; ExitCode::rules; ExitCode::verification when it was altered.
Result<AcceptInput> read_sealed(const RunInputs& inputs, const DistributeOptions& options);

/// What the evidence of a copy needs beyond the copy.
struct CopyFacts {
    const PlanItem& item;  ///< the key's
    std::string member;    ///< the copy's
    TokenUse& target;
    const CopyTask& task;
    evidence::CopyRecord record;
};

/// Writes the copy's evidence unless one that fits is there from the run that made the copy.
Status publish_copy(DistributeRun& run, const CopyFacts& facts, const Copy& copy, DistributeItemResult& result);

}  // namespace hsmreq::workflow
