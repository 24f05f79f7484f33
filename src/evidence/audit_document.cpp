#include <nlohmann/json.hpp>

#include "evidence/documents.hpp"
#include "evidence/json_parts.hpp"

namespace hsmreq::evidence {
namespace {

Json audited_key(const AuditedKey& key) {
    return Json::object({{"token", text(key.token)},
                         {"token_member", text(key.token_member)},
                         {"farm", text(key.farm)},
                         {"request", text(key.request)},
                         {"member", text(key.member)},
                         {"generation", key.generation == 0 ? Json() : Json(key.generation)},
                         {"state", word(key.state)},
                         {"key_id", text(key.key_id)},
                         {"label", text(key.label)},
                         {"algorithm", text(key.algorithm)},
                         {"public_key_sha256", text(key.public_key_sha256)},
                         {"certificates", texts(key.certificates)},
                         {"findings", findings(key.findings)},
                         {"error", error_object(key.error)}});
}

}  // namespace

std::string audit_document(const AuditSummary& summary) {
    auto document = run_document("hsmreq.audit/1", summary);
    document.update(Json::object({{"token_uri", text(summary.token_uri)},
                                  {"items", list(summary.items, audited_key)},
                                  {"findings", findings(summary.findings)}}));
    return serialize(document);
}

}  // namespace hsmreq::evidence
