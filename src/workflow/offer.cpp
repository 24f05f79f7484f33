// `distribute offer`: a pair that waits in the target's token, and its public key for whoever seals.
#include <fmt/format.h>

#include <algorithm>

#include "base/digest.hpp"
#include "base/file.hpp"
#include "base/hex.hpp"
#include "base/spoken.hpp"
#include "base/try.hpp"
#include "workflow/distribute_run.hpp"
#include "workflow/key_findings.hpp"
#include "workflow/output_file.hpp"
#include "x509/certification_request.hpp"
#include "x509/public_key_file.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::size_t offer_limit = std::size_t{64} << 10;

struct OfferedPair {
    token::WrappingPair pair;
    bool created = false;
};

/// The pair of an earlier offer that was never accepted, or a new one. Nothing in a dry run that would make one.
Result<std::optional<OfferedPair>> find_or_make(const DistributeRun& run, token::Session& session,
                                                const std::string& member) {
    const std::string& farm = run.facts.plan.farm;
    const token::WrappingPairPlace place{true, wrapping_pair_id(farm, member), fmt::format("{}.{}.wrap", farm, member)};
    TRY_ASSIGN(const auto found, token::find_by_id(session, place.id));
    if (found.private_keys.size() > 1 || found.public_keys.size() > 1)
        return Error{.code = ExitCode::not_found,
                     .what = "several wrapping pairs have the same CKA_ID",
                     .where = fmt::format("{}, CKA_ID {}", session.token().info().display(), to_hex(place.id)),
                     .hint = "remove them with the token's own tool and offer again",
                     .finding = "key.ambiguous"};
    if (found.private_keys.size() == 1) {
        std::optional<token::ObjectHandle> object;
        if (!found.public_keys.empty()) object = found.public_keys.front();
        TRY_ASSIGN(auto pair, token::read_wrapping_pair(session, found.private_keys.front(), object));
        return std::optional(OfferedPair{std::move(pair), false});
    }
    TRY(check_output(run.options.run, run.options.output_file));
    if (run.options.run.dry_run) return std::optional<OfferedPair>{};
    for (const auto& objects : {found.public_keys, found.unreadable})
        for (const auto object : objects) TRY(token::destroy(session, object));
    TRY_ASSIGN(auto pair, token::make_wrapping_pair(session, place));
    return std::optional(OfferedPair{std::move(pair), true});
}

}  // namespace

Result<WrappingOffer> make_offer(DistributeRun& run) {
    const std::string& member = run.options.run.member;
    TRY_ASSIGN(auto* const use, run.token(member));
    TRY_ASSIGN(auto* const session, run.session(*use));
    // Whether the sealed key could be unwrapped shows before a pair is made for it.
    TRY(token::wrapping_ways(*use->token, token::Direction::unwrap));
    TRY_ASSIGN(const auto guard, run.lock(*use));
    WrappingOffer offer{.member = member, .fingerprint = {}, .words = {}};
    TRY_ASSIGN(const auto offered, find_or_make(run, *session, member));
    if (!offered) return offer;
    TRY_ASSIGN(const auto der, x509::encode_public_key(offered->pair.public_key));
    offer.created = offered->created;
    offer.fingerprint = sha256_hex(der);
    offer.words = to_spoken(digest(Hash::sha256, der));
    TRY(write_output(run.options.run, run.options.output_file, x509::public_key_to_pem(der)));
    return offer;
}

Result<Bytes> read_offer(const std::string& file, const std::string& fingerprint) {
    const auto told = read_fingerprint(fingerprint);
    if (!told || told->size() != facts(Hash::sha256).size)
        return Error{
            .code = ExitCode::usage,
            .what = "--fingerprint is no SHA-256, neither in hexadecimal nor in words",
            .hint = "have the fingerprint that `hsmreq distribute offer` showed read to you: 64 digits or 32 words"};
    TRY_ASSIGN(const auto content, read_file(file, offer_limit));
    auto read = x509::read_public_key_file(content);
    if (!read) {
        read.error().where = file;
        return std::move(read).error();
    }
    const Bytes der = std::move(read).value();
    // The one it has is not shown: it would be pasted instead of asked for.
    if (digest(Hash::sha256, der) != *told)
        return Error{.code = ExitCode::verification,
                     .what = "the offer has another fingerprint than was given",
                     .where = file,
                     .hint = "somebody may have put a key of his own in its place: ask the other side again, by voice"};
    TRY_ASSIGN(const auto key, x509::decode_public_key(der));
    if (key.family != KeyFamily::rsa)
        return Error{.code = ExitCode::input, .what = "the offer is no RSA key, which alone can unwrap", .where = file};
    TRY_ASSIGN(const auto findings, key_findings(key, {.where = file}));
    const auto refusing = std::ranges::find(findings, Severity::error, &Finding::severity);
    if (refusing == findings.end()) return der;
    return Error{.code = ExitCode::rules,
                 .what = "the offered key would not protect what is sealed for it: " + refusing->message,
                 .where = file,
                 .hint = refusing->fix,
                 .finding = refusing->id};
}

}  // namespace hsmreq::workflow
