#include "workflow/install_judge.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/try.hpp"
#include "plan/content.hpp"
#include "plan/rules.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::string_view wrong_signature = "cert.bad-signature";
constexpr std::string_view other_key = "key.differs-from-plan";

void append(std::vector<Finding> more, std::vector<Finding>& findings) {
    std::ranges::move(more, std::back_inserter(findings));
}

std::vector<Finding> compare(const LeafToJudge& leaf, const Yardstick& yardstick) {
    const auto& [certificate, file, where] = leaf.bundle.certificates[leaf.certificate];
    auto findings = plan::compare_with_plan({.subject = certificate,
                                             .is_certificate = true,
                                             .name = file,
                                             .where = where,
                                             .product = yardstick.product,
                                             .ca = yardstick.authority(),
                                             .date = yardstick.date},
                                            leaf.request);
    for (auto& finding : findings)
        if (finding.id == other_key && !leaf.current_key) finding.severity = Severity::warning;
    return findings;
}

/// The chain, and every other certificate of it that the files hold.
Result<std::vector<Finding>> judge_path(const LeafToJudge& leaf, const Yardstick& yardstick) {
    const auto& own = leaf.bundle.certificates[leaf.certificate];
    const auto* chain = leaf.bundle.chain_of(leaf.certificate);
    if (chain == nullptr)
        return std::vector{plan::make_finding(
            "cert.chain-refused", own.where,
            {plan::quoted(own.certificate.subject_text), is_ca(own.certificate)
                                                             ? "it is marked as a CA's, and is to be a server's"
                                                             : "it has issued another certificate of these files"})};
    constexpr bool roots_count = true;
    auto findings = judge_chain(*chain, own.where, roots_count);
    for (const auto index : chain->order) {
        if (index == leaf.certificate) continue;
        const auto& issuer = leaf.bundle.certificates[index];
        TRY_ASSIGN(auto more, judge_certificate({issuer.certificate, issuer.file, issuer.where}, yardstick));
        append(std::move(more), findings);
    }
    return findings;
}

Error refusal_of(const Finding& finding) {
    return {.code = finding.id == wrong_signature ? ExitCode::verification : ExitCode::rules,
            .what = finding.message,
            .where = finding.where,
            .hint = finding.fix,
            .finding = finding.id};
}

/// The first refusing finding, the others in Error::also; a wrong signature comes before all.
std::optional<Error> refusal(const std::vector<Finding>& findings) {
    std::vector<Error> errors;
    for (const auto& finding : findings)
        if (finding.severity == Severity::error && finding.accepted.empty()) errors.push_back(refusal_of(finding));
    if (errors.empty()) return std::nullopt;
    std::ranges::stable_partition(errors, [](const auto& error) { return error.code == ExitCode::verification; });
    Error first = std::move(errors.front());
    first.also.assign(std::make_move_iterator(errors.begin() + 1), std::make_move_iterator(errors.end()));
    return first;
}

}  // namespace

Result<LeafJudgement> judge_leaf(const LeafToJudge& leaf, const Yardstick& yardstick, const Rules& rules) {
    const auto& own = leaf.bundle.certificates[leaf.certificate];
    TRY_ASSIGN(auto findings, judge_certificate({own.certificate, own.file, own.where}, yardstick));
    append(compare(leaf, yardstick), findings);
    TRY_ASSIGN(auto of_path, judge_path(leaf, yardstick));
    append(std::move(of_path), findings);
    plan::apply_waivers(rules, yardstick.date, findings);
    // No reason makes a wrong signature right.
    for (auto& finding : findings)
        if (finding.id == wrong_signature) finding.accepted.clear();
    auto error = refusal(findings);
    return LeafJudgement{std::move(findings), std::move(error)};
}

}  // namespace hsmreq::workflow
