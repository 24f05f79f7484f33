#include "workflow/status_item.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "plan/content.hpp"
#include "plan/rules.hpp"

namespace hsmreq::workflow {
namespace {

class Conclusion {
public:
    Conclusion(const RequestPlan& request, const Yardstick& yardstick, StatusItem& item)
        : request_(request), yardstick_(yardstick), item_(item) {}

    void draw(const std::vector<GenerationFacts>& generations) {
        for (const auto& facts : generations) show(facts);
        for (const auto& facts : generations)
            if (best_certificate(facts) != nullptr) service_ = &facts;
        const GenerationFacts* highest = generations.empty() ? nullptr : &generations.back();
        if (service_ != nullptr) {
            item_.generation = service_->generation;
            if (highest != service_) pending_ = highest;
            judge_certificate_in_service();
        } else if (highest != nullptr) {
            item_.generation = highest->generation;
        }
        if (pending_ != nullptr) item_.pending_generation = pending_->generation;
        item_.state = state(highest);
        if (service_ != nullptr) list_older(generations);
        item_.next = next_step();
    }

private:
    [[nodiscard]] std::string where(const GenerationFacts& facts) const {
        const std::string who =
            item_.member.empty() ? request_.name + " on " + item_.token_member : item_name(request_.name, item_.member);
        return fmt::format("{}, generation {}", who, facts.generation);
    }

    /// One for another key is no certificate of this generation.
    static bool fits(const GenerationFacts& facts, const HeldCertificate& held) {
        return facts.public_key_sha256.empty() || facts.public_key_sha256 == held.content.public_key_sha256;
    }

    /// The fitting one that lasts longest.
    static const HeldCertificate* best_certificate(const GenerationFacts& facts) {
        const HeldCertificate* best = nullptr;
        for (const auto& held : facts.certificates)
            if (fits(facts, held) && (best == nullptr || held.content.not_after > best->content.not_after))
                best = &held;
        return best;
    }

    void show(const GenerationFacts& facts) {
        StatusGeneration shown{.generation = facts.generation,
                               .key_id = facts.key_id,
                               .public_key_sha256 = facts.public_key_sha256,
                               .sources = facts.sources,
                               .private_key = facts.private_key,
                               .request_file = facts.request_file,
                               .chain_file = facts.chain_file,
                               .certificates = {}};
        std::vector<std::string> places;
        for (const auto& held : facts.certificates) {
            shown.certificates.push_back(describe(held));
            places.push_back(fmt::format("serial {} in {}", held.content.serial, join(held.sources, " and ")));
            if (!fits(facts, held))
                add("cert.key-mismatch", where(facts) + ", " + join(held.sources, ", "), {"this generation's"});
        }
        std::ranges::stable_sort(shown.certificates, std::greater(), &StatusCertificate::not_after);
        if (places.size() > 1)
            add("status.certificates-differ", where(facts), {std::to_string(facts.generation), join(places, ", ")});
        std::ranges::copy(facts.problems, std::back_inserter(item_.findings));
        item_.generations.push_back(std::move(shown));
    }

    [[nodiscard]] StatusCertificate describe(const HeldCertificate& held) const {
        const auto& content = held.content;
        return {.sources = held.sources,
                .subject = content.subject_text,
                .issuer = content.issuer_text,
                .serial = content.serial,
                .sha256 = content.der_sha256,
                .public_key_sha256 = content.public_key_sha256,
                .not_before = content.not_before,
                .not_after = content.not_after,
                .days_left = std::chrono::floor<std::chrono::days>(content.not_after - yardstick_.now).count()};
    }

    void add(std::string_view id, const std::string& place, std::initializer_list<std::string_view> words) {
        item_.findings.push_back(plan::make_finding(id, place, words));
    }

    void judge_certificate_in_service() {
        const auto& certificate = best_certificate(*service_)->content;
        const std::string place = where(*service_);
        auto findings = judge_validity({certificate, place, place}, yardstick_);
        std::ranges::move(findings, std::back_inserter(item_.findings));
        for (auto& finding : names_that_differ(certificate, place)) {
            auto& names = finding.id == "name.missing" ? item_.missing_names : item_.unexpected_names;
            names.push_back(finding.name.empty() ? finding.message : finding.name);
            if (finding.id == "name.missing") finding.fix = "Renew it: the next request asks for the name.";
            if (finding.id == "name.unexpected") finding.fix = "Add the name to the farm file if it is still served.";
            item_.findings.push_back(std::move(finding));
        }
        const bool ends = expires_soon(certificate, yardstick_) || certificate.not_after < yardstick_.now;
        item_.due = pending_ == nullptr && (ends || (!item_.missing_names.empty() && !asked_for_names()));
    }

    [[nodiscard]] std::vector<Finding> names_that_differ(const SubjectInspection& subject,
                                                         const std::string& place) const {
        const plan::Content content{.subject = subject,
                                    .is_certificate = true,
                                    .name = place,
                                    .where = place,
                                    .product = yardstick_.product,
                                    .ca = yardstick_.authority(),
                                    .date = yardstick_.date};
        auto findings = plan::compare_with_plan(content, request_);
        std::erase_if(findings,
                      [](const Finding& one) { return one.id != "name.missing" && one.id != "name.unexpected"; });
        return findings;
    }

    /// A request on the same key that has the names may be with the CA.
    [[nodiscard]] bool asked_for_names() const {
        if (!service_->request) return false;
        const auto differing = names_that_differ(*service_->request, "");
        return std::ranges::none_of(differing, [](const Finding& one) { return one.id == "name.missing"; });
    }

    [[nodiscard]] StatusState state(const GenerationFacts* highest) const {
        if (service_ == nullptr)
            return highest != nullptr && !highest->request_file.empty() ? StatusState::waiting
                                                                        : StatusState::no_request;
        const auto& certificate = best_certificate(*service_)->content;
        if (certificate.not_after < yardstick_.now) return StatusState::expired;
        if (certificate.not_before > yardstick_.now) return StatusState::not_yet_valid;
        return pending_ != nullptr ? StatusState::renewal_pending : StatusState::valid;
    }

    void list_older(const std::vector<GenerationFacts>& generations) {
        for (const auto& facts : generations)
            if (facts.generation < service_->generation && facts.private_key != KeyPresence::gone)
                item_.older.push_back(facts.generation);
    }

    [[nodiscard]] std::string next_step() const {
        if (item_.state == StatusState::no_request) return "request";
        if (item_.state == StatusState::waiting) return "install";
        if (pending_ != nullptr) return pending_->request_file.empty() ? "renew" : "install";
        if (item_.due) return "renew";
        if (!item_.missing_names.empty()) return "install";
        return item_.older.empty() || item_.state != StatusState::valid ? "" : "retire";
    }

    const RequestPlan& request_;
    const Yardstick& yardstick_;
    StatusItem& item_;
    const GenerationFacts* service_ = nullptr;
    const GenerationFacts* pending_ = nullptr;
};

}  // namespace

void conclude(const std::vector<GenerationFacts>& generations, const RequestPlan& request, const Yardstick& yardstick,
              StatusItem& item) {
    Conclusion(request, yardstick, item).draw(generations);
}

}  // namespace hsmreq::workflow
