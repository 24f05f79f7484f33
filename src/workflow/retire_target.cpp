#include "workflow/retire_target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "evidence/retirement.hpp"
#include "plan/rules.hpp"
#include "workflow/held_certificates.hpp"
#include "workflow/key_policy.hpp"

namespace hsmreq::workflow {
namespace {

/// The highest that has anything; 0 when none has.
unsigned current_of(const std::vector<Generation>& generations) {
    unsigned current = 0;
    for (const auto& [identity, found] : generations)
        if (!found.empty()) current = identity.generation;
    return current;
}

token::FoundObjects found_of(unsigned generation, const std::vector<Generation>& generations) {
    const auto place =
        std::ranges::find(generations, generation, [](const auto& one) { return one.identity.generation; });
    return place == generations.end() ? token::FoundObjects{} : place->found;
}

RetireTarget make_target(const RetireSearch& search, KeyIdentity identity, unsigned generation) {
    identity.generation = generation;
    RetireTarget target;
    target.wanted = key_template(search.request, identity);
    target.files = item_files(search.request, identity);
    target.identity = std::move(identity);
    return target;
}

Error refuse(const RetireSearch& search, const RetireTarget& target, Error error) {
    error.where = fmt::format("{}, CKA_ID {}", search.session.token().info().display(), to_hex(target.wanted.id));
    return error;
}

Error missing(const RetireSearch& search, const RetireTarget& target) {
    return refuse(search, target,
                  {.code = ExitCode::not_found,
                   .what = fmt::format("the token has no generation {} of request {}", target.identity.generation,
                                       target.identity.request),
                   .hint = "is this the right token? `hsmreq audit` lists the generations that it has",
                   .finding = "key.missing"});
}

Error is_current(const RetireSearch& search, const RetireTarget& target, unsigned current) {
    Error error = plan::make_error("key.current", ExitCode::rules, "", {std::to_string(current)});
    if (target.identity.generation != current)
        error.hint =
            fmt::format("--all begins with that one; name it, if all is to go: --generation {} --all", current);
    return refuse(search, target, std::move(error));
}

Error incomplete(const RetireSearch& search, const RetireTarget& target, const std::string& what) {
    return refuse(
        search, target,
        plan::with_hint(plan::make_error("key.incomplete", ExitCode::not_found, "", {what}),
                        "the public key has to stay as the mark of a used generation; --all destroys every one"));
}

Error ambiguous(const RetireSearch& search, const RetireTarget& target, const std::vector<HeldKey>& keys,
                const std::string& what) {
    std::string names;
    for (const auto& key : keys)
        names +=
            fmt::format("{}{} ({} private, {} public)", names.empty() ? "" : ", ",
                        key.sha256.empty() ? "unknown" : key.sha256, key.private_keys.size(), key.public_keys.size());
    return refuse(search, target,
                  {.code = ExitCode::not_found,
                   .what = fmt::format("{}; SHA-256 of the public keys: {}", what, names),
                   .hint = "--public-key SHA256 destroys one of them",
                   .finding = "key.ambiguous"});
}

/// The record's name, and what an earlier run has left of it. A record of another key, and one that is no record at
/// all, keeps its name to itself.
void take_record(const RetireSearch& search, RetireTarget& target, bool one_of_two) {
    const std::string stem = file_stem(search.request, target.identity);
    const std::string own = stem + "." + target.key.sha256.substr(0, 16) + ".retired.json";
    for (const std::string& name : {stem + ".retired.json", own}) {
        if (one_of_two && name != own) continue;
        target.record_name = name;
        if (!search.directory.has(name)) return;
        auto content = search.directory.read(name, evidence_limit);
        const auto state = content ? evidence::read_retirement(*content) : std::nullopt;
        if (!state || state->key_id != to_hex(target.wanted.id)) continue;
        if (!target.key.sha256.empty() && state->public_key_sha256 != target.key.sha256) continue;
        target.recorded = state->done;
        if (!state->done) target.begun = std::move(content).value();
        if (target.key.sha256.empty()) target.key.sha256 = state->public_key_sha256;
        return;
    }
}

/// One of several keys under the CKA_ID: it goes whole, its public key as well.
Result<RetireTarget> choose_one_of_two(const RetireSearch& search, RetireTarget target,
                                       const token::FoundObjects& found, std::vector<HeldKey> keys, bool current) {
    const std::string& wanted = search.options.public_key_sha256;
    const auto chosen = std::ranges::find(keys, wanted, &HeldKey::sha256);
    if (chosen == keys.end())
        return ambiguous(search, target, keys, "no key under this CKA_ID has the public key " + wanted);
    target.key = *chosen;
    target.private_keys_left = found.private_keys.size() - chosen->private_keys.size();
    if (current && target.private_keys_left == 0 && !chosen->private_keys.empty())
        return is_current(search, target, target.identity.generation);
    TRY_ASSIGN(const auto certificates, read_token_certificates(search.session, found));
    for (const auto& certificate : certificates)
        if (certificate.content.public_key_sha256 == wanted) target.certificates.push_back(certificate.object);
    take_record(search, target, true);
    return target;
}

/// The only key of an older generation: its public key stays.
Result<RetireTarget> choose_older(const RetireSearch& search, RetireTarget target, const token::FoundObjects& found,
                                  std::vector<HeldKey> keys) {
    if (!found.unreadable.empty())
        return incomplete(search, target, "the token lists an object under this CKA_ID that it can't read");
    if (!keys.empty()) target.key = std::move(keys.front());
    target.certificates = found.certificates;
    target.marker = true;
    target.makes_marker = found.public_keys.empty();
    target.key.public_keys.clear();
    if (target.key.sha256.empty()) {
        TRY_ASSIGN(const auto certificates, read_token_certificates(search.session, found));
        for (const auto& certificate : certificates) {
            if (!certificate.content.public_key_decoded) continue;
            target.key.sha256 = certificate.content.public_key_sha256;
            target.key.public_key = certificate.content.public_key;
        }
    }
    if (target.key.sha256.empty()) return incomplete(search, target, "no public value of the key can be read");
    take_record(search, target, false);
    return target;
}

Result<RetireTarget> choose_one(const RetireSearch& search, const KeyIdentity& identity,
                                const std::vector<Generation>& generations) {
    const unsigned generation = search.options.generation;
    RetireTarget target = make_target(search, identity, generation);
    const auto found = found_of(generation, generations);
    if (found.empty()) {
        take_record(search, target, false);
        if (target.recorded) return target;
        return missing(search, target);
    }
    TRY_ASSIGN(auto keys, sort_keys(search.session, found, search.request.key));
    const std::string& wanted = search.options.public_key_sha256;
    const bool current = generation == current_of(generations);
    const bool several = keys.size() > 1 || found.private_keys.size() > 1 || found.public_keys.size() > 1;
    if (several && !wanted.empty())
        return choose_one_of_two(search, std::move(target), found, std::move(keys), current);
    if (several) return ambiguous(search, target, keys, "several keys have the same CKA_ID");
    if (current) return is_current(search, target, generation);
    if (!wanted.empty() && (keys.empty() || keys.front().sha256 != wanted))
        return ambiguous(search, target, keys, "no key under this CKA_ID has the public key " + wanted);
    return choose_older(search, std::move(target), found, std::move(keys));
}

Result<std::vector<RetireTarget>> choose_all(const RetireSearch& search, const KeyIdentity& identity,
                                             const std::vector<Generation>& generations) {
    const unsigned named = search.options.generation;
    const unsigned current = current_of(generations);
    if (named < current) return is_current(search, make_target(search, identity, named), current);
    std::vector<RetireTarget> targets;
    for (unsigned generation = named; generation > 0; --generation) {
        const auto found = found_of(generation, generations);
        RetireTarget target = make_target(search, identity, generation);
        TRY_ASSIGN(const auto keys, sort_keys(search.session, found, search.request.key));
        for (const auto& key : keys)
            if (target.key.sha256.empty() || !key.private_keys.empty()) target.key = key;
        target.key.private_keys = found.private_keys;
        target.key.public_keys = found.public_keys;
        target.certificates = found.certificates;
        target.unreadable = found.unreadable;
        take_record(search, target, false);
        const bool of_earlier_run = target.recorded || !target.begun.empty();
        if (generation == named && named > current && !of_earlier_run) return missing(search, target);
        if (generation == named || !target.empty() || !target.begun.empty()) targets.push_back(std::move(target));
    }
    return targets;
}

}  // namespace

Result<std::vector<Generation>> read_generations(const RetireSearch& search, const KeyIdentity& identity) {
    const auto expects = [&](const KeyIdentity& one) {
        return search.options.all && one.generation <= search.options.generation;
    };
    return find_generations({search.session, identity, search.copy, expects});
}

Result<std::vector<RetireTarget>> choose_targets(const RetireSearch& search, const KeyIdentity& identity,
                                                 const std::vector<Generation>& generations) {
    if (search.options.all) return choose_all(search, identity, generations);
    TRY_ASSIGN(auto target, choose_one(search, identity, generations));
    std::vector<RetireTarget> targets;
    targets.push_back(std::move(target));
    return targets;
}

}  // namespace hsmreq::workflow
