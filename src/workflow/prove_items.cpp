#include "workflow/prove_items.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/try.hpp"
#include "evidence/envelope.hpp"
#include "workflow/output_state.hpp"
#include "workflow/proof_keys.hpp"
#include "workflow/proof_tls.hpp"
#include "workflow/run_parts.hpp"
#include "workflow/token_pool.hpp"

namespace hsmreq::workflow {
namespace {

Error in_use(const token::ModuleInfo& module) {
    return {
        .code = ExitCode::token,
        .what = "the module was initialised already, and libp11 would take it away",
        .where = module.path,
        .hint = "another part of this process uses it, or it has refused C_Finalize: finalise it there, or run again"};
}

std::vector<ProofResult> expected(const RunFacts& facts, const std::vector<ProofTarget>& targets) {
    std::vector<ProofResult> results;
    for (const auto& target : targets) {
        const PlanItem& item = facts.plan.items[target.item];
        ProofResult& result = results.emplace_back();
        result.request = facts.plan.requests[item.request].name;
        result.member = item.member;
        result.token_member = target.member;
        result.copy = target.member != item.token_member;
        result.generation = target.generation;
    }
    return results;
}

Error no_copy(const std::string& request, const std::string& member) {
    return {.code = ExitCode::not_found,
            .what = "the token of member " + member + " holds no copy of the key of request " + request,
            .where = "member " + member,
            .hint = "`hsmreq distribute` brings it there",
            .finding = "key.missing"};
}

/// True when the user asked for the key on this member, not for all there is.
bool is_asked_for(const RequestOptions& options, const std::string& request, const std::string& member) {
    return options.member == member || std::ranges::find(options.only, request + "/" + member) != options.only.end();
}

/// Faults that concern all keys of the token.
bool ends_token(const Error& error) {
    return error.code == ExitCode::login ||
           (error.code == ExitCode::token && error.fault && token::classify(error) != token::FaultClass::item);
}

}  // namespace

ProofRun::ProofRun(const RunFacts& facts, ProofSettings settings)
    : facts_(facts),
      settings_(std::move(settings)),
      book_(expected(facts, settings_.targets), facts.observer, facts.options.fail_fast) {}

Status ProofRun::run() {
    TRY_ASSIGN(const IssuingRoots roots, issuing_roots(&facts_.farm));
    std::vector<PreparedProof> proofs;
    {
        TokenPool pool(facts_.farm, facts_.options, settings_.watchdog, &settings_.pins);
        TRY(find_keys(pool, proofs));
    }
    std::vector<std::string> modules;
    for (const auto& proof : proofs)
        if (std::ranges::find(modules, proof.module.path) == modules.end()) modules.push_back(proof.module.path);
    IssuedCertificates issued;
    const TlsProver prover({facts_, settings_, roots, issued});
    for (const auto& module : modules) TRY(prove_module(prover, module, proofs));
    return sign_evidence(proofs);
}

/// After libp11 has gone, since it and the pool can't own a module at once. What is cut off before is proved again, and
/// signed then.
Status ProofRun::sign_evidence(const std::vector<PreparedProof>& proofs) {
    std::set<std::string> names;
    for (const auto& proof : proofs)
        if (!proof.result.evidence_file.empty()) names.insert(proof.result.evidence_file);
    if (facts_.farm.evidence.key.empty() || facts_.options.dry_run || names.empty()) return {};
    TokenPool pool(facts_.farm, facts_.options, settings_.watchdog, &settings_.pins);
    TRY(pool.open_evidence_key(facts_.plan, facts_.observer));
    EvidenceKey& key = *pool.evidence_key();
    TRY_ASSIGN(const auto session, key.use().token->open_session());
    for (const auto& name : names) {
        TRY_ASSIGN(auto content, facts_.directory.read(name, evidence_limit));
        TRY_ASSIGN(const auto files,
                   evidence_files({&key, session.get()}, {name, std::move(content), true}, facts_.directory));
        TRY(publish(facts_.directory, files));
        book_.add_envelope(name, evidence::envelope_name(name));
    }
    return {};
}

Status ProofRun::find_keys(TokenPool& pool, std::vector<PreparedProof>& proofs) {
    std::vector<std::string> members;
    for (const auto& target : settings_.targets) members.push_back(target.member);
    TRY(pool.open(members, facts_.observer));
    if (!members.empty()) TRY(pool.open_evidence_key(facts_.plan, facts_.observer));
    book_.add_findings(pool.findings());
    std::map<TokenUse*, std::unique_ptr<token::Session>> sessions;
    std::set<std::pair<std::size_t, TokenUse*>> seen;
    for (std::size_t i = 0; i < settings_.targets.size(); ++i) {
        if (facts_.observer.interrupted()) return interrupted_run();
        if (book_.stopping()) return {};
        book_.step(i, "looking for its key");
        const auto use = pool.use(settings_.targets[i].member);
        // Members that share a token share the key in it.
        if (use && !seen.emplace(settings_.targets[i].item, *use).second) {
            book_.expect(i, {});
            continue;
        }
        auto prepared = use ? prepare(i, **use, sessions[*use]) : Result<std::vector<PreparedProof>>(use.error());
        if (!prepared) {
            if (use && ends_token(prepared.error())) (*use)->gone = prepared.error();
            book_.fail(i, std::move(prepared).error());
            continue;
        }
        std::vector<ProofResult> generations;
        for (const auto& proof : *prepared) generations.push_back(proof.result);
        if (generations.empty() && tell_missing_copy(i)) continue;
        book_.expect(i, generations);
        std::ranges::copy_if(*prepared, std::back_inserter(proofs),
                             [](const PreparedProof& proof) { return !proof.result.error; });
    }
    return {};
}

/// True when that is a failure: where the user asked for this very key. Otherwise it is said, and all is well.
bool ProofRun::tell_missing_copy(std::size_t target) {
    const std::string& request = facts_.plan.requests[facts_.plan.items[settings_.targets[target].item].request].name;
    const std::string& member = settings_.targets[target].member;
    const Error error = no_copy(request, member);
    const bool asked = is_asked_for(facts_.options, request, member);
    if (asked)
        book_.fail(target, error);
    else
        facts_.observer.notice(error.what + ", so there is nothing to prove; " + error.hint);
    return asked;
}

Result<std::vector<PreparedProof>> ProofRun::prepare(std::size_t index, TokenUse& use,
                                                     std::unique_ptr<token::Session>& session) const {
    if (use.gone) return *use.gone;
    if (!use.token->module().initialized_here) return in_use(use.token->module());
    if (!session) {
        TRY_ASSIGN(session, use.token->open_session());
    }
    const ProofSearch search{facts_, *session, settings_.targets[index], index, settings_.interim};
    auto proofs = prepare_proofs(search);
    // The handles went with the session: everything is found again, once.
    const bool lost = !proofs && token::classify(proofs.error()) == token::FaultClass::session;
    return lost && session->reopen() ? prepare_proofs(search) : std::move(proofs);
}

Status ProofRun::prove_module(const TlsProver& prover, const std::string& module, std::vector<PreparedProof>& proofs) {
    std::unique_ptr<token::OpensslBridge> bridge;
    std::map<std::string, Error> gone;  // by the token's identity
    for (auto& proof : proofs) {
        if (proof.module.path != module) continue;
        if (facts_.observer.interrupted()) return interrupted_run();
        if (book_.stopping()) return {};
        book_.step(proof.target, "shaking hands");
        Status status;
        if (!bridge) {
            auto opened = token::OpensslBridge::open(proof.module, &settings_.watchdog);
            if (opened)
                bridge = std::move(opened).value();
            else
                status = std::move(opened).error();
        }
        if (const auto fault = gone.find(proof.token.identity()); fault != gone.end()) status = fault->second;
        if (status) status = prover.prove(*bridge, proof);
        if (!status) {
            if (ends_token(status.error())) gone.emplace(proof.token.identity(), status.error());
            proof.result.state = ProofState::failed;
            proof.result.evidence_file.clear();
            proof.result.error = std::move(status).error();
        }
        book_.settle(proof.target, proof.result);
    }
    return {};
}

}  // namespace hsmreq::workflow
