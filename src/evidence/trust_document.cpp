#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "evidence/documents.hpp"
#include "evidence/json_parts.hpp"

namespace hsmreq::evidence {
namespace {

Json certificate(const CertificateInspection& one) {
    std::vector<std::string> names;
    for (const auto& name : one.subject_alternative_names) names.push_back(name.value);
    return Json::object({{"subject", text(one.subject_text)},
                         {"issuer", text(one.issuer_text)},
                         {"serial", text(one.serial)},
                         {"names", texts(names)},
                         {"self_issued", one.self_issued},
                         {"not_before", to_text(one.not_before)},
                         {"not_after", to_text(one.not_after)},
                         {"signature_algorithm", text(one.signature_algorithm)},
                         {"sha256", text(one.der_sha256)},
                         {"sha1", text(one.sha1)}});
}

Json item(const BackendResult& one) {
    return Json::object({{"address", text(one.address)},
                         {"uses", texts(one.uses)},
                         {"state", word(one.state)},
                         {"protocol", text(one.protocol)},
                         {"cipher", text(one.cipher)},
                         {"root", text(one.root)},
                         {"chain", list(one.chain, certificate)},
                         {"findings", findings(one.findings)},
                         {"error", error_object(one.error)}});
}

Json authority(const InternalAuthority& one) {
    return Json::object(
        {{"source", text(one.source)}, {"root", one.root}, {"certificate", certificate(one.certificate)}});
}

}  // namespace

std::string trust_document(const TrustSummary& summary) {
    auto document = run_document("hsmreq.trust/1", summary);
    document.update(Json::object({{"items", list(summary.items, item)},
                                  {"authorities", list(summary.authorities, authority)},
                                  {"bundle", text(summary.bundle_file)},
                                  {"windows_script", text(summary.windows_script)},
                                  {"anchors", texts(summary.anchors)},
                                  {"findings", findings(summary.findings)}}));
    return serialize(document);
}

}  // namespace hsmreq::evidence
