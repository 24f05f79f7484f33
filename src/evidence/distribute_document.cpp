#include "evidence/distribute_document.hpp"

#include <nlohmann/json.hpp>

#include "evidence/json_parts.hpp"

namespace hsmreq::evidence {
namespace {

Json item_object(const DistributeItemResult& item) {
    return Json::object(
        {{"request", text(item.request)},
         {"member", text(item.member)},
         {"source_member", text(item.source_member)},
         {"generation", item.generation == 0 ? Json() : Json(item.generation)},
         {"state", word(item.state)},
         {"key_uri", text(item.key_uri)},
         {"public_key_sha256", text(item.public_key_sha256)},
         {"mechanisms", texts(item.mechanisms)},
         {"files", Json::object({{"evidence", text(item.evidence_file)}, {"envelope", text(item.envelope_file)}})},
         {"findings", findings(item.findings)},
         {"error", error_object(item.error)}});
}

Json offer_object(const std::optional<WrappingOffer>& offer) {
    if (!offer) return {};
    return Json::object({{"member", text(offer->member)},
                         {"fingerprint", text(offer->fingerprint)},
                         {"words", texts(offer->words)},
                         {"created", offer->created}});
}

}  // namespace

std::string distribute_document(const DistributeSummary& summary) {
    auto document = run_document("hsmreq.distribute/1", summary);
    document.update(Json::object({{"step", word(summary.step)},
                                  {"output_file", text(summary.output_file)},
                                  {"dry_run", summary.dry_run},
                                  {"offer", offer_object(summary.offer)},
                                  {"items", list(summary.items, item_object)},
                                  {"findings", findings(summary.findings)}}));
    return serialize(document);
}

}  // namespace hsmreq::evidence
