#include "evidence/proof.hpp"

#include <nlohmann/json.hpp>

#include "evidence/json_parts.hpp"
#include "evidence/record_parts.hpp"

namespace hsmreq::evidence {
namespace {

constexpr const char* proof_predicate_type = "urn:hsmreq:proof:1";
constexpr const char* proof_schema = "hsmreq.proof/1";

Json handshake(const ProvedHandshake& one) {
    return Json::object({{"protocol", text(one.protocol)},
                         {"cipher", text(one.cipher)},
                         {"group", text(one.group)},
                         {"signature_algorithm", text(one.signature_algorithm)},
                         {"server_name", text(one.server_name)}});
}

Json certificate(const std::optional<ProvedCertificate>& one) {
    if (!one) return {};
    return Json::object({{"kind", word(one->kind)},
                         {"for_production", one->kind == CertificateKind::issued},
                         {"place", text(one->place)},
                         {"sha256", text(one->sha256)},
                         {"serial", text(one->serial)},
                         {"subject", text(one->subject)},
                         {"issuer", text(one->issuer)},
                         {"not_before", text(one->not_before)},
                         {"not_after", text(one->not_after)}});
}

Json key(const Record& record, const ProofResult& result) {
    return Json::object({{"uri", text(result.key_uri)},
                         {"id", hexadecimal(record.key_id)},
                         {"generation", record.generation},
                         {"algorithm", word(record.request->key.algorithm)},
                         {"policy", word(record.request->key.private_key)},
                         {"copy", result.copy}});
}

}  // namespace

Json proof_item(const ProofResult& item) {
    return Json::object(
        {{"request", text(item.request)},
         {"member", text(item.member)},
         {"token_member", text(item.token_member)},
         {"copy", item.copy},
         {"generation", item.generation == 0 ? Json() : Json(item.generation)},
         {"state", word(item.state)},
         {"key_uri", text(item.key_uri)},
         {"public_key_sha256", text(item.public_key_sha256)},
         {"certificate", certificate(item.certificate)},
         {"names", texts(item.names)},
         {"handshakes", list(item.handshakes, handshake)},
         {"decryption", text(item.decryption)},
         {"files", Json::object({{"evidence", text(item.evidence_file)}, {"envelope", text(item.envelope_file)}})},
         {"findings", findings(item.findings)},
         {"error", error_object(item.error)}});
}

Bytes to_json(const Record& record, const ProofRecord& proof) {
    const ProofResult& result = proof.result;
    const auto libraries = Json::object({{"openssl", text(proof.openssl)}, {"libp11", text(proof.libp11)}});
    const auto predicate = Json::object({{"tool", tool_part(record)},
                                         {"run", run_part(record)},
                                         {"farm", farm_part(record)},
                                         {"item", item_part(record)},
                                         {"module", module_part(record)},
                                         {"token", token_part(record)},
                                         {"libraries", libraries},
                                         {"key", key(record, result)},
                                         {"certificate", certificate(result.certificate)},
                                         {"names", texts(result.names)},
                                         {"handshakes", list(result.handshakes, handshake)},
                                         {"decryption", text(result.decryption)},
                                         {"checks", texts(record.checks)}});
    const auto subjects =
        Json::array({resource(result.certificate ? result.certificate->place : "", proof.certificate_der),
                     resource("SubjectPublicKeyInfo", record.public_key_der)});
    const auto json = serialize(Json::object({{"_type", statement_type},
                                              {"subject", subjects},
                                              {"predicateType", proof_predicate_type},
                                              {"schema", proof_schema},
                                              {"predicate", predicate}}));
    return {json.begin(), json.end()};
}

std::string prove_document(const ProveSummary& summary) {
    auto document = run_document("hsmreq.prove/1", summary);
    document.update(Json::object(
        {{"shard", text(summary.shard)},
         {"dry_run", summary.dry_run},
         {"interim", summary.interim},
         {"libraries", Json::object({{"openssl", text(summary.openssl)}, {"libp11", text(summary.libp11)}})},
         {"items", list(summary.items, proof_item)},
         {"findings", findings(summary.findings)}}));
    return serialize(document);
}

}  // namespace hsmreq::evidence
