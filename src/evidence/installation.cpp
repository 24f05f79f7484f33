#include "evidence/installation.hpp"

#include <nlohmann/json.hpp>

#include "evidence/documents.hpp"
#include "evidence/json_parts.hpp"
#include "evidence/record_parts.hpp"

namespace hsmreq::evidence {
namespace {

constexpr const char* install_predicate_type = "urn:hsmreq:install-evidence:1";
constexpr const char* install_schema = "hsmreq.install-evidence/1";

Json certificate(const GivenCertificate& one) {
    return Json::object({{"file", text(one.file)},
                         {"sha256", text(one.sha256)},
                         {"serial", text(one.serial)},
                         {"subject", text(one.subject)},
                         {"issuer", text(one.issuer)},
                         {"not_before", text(one.not_before)},
                         {"not_after", text(one.not_after)},
                         {"public_key_sha256", text(one.public_key_sha256)}});
}

Json intermediate(const StoredIntermediate& one) {
    return Json::object({{"subject", text(one.subject)},
                         {"sha256", text(one.sha256)},
                         {"key_id", text(one.key_id)},
                         {"state", word(one.state)}});
}

Json installed_token(const InstalledToken& one) {
    return Json::object({{"member", text(one.member)},
                         {"copy", one.copy},
                         {"state", word(one.state)},
                         {"token_label", text(one.token_label)},
                         {"token_serial", text(one.token_serial)},
                         {"key_uri", text(one.key_uri)},
                         {"left_out", texts(one.left_out)},
                         {"replaced", one.replaced},
                         {"intermediates", list(one.intermediates, intermediate)}});
}

Json former_certificate(const std::optional<FormerCertificate>& former) {
    if (!former) return {};
    return Json::object(
        {{"serial", text(former->serial)}, {"sha256", text(former->sha256)}, {"file", text(former->file)}});
}

Json installation_object(const InstallRecord& installation) {
    return Json::object({{"certificate", certificate(installation.certificate)},
                         {"chain", list(installation.chain, certificate)},
                         {"root", text(installation.root)},
                         {"tokens", list(installation.tokens, installed_token)},
                         {"former", former_certificate(installation.former)}});
}

Json files(const InstallItemResult& item) {
    return Json::object({{"certificate", text(item.certificate_file)},
                         {"chain", text(item.chain_file)},
                         {"fullchain", text(item.fullchain_file)},
                         {"former", text(item.former_file)},
                         {"evidence", text(item.evidence_file)},
                         {"envelope", text(item.envelope_file)}});
}

Json item_object(const InstallItemResult& item) {
    return Json::object({{"request", text(item.request)},
                         {"member", text(item.member)},
                         {"generation", item.generation == 0 ? Json() : Json(item.generation)},
                         {"state", word(item.state)},
                         {"certificate", certificate(item.certificate)},
                         {"chain", list(item.chain, certificate)},
                         {"root", text(item.root)},
                         {"tokens", list(item.tokens, installed_token)},
                         {"files", files(item)},
                         {"proofs", list(item.proofs, proof_item)},
                         {"findings", findings(item.findings)},
                         {"error", error_object(item.error)}});
}

}  // namespace

Bytes to_json(const Record& record, const InstallRecord& installation) {
    Json statement = predicate(record);
    statement.erase("csr");
    statement.erase("signature");
    statement["installation"] = installation_object(installation);
    Json subjects = Json::array();
    for (const auto& [name, content] : installation.files) subjects.push_back(resource(name, content));
    subjects.push_back(resource("SubjectPublicKeyInfo", record.public_key_der));
    const auto json = serialize(Json::object({{"_type", statement_type},
                                              {"subject", subjects},
                                              {"predicateType", install_predicate_type},
                                              {"schema", install_schema},
                                              {"predicate", statement}}));
    return {json.begin(), json.end()};
}

std::optional<std::string> read_install_evidence(BytesView json) {
    const auto statement = parse_document(json);
    if (!statement || string_at(*statement, "/predicateType") != install_predicate_type ||
        string_at(*statement, "/schema") != install_schema)
        return std::nullopt;
    return string_at(*statement, "/predicate/installation/certificate/sha256");
}

std::string install_document(const InstallSummary& summary) {
    auto document = run_document("hsmreq.install/1", summary);
    document.update(Json::object({{"shard", text(summary.shard)},
                                  {"dry_run", summary.dry_run},
                                  {"store_chain", summary.store_chain},
                                  {"items", list(summary.items, item_object)},
                                  {"findings", findings(summary.findings)}}));
    return serialize(document);
}

}  // namespace hsmreq::evidence
