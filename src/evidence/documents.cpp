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
    return Json::object({{"request", text(item.request)},
                         {"member", text(item.member)},
                         {"token_member", text(item.token_member)},
                         {"generation", item.generation == 0 ? Json() : Json(item.generation)},
                         {"state", word(item.state)},
                         {"origin", key_origin(item)},
                         {"key_uri", text(item.key_uri)},
                         {"public_key_sha256", text(item.public_key_sha256)},
                         {"files", Json::object({{"csr", text(item.csr_file)},
                                                 {"evidence", text(item.evidence_file)},
                                                 {"envelope", text(item.envelope_file)}})},
                         {"findings", findings(item.findings)},
                         {"error", error_object(item.error)}});
}

Json summary_object(const RequestSummary& summary, const char* schema) {
    auto document = run_document(schema, summary);
    document.update(Json::object({{"shard", text(summary.shard)},
                                  {"dry_run", summary.dry_run},
                                  {"items", list(summary.items, request_item)},
                                  {"findings", findings(summary.findings)}}));
    return document;
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

std::string init_document(const WrittenFarm& farm, const std::vector<UnplacedEntry>& left_out,
                          const std::vector<Finding>& all) {
    auto items = Json::array({Json::object({{"kind", "farm-file"},
                                            {"file", text(farm.file)},
                                            {"written", !farm.file.empty()},
                                            {"text", text(farm.text)}})});
    for (const auto& entry : left_out)
        items.push_back(Json::object({{"kind", "left-out"},
                                      {"where", text(entry.where)},
                                      {"name", text(entry.name)},
                                      {"value", text(entry.value)},
                                      {"reason", text(entry.reason)}}));
    return serialize(Json::object({{"schema", "hsmreq.init/1"}, {"items", items}, {"findings", findings(all)}}));
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
