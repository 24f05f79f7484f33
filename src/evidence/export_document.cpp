#include <nlohmann/json.hpp>

#include "evidence/documents.hpp"
#include "evidence/export_parts.hpp"

namespace hsmreq::evidence {
namespace {

Json item_object(const ExportItemResult& item) {
    return Json::object(
        {{"request", text(item.request)},
         {"member", text(item.member)},
         {"token_member", text(item.token_member)},
         {"generation", item.generation == 0 ? Json() : Json(item.generation)},
         {"state", word(item.state)},
         {"key_uri", text(item.key_uri)},
         {"public_key_sha256", text(item.public_key_sha256)},
         {"certificate", item.certificate ? exported_certificate(*item.certificate) : Json()},
         {"chain", texts(item.chain)},
         {"mechanisms", texts(item.mechanisms)},
         {"file_sha256", text(item.file_sha256)},
         {"recipients", texts(item.recipients)},
         {"files", Json::object({{"evidence", text(item.evidence_file)}, {"envelope", text(item.envelope_file)}})},
         {"findings", findings(item.findings)},
         {"error", error_object(item.error)}});
}

}  // namespace

Json exported_certificate(const ExportedCertificate& certificate) {
    return Json::object({{"file", text(certificate.file)},
                         {"subject", text(certificate.subject)},
                         {"serial", text(certificate.serial)},
                         {"sha256", text(certificate.sha256)},
                         {"not_after", text(certificate.not_after)}});
}

std::string export_document(const ExportSummary& summary) {
    auto document = run_document("hsmreq.export/1", summary);
    document.update(Json::object({{"target", facts(summary.target).name},
                                  {"protection", facts(facts(summary.target).protection).words},
                                  {"output_file", text(summary.output_file)},
                                  {"dry_run", summary.dry_run},
                                  {"items", list(summary.items, item_object)},
                                  {"findings", findings(summary.findings)}}));
    return serialize(document);
}

}  // namespace hsmreq::evidence
