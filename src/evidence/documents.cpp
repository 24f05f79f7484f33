#include "evidence/documents.hpp"

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "evidence/json_parts.hpp"

namespace hsmreq::evidence {

namespace {

constexpr const char* request_schema = "hsmreq.request/1";
constexpr const char* renew_schema = "hsmreq.renew/1";

Json key_origin(const RequestItemResult& item) {
    if (item.key_uri.empty()) return {};
    return item.generated ? "generated" : "adopted";
}

Json request_item(const RequestItemResult& item) {
    return Json::object(
        {{"request", text(item.request)},
         {"member", text(item.member)},
         {"token_member", text(item.token_member)},
         {"generation", item.generation == 0 ? Json() : Json(item.generation)},
         {"state", word(item.state)},
         {"origin", key_origin(item)},
         {"key_uri", text(item.key_uri)},
         {"public_key_sha256", text(item.public_key_sha256)},
         {"files", Json::object({{"csr", text(item.csr_file)}, {"evidence", text(item.evidence_file)}})},
         {"findings", findings(item.findings)},
         {"error", error_object(item.error)}});
}

Json name_attribute(const NameAttribute& attribute) {
    return Json::object(
        {{"type", text(attribute.type)}, {"value", text(attribute.value)}, {"encoding", text(attribute.encoding)}});
}

Json alternative_name(const AlternativeName& name) {
    return Json::object({{"type", text(name.type)}, {"value", text(name.value)}});
}

Json extension(const ExtensionInfo& one) {
    return Json::object({{"oid", text(one.oid)},
                         {"name", text(one.name)},
                         {"critical", one.critical},
                         {"value", hexadecimal(one.value)}});
}

Json attribute(const RequestAttribute& one) {
    return Json::object({{"oid", text(one.oid)}, {"name", text(one.name)}, {"value", text(one.value)}});
}

/// Null for a key of another family: then no numbers were read out of it.
Json family_name(const PublicKey& key) {
    if (key.modulus.empty() && key.point.empty()) return {};
    switch (key.family) {
        case KeyFamily::rsa:
            return "rsa";
        case KeyFamily::ec:
            return "ec";
        case KeyFamily::ed25519:
            return "ed25519";
    }
    return {};
}

Json public_key(const RequestInspection& request) {
    const auto& key = request.public_key;
    return Json::object({{"algorithm", text(request.public_key_algorithm)},
                         {"family", family_name(key)},
                         {"modulus", hexadecimal(key.modulus)},
                         {"public_exponent", hexadecimal(key.public_exponent)},
                         {"curve_oid", text(key.curve_oid)},
                         {"point", hexadecimal(key.point)},
                         {"der", hexadecimal(request.public_key_der)},
                         {"sha256", text(request.public_key_sha256)}});
}

Json inspected_usage(const std::optional<std::pair<bool, std::vector<std::string>>>& found) {
    return found ? usage(found->first, found->second) : Json();
}

void put_inspection(const RequestInspection& request, Json& into) {
    into["version"] = request.version;
    into["subject"] = list(request.subject, name_attribute);
    into["subject_text"] = text(request.subject_text);
    into["public_key"] = public_key(request);
    into["subject_alternative_names"] = list(request.subject_alternative_names, alternative_name);
    into["key_usage"] = inspected_usage(request.key_usage);
    into["extended_key_usage"] = inspected_usage(request.extended_key_usage);
    into["extensions"] = list(request.extensions, extension);
    into["attributes"] = list(request.attributes, attribute);
    into["signature"] =
        Json::object({{"algorithm", text(request.signature_algorithm)}, {"valid", request.signature_valid}});
    into["pem_label"] = text(request.pem_label);
    into["der"] = hexadecimal(request.der);
    into["der_sha256"] = text(request.der_sha256);
}

Json inspected_file(const InspectedFile& file) {
    auto object = Json::object({{"file", text(file.file)}, {"type", text(file.type)}});
    if (file.request) put_inspection(*file.request, object);
    object["findings"] = findings(file.findings);
    object["error"] = error_object(file.error);
    return object;
}

Json summary_object(const RequestSummary& summary, const char* schema) {
    return Json::object({{"schema", schema},
                         {"farm", text(summary.farm)},
                         {"farm_file", text(summary.farm_file)},
                         {"farm_file_sha256", text(summary.farm_file_sha256)},
                         {"date", text(summary.date)},
                         {"time", text(summary.time)},
                         {"output_directory", text(summary.output_directory)},
                         {"shard", text(summary.shard)},
                         {"dry_run", summary.dry_run},
                         {"items", list(summary.items, request_item)},
                         {"findings", findings(summary.findings)}});
}

Error not_a_summary() {
    return {.code = ExitCode::input,
            .what = "the summary is not a document that hsmreq request wrote",
            .where = "",
            .hint = "Restore the file, or name another directory with --out."};
}

}  // namespace

std::string plan_document(const Plan& plan) {
    const auto item = [&plan](const PlanItem& one) {
        return Json::object({{"request", text(plan.requests[one.request].name)},
                             {"member", text(one.member)},
                             {"token_member", text(one.token_member)}});
    };
    return serialize(Json::object({{"schema", "hsmreq.plan/1"},
                                   {"farm", text(plan.farm)},
                                   {"farm_file", text(plan.farm_file)},
                                   {"date", text(to_text(plan.date))},
                                   {"requests", list(plan.requests, planned_request)},
                                   {"items", list(plan.items, item)},
                                   {"findings", findings(plan.findings)}}));
}

std::string renew_document(const RequestSummary& summary) {
    auto document = summary_object(summary, renew_schema);
    document["same_key"] = summary.renewal == Renewal::same_key;
    return serialize(document);
}

std::string request_document(const RequestSummary& summary) {
    return serialize(summary_object(summary, request_schema));
}

std::string inspect_document(const std::vector<InspectedFile>& files) {
    return serialize(Json::object({{"schema", "hsmreq.inspect/1"}, {"files", list(files, inspected_file)}}));
}

std::string error_document(const Error& error) {
    return serialize(Json::object({{"error", error_object(error)}}));
}

Result<FormerSummary> read_request_document(BytesView json) {
    const auto document = parse_document(json);
    if (!document || string_at(*document, "/schema") != request_schema) return not_a_summary();
    const auto farm = string_at(*document, "/farm");
    const auto items = document->find("items");
    if (!farm || items == document->end() || !items->is_array()) return not_a_summary();

    FormerSummary summary{.farm = *farm, .items = {}};
    for (const auto& item : *items) {
        const auto request = string_at(item, "/request");
        if (!request) return not_a_summary();
        summary.items.push_back({.request = *request, .member = string_at(item, "/member").value_or("")});
    }
    return summary;
}

}  // namespace hsmreq::evidence
