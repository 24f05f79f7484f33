#include "workflow/install_match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "plan/content.hpp"
#include "plan/rules.hpp"
#include "workflow/certificate_findings.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::size_t keys_named = 8;

using Keys = std::vector<const FarmKey*>;

bool is_same_key(const FarmKey& a, const FarmKey& b) {
    return a.item == b.item && a.identity.generation == b.identity.generation;
}

std::string name_of(const FarmKey& key) {
    return fmt::format("{}, generation {}", item_name(key.identity), key.identity.generation);
}

Keys keys_of(const MatchInput& input, const CertificateInspection& certificate) {
    Keys keys;
    for (const auto& key : input.keys)
        if (key.sha256 == certificate.public_key_sha256) keys.push_back(&key);
    return keys;
}

/// Two requests may name one existing key; then the names decide.
Keys keys_of_best_request(const MatchInput& input, const CertificateInspection& certificate, const Keys& whole) {
    Keys firsts;
    for (const FarmKey* key : whole)
        if (std::ranges::none_of(firsts, [&](const FarmKey* known) { return is_same_key(*known, *key); }))
            firsts.push_back(key);
    std::vector<RequestPlan> requests;
    for (const FarmKey* key : firsts) requests.push_back(input.plan.requests[input.plan.items[key->item].request]);
    const FarmKey& best = *firsts[plan::best_fit(certificate, requests)];
    Keys chosen;
    std::ranges::copy_if(whole, std::back_inserter(chosen),
                         [&](const FarmKey* key) { return is_same_key(*key, best); });
    return chosen;
}

Error is_for_no_key(const MatchInput& input, const BundledCertificate& given) {
    std::vector<std::string> known;
    for (const auto& key : input.keys)
        if (!key.copy && known.size() < keys_named)
            known.push_back(fmt::format("{} ({})", key.sha256.empty() ? "unknown" : key.sha256, name_of(key)));
    const std::string more = input.keys.size() > known.size() ? ", and others" : "";
    return {.code = ExitCode::verification,
            .what = fmt::format("the certificate of {} is for no key of the farm; the SHA-256 of its public key is {}",
                                plan::quoted(given.certificate.subject_text), given.certificate.public_key_sha256),
            .where = given.where,
            .hint = known.empty() ? "the tokens hold no key of this farm; are they the right ones?"
                                  : "the farm's keys are " + join(known, ", ") + more,
            .finding = "cert.key-mismatch"};
}

Error may_be_elsewhere(const MatchInput& input, const BundledCertificate& given) {
    Error error = input.not_reached.front();
    error.what =
        fmt::format("no key in the tokens in reach is the one of {}, and not every token could be looked at: {}",
                    plan::quoted(given.certificate.subject_text), error.what);
    if (error.hint.empty()) error.hint = "--member or --only leave a token out";
    return error;
}

Error cannot_serve(const FarmKey& key, const BundledCertificate& given) {
    if (key.hold == KeyHold::ambiguous)
        return {.code = ExitCode::not_found,
                .what = fmt::format("several keys have the CKA_ID of {}, and other programs could pick the wrong one",
                                    name_of(key)),
                .where = given.where,
                .hint = "`hsmreq retire --public-key SHA256` destroys the one that is not meant",
                .finding = "key.ambiguous"};
    return {.code = ExitCode::not_found,
            .what = fmt::format("the certificate is for {}, whose private key the token no longer has", name_of(key)),
            .where = given.where,
            .hint = key.current ? "`hsmreq request` makes a new key and request" : "that generation was retired",
            .finding = "key.missing"};
}

Error is_one_of_two(const BundledCertificate& given, const BundledCertificate& other) {
    return {.code = ExitCode::not_found,
            .what = fmt::format("two certificates are for one key: serial {} and serial {}", given.certificate.serial,
                                other.certificate.serial),
            .where = fmt::format("{}; {}", given.where, other.where),
            .hint = "give install the one that is to serve"};
}

MatchedItem begin_item(const MatchInput& input, std::size_t certificate) {
    const auto& given = input.bundle.certificates[certificate];
    MatchedItem item;
    item.task.certificate = certificate;
    item.result.certificate = describe_given(given.certificate, given.file);
    return item;
}

void take_keys(const Keys& keys, MatchedItem& item) {
    const FarmKey& first = *keys.front();
    item.result.request = first.identity.request;
    item.result.member = first.identity.member;
    item.result.generation = first.identity.generation;
    for (const FarmKey* key : keys) item.task.keys.push_back(*key);
}

void match_one(const MatchInput& input, std::size_t certificate, Matches& matches) {
    const auto& given = input.bundle.certificates[certificate];
    const Keys keys = keys_of(input, given.certificate);
    if (keys.empty() && is_ca(given.certificate)) return;
    MatchedItem item = begin_item(input, certificate);
    Keys whole;
    std::ranges::copy_if(keys, std::back_inserter(whole), [](const FarmKey* k) { return k->hold == KeyHold::whole; });
    if (!whole.empty()) {
        take_keys(keys_of_best_request(input, given.certificate, whole), item);
    } else if (!keys.empty()) {
        take_keys({keys.front()}, item);
        item.task.keys.clear();
        item.result.error = cannot_serve(*keys.front(), given);
    } else if (const auto left_out = input.elsewhere.find(given.certificate.public_key_sha256);
               left_out != input.elsewhere.end()) {
        matches.notices.push_back(fmt::format("{}: the certificate is for {}, which is not selected",
                                              printable(given.where), left_out->second));
        return;
    } else {
        item.result.error = input.not_reached.empty() ? is_for_no_key(input, given) : may_be_elsewhere(input, given);
    }
    matches.items.push_back(std::move(item));
}

void refuse_two_for_one_key(const MatchInput& input, Matches& matches) {
    for (auto& item : matches.items)
        for (const auto& other : matches.items) {
            if (&item == &other || item.task.keys.empty() || other.task.keys.empty()) continue;
            if (is_same_key(item.task.keys.front(), other.task.keys.front()))
                item.result.error = is_one_of_two(input.bundle.certificates[item.task.certificate],
                                                  input.bundle.certificates[other.task.certificate]);
        }
}

}  // namespace

Matches match_certificates(const MatchInput& input) {
    Matches matches;
    for (std::size_t i = 0; i < input.bundle.certificates.size(); ++i) match_one(input, i, matches);
    refuse_two_for_one_key(input, matches);
    const auto place = [&](const MatchedItem& item) {
        const std::size_t last = input.plan.items.size();
        return std::pair(item.task.keys.empty() ? last : item.task.keys.front().item, item.result.generation);
    };
    std::ranges::stable_sort(matches.items, {}, place);
    return matches;
}

}  // namespace hsmreq::workflow
