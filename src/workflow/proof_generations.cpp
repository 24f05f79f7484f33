#include "workflow/proof_generations.hpp"

#include <fmt/format.h>

#include <iterator>
#include <optional>
#include <utility>

#include "base/hex.hpp"
#include "base/try.hpp"
#include "token/uri.hpp"
#include "workflow/certificate_findings.hpp"
#include "workflow/generations.hpp"
#include "workflow/held_certificates.hpp"
#include "workflow/output_state.hpp"

namespace hsmreq::workflow {
namespace {

/// STEM.pem, then STEM.chain.pem where there is one.
Status take_from_files(const ProofSearch& search, const ItemFiles& files, HeldGeneration& generation) {
    const OutputDirectory& directory = search.facts.directory;
    TRY_ASSIGN(generation.certificates, read_certificate_file(directory, files.certificate));
    generation.place = files.certificate;
    const std::string chain = file_stem(search.request(), generation.identity) + ".chain.pem";
    if (!directory.has(chain)) return {};
    TRY_ASSIGN(auto more, read_certificate_file(directory, chain));
    std::move(more.begin(), more.end(), std::back_inserter(generation.certificates));
    return {};
}

/// The first leaf under the key's CKA_ID; CAs' certificates that others put there go with it.
Status take_from_token(const ProofSearch& search, HeldGeneration& generation) {
    std::vector<CertificateInspection> others;
    TRY_ASSIGN(auto certificates, read_token_certificates(search.session, generation.found));
    for (auto& [object, content] : certificates) {
        const bool is_leaf = !is_ca(content) && generation.certificates.empty();
        (is_leaf ? generation.certificates : others).push_back(std::move(content));
    }
    if (generation.certificates.empty()) return {};
    generation.place = "token";
    std::move(others.begin(), others.end(), std::back_inserter(generation.certificates));
    return {};
}

Status take_certificates(const ProofSearch& search, HeldGeneration& generation) {
    const ItemFiles files = item_files(search.request(), generation.identity);
    if (search.facts.directory.has(files.certificate)) return take_from_files(search, files, generation);
    return take_from_token(search, generation);
}

Error without_key(const ProofSearch& search, const KeyIdentity& identity) {
    return {.code = ExitCode::not_found,
            .what = fmt::format("{} exists, but the token has no key for it",
                                item_files(search.request(), identity).certificate),
            .where = fmt::format("{}, CKA_ID {}", search.session.token().info().display(), to_hex(key_id(identity))),
            .hint = "is this the right token?",
            .finding = "key.missing"};
}

/// `request.key.uri`: one key, whose CKA_ID is its own.
Result<std::vector<HeldGeneration>> find_existing(const ProofSearch& search, KeyIdentity identity) {
    TRY_ASSIGN(const auto uri, token::Uri::parse(search.request().key.uri, token::UriKind::object));
    HeldGeneration held{.identity = std::move(identity), .found = {}, .certificates = {}, .place = {}};
    TRY_ASSIGN(held.found, token::find_by_uri(search.session, uri));
    std::vector<HeldGeneration> all;
    if (held.found.private_keys.empty()) return all;
    TRY(take_certificates(search, held));
    all.push_back(std::move(held));
    return all;
}

}  // namespace

Result<std::vector<HeldGeneration>> find_held_generations(const ProofSearch& search) {
    KeyIdentity identity{search.facts.plan.farm, search.request().name, search.item().member, 1};
    if (!search.request().key.uri.empty()) return find_existing(search, std::move(identity));
    const unsigned wanted = search.target.generation;
    const auto on_file = [&](const KeyIdentity& one) {
        return search.facts.directory.has(item_files(search.request(), one).certificate);
    };
    const auto expects = [&](const KeyIdentity& one) { return one.generation < wanted || on_file(one); };
    TRY_ASSIGN(auto generations, find_generations({search.session, identity, search.copy(), expects}));
    std::vector<HeldGeneration> all;
    std::optional<KeyIdentity> keyless;  // the newest certificate on file that has no key here
    for (auto& generation : generations) {
        if (wanted != 0 && generation.identity.generation != wanted) continue;
        if (generation.found.private_keys.empty()) {
            if (on_file(generation.identity)) keyless = generation.identity;
            continue;
        }
        HeldGeneration held{std::move(generation.identity), std::move(generation.found), {}, {}};
        TRY(take_certificates(search, held));
        all.push_back(std::move(held));
        keyless.reset();
    }
    if (keyless && !search.copy()) return without_key(search, *keyless);
    return all;
}

}  // namespace hsmreq::workflow
