#include "workflow/locate_key.hpp"

#include <fmt/format.h>

#include "base/digest.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/rules.hpp"
#include "workflow/generations.hpp"
#include "workflow/key_policy.hpp"
#include "x509/certification_request.hpp"

namespace hsmreq::workflow {
namespace {

std::string place(const KeySearch& search, const LocatedKey& located) {
    return fmt::format("{}, CKA_ID {}", search.session.token().info().display(), to_hex(located.wanted.id));
}

Error incomplete(const KeySearch& search, const LocatedKey& located, const std::string& what, const std::string& hint) {
    return plan::with_hint(plan::make_error("key.incomplete", ExitCode::not_found, place(search, located), {what}),
                           hint);
}

std::string public_key_name(const KeySearch& search, token::ObjectHandle object) {
    const auto key = token::read_public_key(search.session, object);
    if (!key) return "unreadable";
    const auto der = x509::encode_public_key(*key);
    return der ? sha256_hex(*der) : "unreadable";
}

/// Several keys under one CKA_ID: named by the hashes of their public keys, none is picked.
Error ambiguous(const KeySearch& search, const LocatedKey& located, const token::FoundObjects& found) {
    std::string names;
    for (const auto object : found.public_keys) {
        names += names.empty() ? "" : ", ";
        names += public_key_name(search, object);
    }
    const auto counts =
        fmt::format("{} private and {} public ones; SHA-256 of the public keys: {}", found.private_keys.size(),
                    found.public_keys.size(), names.empty() ? "none" : names);
    return plan::make_error("key.ambiguous", ExitCode::not_found, place(search, located), {counts});
}

Error missing(const KeySearch& search, const LocatedKey& located) {
    const std::string& file = located.published.csr_exists         ? located.files.csr
                              : located.published.other_csr_exists ? located.files.other_csr
                                                                   : located.files.evidence;
    return plan::make_error("key.missing", ExitCode::not_found, place(search, located), {file});
}

Error changed(const KeySearch& search, const LocatedKey& located) {
    return plan::make_error("key.changed", ExitCode::verification, place(search, located), {located.files.csr});
}

void set_generation(LocatedKey& located, const KeySearch& search, unsigned generation) {
    located.identity.generation = generation;
    located.wanted = key_template(search.request, located.identity);
    located.files = item_files(search.request, located.identity);
}

struct Probed {
    unsigned current = 1;
    token::FoundObjects found;  ///< under the current generation's CKA_ID
};

Result<Probed> probe_generations(const KeySearch& search, const KeyIdentity& identity) {
    TRY_ASSIGN(auto generations, find_generations({search.session, identity}));
    if (generations.empty()) return Probed{};
    return Probed{generations.back().identity.generation, std::move(generations.back().found)};
}

Error nothing_to_renew(const KeySearch& search, const LocatedKey& located) {
    return {.code = ExitCode::not_found,
            .what = "the token has no key that could be renewed",
            .where = place(search, located),
            .hint = "is this the right token? `hsmreq request` makes the first key",
            .finding = "key.missing"};
}

/// Moves on to the next generation when the current one has its certificate: without one it still waits for the CA, and
/// is what an earlier run of `renew` has made.
Status choose_renewed(const KeySearch& search, LocatedKey located, Probed& probed) {
    set_generation(located, search, probed.current);
    const bool key_is_there = !probed.found.private_keys.empty();
    if (probed.found.empty() || (search.renewal == Renewal::same_key && !key_is_there))
        return nothing_to_renew(search, located);
    const bool has_certificate = !probed.found.certificates.empty() || search.directory.has(located.files.certificate);
    if (search.renewal == Renewal::new_key && has_certificate) probed = {probed.current + 1, {}};
    return {};
}

/// A private key alone: the request published for it says which public key it should have, and a signature proves it.
Result<token::KeyPair> recover_from_request(const KeySearch& search, const LocatedKey& located, token::KeyPair pair) {
    const Error lost =
        incomplete(search, located, "the private key has lost its public key, and no file here can restore it",
                   "--repair removes the private key and makes a new pair");
    if (!located.published.csr || !located.published.csr->signature_valid) return lost;
    const RequestInspection& request = *located.published.csr;
    const Bytes message(as_bytes("hsmreq proof of possession").begin(), as_bytes("hsmreq proof of possession").end());
    TRY_ASSIGN(auto value, token::sign(search.session, pair, search.mechanism, message));
    TRY_ASSIGN(const bool holds, x509::verify_signature(request.public_key_der, message,
                                                        {search.mechanism.family, search.mechanism.hash, value}));
    if (!holds) return changed(search, located);
    TRY_ASSIGN(pair.public_object, token::create_public_object(search.session, located.wanted, request.public_key));
    TRY(token::read_key_pair(search.session, located.wanted, pair));
    return pair;
}

/// Nothing in the result: the private key was removed and a new pair is to be made.
Result<std::optional<token::KeyPair>> settle_private_only(const KeySearch& search, const LocatedKey& located,
                                                          token::KeyPair pair) {
    auto read = token::read_key_pair(search.session, located.wanted, pair);
    if (read) {
        // A token that keeps no public objects refuses this one too; the readable values are enough then.
        if (!search.dry_run) {
            if (auto object = token::create_public_object(search.session, located.wanted, pair.public_key)) {
                pair.public_object = *object;
                TRY(token::read_key_pair(search.session, located.wanted, pair));
            }
        }
        return std::optional(std::move(pair));
    }
    if (read.error().finding != "key.incomplete") return std::move(read).error();
    if (search.dry_run) return std::move(read).error();
    auto recovered = recover_from_request(search, located, pair);
    if (recovered) return std::optional(std::move(recovered).value());
    if (recovered.error().finding != "key.incomplete" || !search.repair) return std::move(recovered).error();
    if (located.published.any() && !search.replace)
        return incomplete(search, located, "the private key has lost its public key, and files of ours belong to it",
                          "--repair together with --replace removes the key and makes a new pair and new files");
    TRY(token::destroy(search.session, pair.private_key));
    return std::optional<token::KeyPair>{};
}

Status settle_unreadable(const KeySearch& search, const LocatedKey& located, const token::FoundObjects& found) {
    if (found.unreadable.empty()) return {};
    if (!search.repair || search.dry_run)
        return incomplete(search, located, "the token lists an object that it can't read", "--repair removes it");
    for (const auto object : found.unreadable) TRY(token::destroy(search.session, object));
    return {};
}

/// Half a pair, or no pair at all. Nothing in the result: a new pair is to be made.
Result<std::optional<token::KeyPair>> settle_incomplete(const KeySearch& search, const LocatedKey& located,
                                                        const token::FoundObjects& found) {
    if (found.private_keys.size() == 1) {
        token::KeyPair pair;
        pair.private_key = found.private_keys.front();
        return settle_private_only(search, located, std::move(pair));
    }
    if (!found.certificates.empty())
        return incomplete(search, located, "there is a certificate and no private key",
                          "is this the right token? Remove the certificate with the token's own tool to start over");
    // A generation that was cut off has published nothing yet: with files of ours, a key that was whole is gone.
    if (located.published.any() && !search.replace) return missing(search, located);
    if (!search.dry_run)
        for (const auto object : found.public_keys) TRY(token::destroy(search.session, object));
    return std::optional<token::KeyPair>{};
}

Result<std::optional<token::KeyPair>> settle(const KeySearch& search, const LocatedKey& located,
                                             const token::FoundObjects& found) {
    TRY(settle_unreadable(search, located, found));
    if (found.private_keys.size() > 1 || found.public_keys.size() > 1) return ambiguous(search, located, found);
    if (found.private_keys.size() == 1 && found.public_keys.size() == 1) {
        token::KeyPair pair;
        pair.private_key = found.private_keys.front();
        pair.public_object = found.public_keys.front();
        TRY(token::read_key_pair(search.session, located.wanted, pair));
        return std::optional(std::move(pair));
    }
    return settle_incomplete(search, located, found);
}

/// Files of a generation that the token does not have: a wrong or emptied token.
Status check_missing_generation(const KeySearch& search, const LocatedKey& located, unsigned generation) {
    if (search.replace) return {};
    LocatedKey expected;
    expected.identity = located.identity;
    set_generation(expected, search, generation);
    expected.published = read_published(search.directory, expected.files);
    if (expected.published.any()) return missing(search, expected);
    return {};
}

}  // namespace

Result<LocatedKey> locate_key(const KeySearch& search, KeyIdentity identity) {
    LocatedKey located;
    located.identity = std::move(identity);
    TRY_ASSIGN(auto probed, probe_generations(search, located.identity));
    TRY(check_missing_generation(search, located, probed.found.empty() ? probed.current : probed.current + 1));
    if (search.renewal != Renewal::none) TRY(choose_renewed(search, located, probed));
    set_generation(located, search, probed.current);
    located.published = read_published(search.directory, located.files);
    if (probed.found.empty()) return located;
    TRY_ASSIGN(located.key, settle(search, located, probed.found));
    return located;
}

Result<LocatedKey> locate_existing_key(const KeySearch& search, KeyIdentity identity) {
    LocatedKey located;
    located.identity = std::move(identity);
    set_generation(located, search, 1);
    located.wanted.id.clear();  // its own identity is not computed from the farm file
    located.published = read_published(search.directory, located.files);
    TRY_ASSIGN(const auto uri, token::Uri::parse(search.request.key.uri, token::UriKind::object));
    TRY_ASSIGN(const auto found, token::find_by_uri(search.session, uri));
    const std::string where = fmt::format("{}, {}", search.session.token().info().display(), uri.text());
    if (found.private_keys.size() != 1) {
        return Error{.code = ExitCode::not_found,
                     .what = found.private_keys.empty()
                                 ? std::string("no private key matches request.key.uri")
                                 : fmt::format("{} private keys match request.key.uri", found.private_keys.size()),
                     .where = where,
                     .hint = "name the key by its id: `p11tool --list-keys --login` shows it",
                     .finding = found.private_keys.empty() ? "key.missing" : "key.ambiguous"};
    }
    token::KeyPair pair;
    pair.private_key = found.private_keys.front();
    if (found.public_keys.size() == 1) pair.public_object = found.public_keys.front();
    TRY(token::read_key_pair(search.session, located.wanted, pair));
    located.key = std::move(pair);
    return located;
}

}  // namespace hsmreq::workflow
