#include "workflow/install_keys.hpp"

#include <algorithm>
#include <utility>

#include "base/digest.hpp"
#include "base/try.hpp"
#include "token/public_values.hpp"
#include "token/uri.hpp"
#include "workflow/certificate_findings.hpp"
#include "workflow/generations.hpp"
#include "workflow/held_keys.hpp"
#include "workflow/key_policy.hpp"
#include "workflow/prove_items.hpp"

namespace hsmreq::workflow {
namespace {

FarmKey begin_key(const KeyLookup& lookup, unsigned generation) {
    const PlanItem& item = lookup.plan.items[lookup.place.item];
    FarmKey key;
    key.item = lookup.place.item;
    key.member = lookup.place.member;
    key.copy = lookup.place.member != item.token_member;
    key.identity = {lookup.plan.farm, lookup.plan.requests[item.request].name, item.member, generation};
    return key;
}

const RequestPlan& request_of(const KeyLookup& lookup) {
    return lookup.plan.requests[lookup.plan.items[lookup.place.item].request];
}

/// A private key that shows no public value: the certificate whose key verifies what it signs tells which it is.
Status tell_by_signature(const KeyLookup& lookup, FarmKey& key) {
    for (const auto& [certificate, file, where] : lookup.bundle.certificates) {
        if (is_ca(certificate) || !certificate.public_key_decoded) continue;
        TRY_ASSIGN(const bool signs,
                   signs_for(lookup.session, key.pair.private_key, request_of(lookup).key, certificate.public_key));
        if (!signs) continue;
        key.sha256 = certificate.public_key_sha256;
        key.pair.public_key = certificate.public_key;
        key.pair.algorithm = token::algorithm_of(certificate.public_key);
    }
    return {};
}

Status read_pair(const KeyLookup& lookup, const token::FoundObjects& found, FarmKey& key) {
    key.pair.private_key = found.private_keys.front();
    if (!found.public_keys.empty()) key.pair.public_object = found.public_keys.front();
    auto wanted = key_template(request_of(lookup), key.identity);
    if (key.copy) wanted.extractable = false;
    if (!request_of(lookup).key.uri.empty()) wanted.id.clear();  // its own is not computed from the farm file
    auto read = token::read_key_pair(lookup.session, wanted, key.pair);
    if (read) {
        key.sha256 = public_key_sha256(key.pair.public_key);
        return {};
    }
    if (read.error().finding == "key.incomplete") return tell_by_signature(lookup, key);
    return read.error().code == ExitCode::verification ? Status{} : read;
}

/// Keys that no certificate can be stored for, so that it can be said whose they are.
Status read_public_keys(const KeyLookup& lookup, const token::FoundObjects& found, FarmKey key,
                        std::vector<FarmKey>& keys) {
    key.hold = found.private_keys.empty() && found.public_keys.size() == 1 ? KeyHold::public_only : KeyHold::ambiguous;
    for (const auto object : found.public_keys) {
        const auto read = token::read_public_key(lookup.session, object);
        if (!read && read.error().code == ExitCode::token && token::classify(read.error()) != token::FaultClass::item)
            return read.error();
        key.sha256 = read ? public_key_sha256(*read) : "";
        keys.push_back(key);
    }
    return {};
}

Status add_generation(const KeyLookup& lookup, const token::FoundObjects& found, FarmKey key,
                      std::vector<FarmKey>& keys) {
    if (found.private_keys.size() != 1 || found.public_keys.size() > 1)
        return read_public_keys(lookup, found, std::move(key), keys);
    TRY(read_pair(lookup, found, key));
    keys.push_back(std::move(key));
    return {};
}

}  // namespace

Result<std::vector<KeyPlace>> select_places(const Farm& farm, const Plan& plan, const RequestOptions& options) {
    TRY_ASSIGN(const auto targets, select_proofs(farm, plan, options));
    std::vector<KeyPlace> places;
    for (const auto& target : targets) places.push_back({target.item, target.member});
    return places;
}

Result<std::vector<FarmKey>> find_farm_keys(const KeyLookup& lookup) {
    std::vector<FarmKey> keys;
    const RequestPlan& request = request_of(lookup);
    if (!request.key.uri.empty()) {
        TRY_ASSIGN(const auto uri, token::Uri::parse(request.key.uri, token::UriKind::object));
        TRY_ASSIGN(const auto found, token::find_by_uri(lookup.session, uri));
        TRY(add_generation(lookup, found, begin_key(lookup, 1), keys));
    } else {
        const FarmKey first = begin_key(lookup, 1);
        TRY_ASSIGN(const auto generations, find_generations({lookup.session, first.identity, first.copy}));
        for (const auto& [identity, found] : generations)
            TRY(add_generation(lookup, found, begin_key(lookup, identity.generation), keys));
    }
    if (keys.empty()) return keys;
    const unsigned current = keys.back().identity.generation;
    for (auto& key : keys) key.current = key.identity.generation == current;
    return keys;
}

}  // namespace hsmreq::workflow
