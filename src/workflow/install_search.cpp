#include "workflow/install_search.hpp"

#include <algorithm>
#include <iterator>

#include "base/try.hpp"
#include "plan/rules.hpp"
#include "workflow/certificate_findings.hpp"
#include "workflow/output_state.hpp"
#include "workflow/run_parts.hpp"

namespace hsmreq::workflow {
namespace {

/// The public keys of the requests that were published for an item, generation by generation.
std::vector<std::string> published_keys(const RunFacts& facts, const PlanItem& item) {
    const RequestPlan& request = facts.plan.requests[item.request];
    std::vector<std::string> keys;
    for (unsigned generation = 1;; ++generation) {
        const auto published = read_published(
            facts.directory, item_files(request, {facts.plan.farm, request.name, item.member, generation}));
        if (published.csr)
            keys.push_back(published.csr->public_key_sha256);
        else if (published.evidence)
            keys.push_back(published.evidence->public_key_sha256);
        if (!published.any()) return keys;
    }
}

/// True when some certificate of a server's is for none of these keys.
bool lacks_a_key(const Bundle& bundle, const std::vector<FarmKey>& keys) {
    return std::ranges::any_of(bundle.certificates, [&](const auto& given) {
        return !is_ca(given.certificate) &&
               std::ranges::find(keys, given.certificate.public_key_sha256, &FarmKey::sha256) == keys.end();
    });
}

}  // namespace

PublishedKeys read_published_keys(const RunFacts& facts, const std::vector<KeyPlace>& places, const Bundle& bundle) {
    PublishedKeys found;
    for (std::size_t i = 0; i < facts.plan.items.size(); ++i) {
        const bool selected = std::ranges::find(places, i, &KeyPlace::item) != places.end();
        for (const auto& sha256 : published_keys(facts, facts.plan.items[i])) {
            const bool given = std::ranges::any_of(
                bundle.certificates, [&](const auto& one) { return one.certificate.public_key_sha256 == sha256; });
            if (given && selected) found.items.insert(i);
            const PlanItem& item = facts.plan.items[i];
            if (given && !selected)
                found.elsewhere.emplace(sha256, item_name(facts.plan.requests[item.request].name, item.member));
        }
    }
    return found;
}

Status KeySearchRun::search(const std::vector<KeyPlace>& places, const std::set<std::size_t>& first) {
    std::vector<KeyPlace> near;
    std::vector<KeyPlace> others;
    for (const auto& place : places) (first.contains(place.item) ? near : others).push_back(place);
    TRY(search_places(near));
    if (lacks_a_key(bundle_, keys_)) TRY(search_places(others));
    // Without the key's own token, or any other copy, nothing is known of the key.
    for (const auto& [place, error] : copies_not_reached_)
        if (std::ranges::find(keys_, place.item, &FarmKey::item) == keys_.end()) not_reached_.push_back(error);
    // In the order of the plan, whichever came first.
    std::ranges::stable_sort(keys_, {}, [](const FarmKey& key) { return std::pair(key.item, key.copy); });
    return {};
}

Status KeySearchRun::search_places(const std::vector<KeyPlace>& places) {
    std::vector<std::string> members;
    for (const auto& place : places) members.push_back(place.member);
    TRY(pool_.open(members, facts_.observer));
    for (const auto& place : places) {
        if (facts_.observer.interrupted()) return interrupted_run();
        search_place(place);
    }
    return {};
}

void KeySearchRun::search_place(const KeyPlace& place) {
    auto found = look(place);
    if (!found && token::classify(found.error()) == token::FaultClass::session && sessions_.reopen_sessions())
        found = look(place);
    if (found) {
        std::ranges::move(*found, std::back_inserter(keys_));
        return;
    }
    const auto use = pool_.use(place.member);
    if (use && token::classify(found.error()) == token::FaultClass::token)
        TokenSessions::note_fault(**use, found.error());
    const bool copy = place.member != facts_.plan.items[place.item].token_member;
    if (copy && found.error().code == ExitCode::not_found)
        copies_not_reached_.emplace_back(place, std::move(found).error());
    else
        not_reached_.push_back(std::move(found).error());
}

Result<std::vector<FarmKey>> KeySearchRun::look(const KeyPlace& place) {
    TRY_ASSIGN(TokenUse * use, sessions_.token(place.member));
    const auto mark = std::pair(place.item, use);
    if (seen_.contains(mark)) return std::vector<FarmKey>{};
    TRY_ASSIGN(token::Session * session, sessions_.session(*use));
    TRY_ASSIGN(auto keys, find_farm_keys({*session, facts_.plan, place, bundle_}));
    seen_.insert(mark);
    return keys;
}

std::vector<Finding> KeySearchRun::copies_not_reached(std::size_t item) const {
    std::vector<Finding> findings;
    for (const auto& [place, error] : copies_not_reached_)
        if (place.item == item)
            findings.push_back(
                plan::make_finding("install.copy-not-reached", "member " + place.member, {place.member, error.what}));
    return findings;
}

}  // namespace hsmreq::workflow
