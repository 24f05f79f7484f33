#include "evidence/evidence.hpp"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/digest.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "evidence/export_parts.hpp"
#include "evidence/json_parts.hpp"
#include "evidence/record_parts.hpp"

namespace hsmreq::evidence {

namespace {

constexpr const char* evidence_schema = "hsmreq.evidence/1";
constexpr const char* copy_predicate_type = "urn:hsmreq:copy-evidence:1";
constexpr const char* copy_schema = "hsmreq.copy-evidence/1";
constexpr const char* export_predicate_type = "urn:hsmreq:export-evidence:1";
constexpr const char* export_schema = "hsmreq.export-evidence/1";

Json attribute(const AttributeRecord& one) {
    return Json::object({{"object", text(one.object)},
                         {"attribute", text(one.attribute)},
                         {"asked", text(one.asked)},
                         {"read", text(one.read)},
                         {"verdict", text(one.verdict)},
                         {"source", text(one.source)},
                         {"left_out", one.left_out}});
}

Json probe(const ProbeRecord& record) {
    const auto attempt = [](const std::pair<std::string, std::string>& one) {
        return Json::object({{"mechanism", text(one.first)}, {"answer", text(one.second)}});
    };
    return Json::object({{"verdict", text(record.verdict)},
                         {"reason", text(record.reason)},
                         {"attempts", list(record.attempts, attempt)}});
}

Json key(const Record& record) {
    const auto quirks = Json::object({{"profile", text(record.quirk_profile)}, {"changes", texts(record.quirks)}});
    return Json::object({{"uri", text(record.key_uri)},
                         {"label", text(record.key_label)},
                         {"id", hexadecimal(record.key_id)},
                         {"origin", text(record.origin)},
                         {"generation", record.generation},
                         {"algorithm", word(record.request->key.algorithm)},
                         {"policy", word(record.request->key.private_key)},
                         {"generation_mechanism", text(record.generation_mechanism)},
                         {"attributes", list(record.attributes, attribute)},
                         {"probe", probe(record.probe)},
                         {"quirks", quirks}});
}

Json signature(const Record& record) {
    const auto& planned = record.request->key;
    const bool hashed = facts(planned.algorithm).family != KeyFamily::ed25519;  // RFC 8032: no hash is chosen
    const bool signed_now = !record.signature_mechanism.empty();  // not when the evidence of a request was lost
    return Json::object({{"mechanism", text(record.signature_mechanism)},
                         {"hash", hashed ? Json(word(planned.hash)) : Json()},
                         {"hash_in_software", signed_now ? Json(record.hash_in_software) : Json()}});
}

Json csr(const Record& record) {
    return Json::object({{"file", text(record.csr_file)},
                         {"sha256", sha256_hex(record.csr_file_content)},
                         {"der_sha256", sha256_hex(record.csr_der)}});
}

Json copy_object(const CopyRecord& copy) {
    constexpr const char* origin =
        "This private key was not generated in this token: it arrived wrapped, as a copy of the one in the source "
        "token. CKA_LOCAL, CKA_ALWAYS_SENSITIVE and CKA_NEVER_EXTRACTABLE are expected to be false here.";
    return Json::object({{"statement", origin},
                         {"generated_here", false},
                         {"local", copy.local},
                         {"way", text(copy.way)},
                         {"source", Json::object({{"member", text(copy.source_member)},
                                                  {"token_label", text(copy.source_token_label)},
                                                  {"token_serial", text(copy.source_token_serial)}})},
                         {"offer_sha256", text(copy.offer_sha256)},
                         {"seal_reason", text(copy.seal_reason)},
                         {"wrapping_key", text(copy.wrapping_key)},
                         {"wrapped_with", texts(copy.wrapped_with)},
                         {"unwrapped_with", texts(copy.unwrapped_with)},
                         {"kept_non_extractable_by", text(copy.kept_non_extractable_by)}});
}

Json export_object(const ExportRecord& exported) {
    constexpr const char* statement =
        "The private key has left its token and is in the file named here, and in every copy of it. From here on the "
        "file's protection is all that keeps it.";
    return Json::object({{"statement", statement},
                         {"target", text(exported.target)},
                         {"file", text(exported.file)},
                         {"sha256", text(exported.file_sha256)},
                         {"protection", text(exported.protection)},
                         {"short_password_allowed", exported.short_password_allowed},
                         {"friendly_name", text(exported.friendly_name)},
                         {"windows_provider", text(exported.windows_provider)},
                         {"key_type", text(exported.key_type)},
                         {"certificate", exported_certificate(exported.certificate)},
                         {"chain", texts(exported.chain)},
                         {"mechanisms", texts(exported.mechanisms)},
                         {"recipients", texts(exported.recipients)},
                         {"security_note", texts(exported.note)},
                         {"acknowledged_by", text(exported.acknowledged_by)}});
}

bool is_sha256(const std::optional<std::string>& value) {
    return value && value->size() == 2 * facts(Hash::sha256).size && from_hex(*value);
}

std::optional<unsigned> generation_of(const Json& statement) {
    const Json::json_pointer place("/predicate/key/generation");
    if (!statement.contains(place) || !statement.at(place).is_number_unsigned()) return std::nullopt;
    const auto value = statement.at(place).get<std::uint64_t>();
    if (value == 0 || value > std::numeric_limits<unsigned>::max()) return std::nullopt;
    return static_cast<unsigned>(value);
}

}  // namespace

Json predicate(const Record& record) {
    return Json::object({{"tool", tool_part(record)},
                         {"run", run_part(record)},
                         {"farm", farm_part(record)},
                         {"item", item_part(record)},
                         {"request", planned_request(*record.request)},
                         {"module", module_part(record)},
                         {"token", token_part(record)},
                         {"key", key(record)},
                         {"signature", signature(record)},
                         {"csr", csr(record)},
                         {"checks", texts(record.checks)},
                         {"findings", findings(record.findings)},
                         {"attestation", nullptr}});
}

Bytes to_json(const Record& record) {
    const auto subjects = Json::array(
        {resource(record.csr_file, record.csr_file_content), resource("SubjectPublicKeyInfo", record.public_key_der)});
    const auto json = serialize(Json::object({{"_type", statement_type},
                                              {"subject", subjects},
                                              {"predicateType", predicate_type},
                                              {"schema", evidence_schema},
                                              {"predicate", predicate(record)}}));
    return {json.begin(), json.end()};
}

Bytes to_json(const Record& record, const CopyRecord& copy) {
    Json statement = predicate(record);
    statement.erase("csr");
    statement["copy"] = copy_object(copy);
    const auto json =
        serialize(Json::object({{"_type", statement_type},
                                {"subject", Json::array({resource("SubjectPublicKeyInfo", record.public_key_der)})},
                                {"predicateType", copy_predicate_type},
                                {"schema", copy_schema},
                                {"predicate", statement}}));
    return {json.begin(), json.end()};
}

Bytes to_json(const Record& record, const ExportRecord& exported) {
    Json statement = predicate(record);
    statement.erase("csr");
    statement.erase("signature");
    statement["export"] = export_object(exported);
    const auto json =
        serialize(Json::object({{"_type", statement_type},
                                {"subject", Json::array({hashed_resource(exported.file_name, exported.file_sha256),
                                                         resource("SubjectPublicKeyInfo", record.public_key_der)})},
                                {"predicateType", export_predicate_type},
                                {"schema", export_schema},
                                {"predicate", statement}}));
    return {json.begin(), json.end()};
}

std::optional<std::string> read_copy_evidence(BytesView json) {
    const auto statement = parse_document(json);
    if (!statement || string_at(*statement, "/predicateType") != copy_predicate_type ||
        string_at(*statement, "/schema") != copy_schema)
        return std::nullopt;
    auto public_key = string_at(*statement, "/subject/0/digest/sha256");
    return is_sha256(public_key) ? public_key : std::nullopt;
}

std::optional<EvidenceSummary> read_evidence(BytesView json) {
    const auto statement = parse_document(json);
    if (!statement || string_at(*statement, "/_type") != statement_type ||
        string_at(*statement, "/predicateType") != predicate_type ||
        string_at(*statement, "/schema") != evidence_schema)
        return std::nullopt;

    const auto csr_file = string_at(*statement, "/subject/0/digest/sha256");
    const auto public_key = string_at(*statement, "/subject/1/digest/sha256");
    const auto origin = string_at(*statement, "/predicate/key/origin");
    const auto generation = generation_of(*statement);
    if (!is_sha256(csr_file) || !is_sha256(public_key) || !generation) return std::nullopt;
    if (origin != "generated" && origin != "adopted") return std::nullopt;
    return EvidenceSummary{*csr_file, *public_key, *origin, *generation};
}

}  // namespace hsmreq::evidence
