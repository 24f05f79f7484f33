#include "workflow/install_token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "plan/rules.hpp"
#include "workflow/certificate_findings.hpp"
#include "x509/certificate_parts.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::size_t id_size = 20;

std::string place_of(const TokenWork& work) {
    return fmt::format("{}, CKA_ID {}", work.session.token().info().display(), to_hex(work.key.pair.id));
}

/// What people look for in a list of objects: the common name, else all of the subject.
std::string label_of(const CertificateInspection& certificate) {
    std::string label = certificate.subject_text;
    for (const auto& attribute : certificate.subject)
        if (attribute.type == "CN") label = attribute.value;
    return label;
}

Result<token::CertificateTemplate> make_template(const CertificateInspection& certificate, Bytes id,
                                                 std::string label) {
    TRY_ASSIGN(auto parts, x509::certificate_parts(certificate.der));
    const auto day = [](std::chrono::sys_seconds time) {
        return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time));
    };
    return token::CertificateTemplate{
        .value = certificate.der,
        .subject = std::move(parts.subject),
        .issuer = std::move(parts.issuer),
        .serial_number = std::move(parts.serial_number),
        .start_date = day(certificate.not_before),
        .end_date = day(certificate.not_after),
        .category = is_ca(certificate) ? token::CertificateCategory::authority : token::CertificateCategory::token_user,
        .id = std::move(id),
        .label = std::move(label)};
}

Error is_younger(const TokenWork& work, const CertificateInspection& there) {
    return {.code = ExitCode::output,
            .what = fmt::format("the token has a younger certificate for this key, valid from {}, serial {}",
                                to_text(there.not_before), there.serial),
            .where = place_of(work),
            .hint = "--replace puts the older one in its place"};
}

/// Sorts one certificate under the key's CKA_ID in.
Status sort_in(const TokenWork& work, const Bytes& der, TokenChange& change) {
    if (der == work.wanted.leaf.der) {
        if (change.leaf_is_there) change.former.push_back(der);  // one of two
        change.leaf_is_there = true;
        return {};
    }
    const auto read = inspect_certificates(der);
    if (!read || read->size() != 1 || read->front().public_key_sha256 != work.key.sha256) {
        auto& finding = change.findings.emplace_back(
            plan::make_finding("cert.key-mismatch", place_of(work), {"the private key beside it"}));
        finding.severity = Severity::warning;  // it is not the one that is to be stored
        return {};
    }
    const auto& there = read->front();
    if (there.not_before > work.wanted.leaf.not_before && !work.wanted.replace) return is_younger(work, there);
    change.former.push_back(der);
    if (!change.former_leaf || change.former_leaf->not_before < there.not_before) change.former_leaf = there;
    return {};
}

/// One under the leaf's own CKA_ID does not count: there it is in the way.
Result<bool> is_there(const TokenWork& work, const CertificateInspection& intermediate) {
    TRY_ASSIGN(const auto parts, x509::certificate_parts(intermediate.der));
    TRY_ASSIGN(const auto held, token::find_certificates(work.session, parts.subject));
    return std::ranges::any_of(
        held, [&](const auto& one) { return one.value == intermediate.der && one.id != work.key.pair.id; });
}

/// Destroys the objects under that CKA_ID with that value; `all_but` of them stay.
Status destroy_certificates(token::Session& session, const Bytes& id, const Bytes& der, std::size_t all_but) {
    TRY_ASSIGN(const auto found, token::find_by_id(session, id));
    std::vector<token::ObjectHandle> same;
    for (const auto object : found.certificates) {
        TRY_ASSIGN(const auto value, token::read_certificate(session, object));
        if (value == der) same.push_back(object);
    }
    for (std::size_t i = all_but; i < same.size(); ++i) TRY(token::destroy(session, same[i]));
    return {};
}

Status store(token::Session& session, const token::CertificateTemplate& wanted, std::vector<std::string>& left_out) {
    TRY_ASSIGN(const auto stored, token::store_certificate(session, wanted));
    for (const auto& name : stored.left_out)
        if (std::ranges::find(left_out, name) == left_out.end()) left_out.push_back(name);
    return {};
}

}  // namespace

Bytes intermediate_id(BytesView certificate_der) {
    Bytes id = digest(Hash::sha256, certificate_der);
    id.resize(id_size);
    return id;
}

bool TokenChange::any() const {
    const bool all_there = std::ranges::all_of(intermediate_is_there, [](bool there) { return there; });
    return !leaf_is_there || !former.empty() || !all_there;
}

Result<TokenChange> look_at_token(const TokenWork& work) {
    TokenChange change;
    TRY_ASSIGN(const auto found, token::find_by_id(work.session, work.key.pair.id));
    if (found.private_keys.size() != 1)
        return Error{.code = ExitCode::not_found,
                     .what = fmt::format("{} private keys have this CKA_ID now, and one had it a moment ago",
                                         found.private_keys.size()),
                     .where = place_of(work),
                     .hint = "something else works on the token; run again when it is done"};
    for (const auto object : found.certificates) {
        TRY_ASSIGN(const auto der, token::read_certificate(work.session, object));
        TRY(sort_in(work, der, change));
    }
    for (const auto& intermediate : work.wanted.intermediates) {
        TRY_ASSIGN(const bool there, is_there(work, intermediate));
        change.intermediate_is_there.push_back(there);
    }
    return change;
}

Status store_in_token(const TokenWork& work, const TokenChange& change, std::vector<std::string>& left_out) {
    for (std::size_t i = 0; i < work.wanted.intermediates.size(); ++i) {
        if (change.intermediate_is_there[i]) continue;
        const auto& intermediate = work.wanted.intermediates[i];
        TRY_ASSIGN(const auto wanted,
                   make_template(intermediate, intermediate_id(intermediate.der), label_of(intermediate)));
        TRY(store(work.session, wanted, left_out));
    }
    if (change.leaf_is_there) return {};
    TRY_ASSIGN(const auto wanted, make_template(work.wanted.leaf, work.key.pair.id, work.key.pair.label));
    return store(work.session, wanted, left_out);
}

Status take_back(const TokenWork& work, const TokenChange& before) {
    if (!before.leaf_is_there) TRY(destroy_certificates(work.session, work.key.pair.id, work.wanted.leaf.der, 0));
    for (std::size_t i = 0; i < work.wanted.intermediates.size(); ++i) {
        const auto& der = work.wanted.intermediates[i].der;
        if (!before.intermediate_is_there[i]) TRY(destroy_certificates(work.session, intermediate_id(der), der, 0));
    }
    return {};
}

Status remove_former(const TokenWork& work, const TokenChange& change) {
    for (const auto& der : change.former)
        TRY(destroy_certificates(work.session, work.key.pair.id, der, der == work.wanted.leaf.der ? 1 : 0));
    return {};
}

}  // namespace hsmreq::workflow
