// One shared key from a token to another, both in reach: wrapped in the one, unwrapped in the other.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/try.hpp"
#include "token/uri.hpp"
#include "workflow/distribute_run.hpp"

namespace hsmreq::workflow {
namespace {

/// What is known of the way while a key travels it.
struct Way {
    token::Session& from;
    token::Session& to;
    const SourceKey& source;
    const token::KeyTemplate& wanted;
    evidence::CopyRecord& record;
};

void note_arrival(evidence::CopyRecord& record, const token::WrappedKey& wrapped, const token::UnwrappedKey& key) {
    record.wrapped_with = wrapped.mechanisms;
    record.unwrapped_with = key.mechanisms;
    record.kept_non_extractable_by = key.imposes_template ? "token-reported" : "tool-enforced";
}

/// True when the refusal is about the way, so that another may work.
bool another_way(const Error& error) {
    return error.code == ExitCode::token && token::classify(error) == token::FaultClass::item;
}

/// Tries the ways of the source that the target knows as well, preferred first. The last refusal is the answer, but one
/// of the target, which the key had reached, says more than one of the source to another way.
template <class Wrap, class Unwrap>
Result<token::UnwrappedKey> travel(const Way& way, const std::vector<token::WrappingWay>& ways, Wrap wrap,
                                   Unwrap unwrap) {
    std::optional<Error> of_source;
    std::optional<Error> of_target;
    for (const auto& candidate : ways) {
        auto wrapped = wrap(candidate);
        if (!wrapped) {
            of_source = std::move(wrapped).error();
            if (!another_way(*of_source)) return *of_source;
            continue;
        }
        auto key = unwrap(*wrapped);
        if (key) {
            note_arrival(way.record, *wrapped, *key);
            return key;
        }
        of_target = std::move(key).error();
        if (!another_way(*of_target)) return *of_target;
    }
    if (of_target) return *of_target;
    if (of_source) return *of_source;
    return Error{.code = ExitCode::token,
                 .what = "the two tokens know no way of wrapping in common",
                 .where = way.to.token().info().display(),
                 .hint = "give each member a key of its own, or use tokens of one family"};
}

Result<std::vector<token::WrappingWay>> ways_in_common(const Way& way, bool standing) {
    auto* const choose =
        standing ? &token::standing_ways
                 : static_cast<Result<std::vector<token::WrappingWay>> (*)(token::Token&, token::Direction)>(
                       &token::wrapping_ways);
    TRY_ASSIGN(auto ways, choose(way.from.token(), token::Direction::wrap));
    TRY_ASSIGN(const auto theirs, choose(way.to.token(), token::Direction::unwrap));
    std::erase_if(ways, [&](const token::WrappingWay& one) {
        return std::ranges::none_of(theirs, [&](const token::WrappingWay& other) {
            return other.key_wrap == one.key_wrap && (standing || other.oaep == one.oaep);
        });
    });
    return ways;
}

/// Under keys of one use.
Result<Copy> send(const CopyTask& task, const Way& way) {
    TRY_ASSIGN(const auto ways, ways_in_common(way, false));
    TRY_ASSIGN(const auto pair, token::make_wrapping_pair(way.to, {}));
    const token::SessionObject private_key(way.to, pair.private_key);
    const token::SessionObject public_key(way.to, *pair.public_object);
    TRY_ASSIGN(const auto wrapping, token::import_wrapping_key(way.from, pair.public_key));
    return receive_copy(task, [&] {
        return travel(
            way, ways,
            [&](const token::WrappingWay& candidate) {
                return token::wrap_private_key(way.from, way.source.key.private_key, wrapping.handle(), candidate);
            },
            [&](const token::WrappedKey& wrapped) {
                return token::unwrap_private_key(way.to, pair, wrapped, way.wanted);
            });
    });
}

/// Under the key that stands in both tokens, and no other.
Result<Copy> send_by_standing_key(const CopyTask& task, const Way& way) {
    TRY_ASSIGN(const auto uri, token::Uri::parse(way.record.wrapping_key, token::UriKind::wrapping_key));
    TRY_ASSIGN(const auto ways, ways_in_common(way, true));
    TRY_ASSIGN(const auto ours, find_trusted_key(way.from, uri));
    TRY_ASSIGN(const auto theirs, token::find_standing_key(way.to, uri));
    return receive_copy(task, [&] {
        return travel(
            way, ways,
            [&](const token::WrappingWay& candidate) {
                return token::wrap_with_standing_key(way.from, way.source.key.private_key, ours, candidate);
            },
            [&](const token::WrappedKey& wrapped) {
                return token::unwrap_with_standing_key(way.to, theirs, wrapped, way.wanted);
            });
    });
}

evidence::CopyRecord record_of(const TokenUse& from, const PlanItem& item, const RequestPlan& request) {
    evidence::CopyRecord record;
    record.way = "tokens-in-reach";
    record.source_member = item.token_member;
    record.source_token_label = from.token->info().label;
    record.source_token_serial = from.token->info().serial;
    record.wrapping_key = request.key.wrapping_key;
    return record;
}

/// Everything that both ends used, each once.
std::vector<std::string> mechanisms_of(const evidence::CopyRecord& record) {
    std::vector<std::string> names = record.wrapped_with;
    for (const auto& name : record.unwrapped_with)
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    return names;
}

/// The copy that is there, or one that is made. Nothing in a dry run that would make one.
Result<std::optional<Copy>> find_or_send(const CopyTask& task, const Way& way, DistributeItemResult& result) {
    TRY_ASSIGN(auto copy, find_copy(task));
    const bool standing = !way.record.wrapping_key.empty();
    result.state = copy ? ItemState::unchanged : task.dry_run ? ItemState::planned : ItemState::created;
    if (copy) return copy;
    TRY(ways_in_common(way, standing));
    if (task.dry_run) return copy;
    TRY_ASSIGN(copy, standing ? send_by_standing_key(task, way) : send(task, way));
    return copy;
}

/// One attempt, all handles found afresh.
Status attempt(DistributeRun& run, const PlannedCopy& planned, TokenUse& from, TokenUse& to,
               DistributeItemResult& result) {
    const PlanItem& item = run.facts.plan.items[planned.item];
    const RequestPlan& request = run.facts.plan.requests[item.request];
    TRY_ASSIGN(auto* const source_session, run.session(from));
    TRY_ASSIGN(const auto source, find_source(run.facts, item, *source_session));
    result.generation = source.identity.generation;
    result.public_key_sha256 = source.public_key_sha256;
    if (const EvidenceKey* key = run.evidence_key()) TRY(check_no_item_key(*key, request.name, source.public_key_der));
    if (&from == &to) {
        result.state = ItemState::unchanged;  // both members use the token that made the key
        result.key_uri = source.uri;
        return {};
    }
    TRY_ASSIGN(auto* const target_session, run.session(to));
    TRY_ASSIGN(const auto guard, run.lock(to));
    const CopyTask task{.session = *target_session,
                        .request = request,
                        .source = source,
                        .wanted = copy_template(request, source.identity),
                        .dry_run = run.options.run.dry_run,
                        .repair = run.options.run.repair};
    CopyFacts facts{item, planned.member, to, task, record_of(from, item, request)};
    result.key_uri = token::key_uri(to.token->info(), task.wanted.id, task.wanted.label);
    TRY_ASSIGN(const auto copy,
               find_or_send(task, {*source_session, *target_session, source, task.wanted, facts.record}, result));
    if (!copy) return {};
    result.findings = copy->findings;
    result.mechanisms = mechanisms_of(facts.record);
    return publish_copy(run, facts, *copy, result);
}

}  // namespace

Result<token::StandingKey> find_trusted_key(token::Session& session, const token::Uri& uri) {
    TRY_ASSIGN(const auto key, token::find_standing_key(session, uri));
    if (key.trusted) return key;
    return Error{.code = ExitCode::rules,
                 .what = "the wrapping key is not trusted: CKA_TRUSTED is not true",
                 .where = fmt::format("{}, {}", session.token().info().display(), uri.text()),
                 .hint = "the token's security officer marks a wrapping key as trusted"};
}

Status copy_key(DistributeRun& run, const PlannedCopy& planned, DistributeItemResult& result) {
    const std::string& source_member = run.facts.plan.items[planned.item].token_member;
    TRY_ASSIGN(auto* const from, run.token(source_member));
    TRY_ASSIGN(auto* const to, run.token(planned.member));
    auto status = attempt(run, planned, *from, *to, result);
    if (!status && token::classify(status.error()) == token::FaultClass::session) {
        if (run.reopen_sessions()) status = attempt(run, planned, *from, *to, result);
    }
    if (status) return {};
    Error error = std::move(status).error();
    if (token::classify(error) == token::FaultClass::token)
        DistributeRun::note_fault(error.where == from->token->info().display() ? *from : *to, error);
    if (error.where.empty()) error.where = "member " + planned.member;
    return error;
}

}  // namespace hsmreq::workflow
