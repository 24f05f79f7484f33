#include "evidence/retirement.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "evidence/documents.hpp"
#include "evidence/json_parts.hpp"

namespace hsmreq::evidence {
namespace {

constexpr const char* retired_schema = "hsmreq.retired/1";

Json certificate(const CertificateUse& use) {
    return Json::object({{"place", text(use.place)},
                         {"generation", use.generation},
                         {"sha256", text(use.sha256)},
                         {"serial", text(use.serial)},
                         {"issuer", text(use.issuer)},
                         {"not_after", text(use.not_after)},
                         {"unexpired", use.unexpired},
                         {"only_unexpired", use.only_unexpired}});
}

Json listener(const ListenerUse& use) {
    return Json::object({{"address", text(use.address)}, {"answers_with_key", use.answers_with}});
}

Json generation(const RetiredGeneration& item) {
    return Json::object({{"generation", item.generation},
                         {"state", word(item.state)},
                         {"key_id", text(item.key_id)},
                         {"public_key_sha256", text(item.public_key_sha256)},
                         {"private_keys", item.private_keys},
                         {"public_keys", item.public_keys},
                         {"certificates", item.certificates},
                         {"marker_left", item.marker_left},
                         {"record", text(item.record_file)}});
}

Json key(const RetiredGeneration& item) {
    return Json::object({{"generation", item.generation},
                         {"id", text(item.key_id)},
                         {"public_key_sha256", text(item.public_key_sha256)}});
}

Json destroyed(const RetiredGeneration& item) {
    return Json::object({{"private_keys", item.private_keys},
                         {"public_keys", item.public_keys},
                         {"certificates", item.certificates},
                         {"marker_left", item.marker_left}});
}

Bytes to_bytes(const Json& document) {
    const std::string json = serialize(document);
    return {json.begin(), json.end()};
}

std::optional<Json> parse_record(BytesView record) {
    auto document = parse_document(record);
    if (!document || string_at(*document, "/schema") != retired_schema || !string_at(*document, "/state"))
        return std::nullopt;
    return document;
}

}  // namespace

Bytes begun_retirement(const Retirement& retirement) {
    const auto run = Json::object({{"time", text(retirement.time)},
                                   {"operator", text(retirement.operator_name)},
                                   {"host", text(retirement.host)},
                                   {"reason", text(retirement.reason)},
                                   {"compromised", retirement.compromised},
                                   {"all", retirement.all}});
    const auto farm = Json::object({{"name", text(retirement.farm)},
                                    {"file", text(retirement.farm_file)},
                                    {"sha256", text(retirement.farm_file_sha256)}});
    const auto token = Json::object({{"label", text(retirement.token_label)},
                                     {"manufacturer", text(retirement.token_manufacturer)},
                                     {"model", text(retirement.token_model)},
                                     {"serial", text(retirement.token_serial)}});
    return to_bytes(Json::object(
        {{"schema", retired_schema},
         {"state", "begun"},
         {"finished", nullptr},
         {"finished_by", nullptr},
         {"tool", Json::object({{"name", "hsmreq"}, {"version", text(retirement.tool_version)}})},
         {"run", run},
         {"farm", farm},
         {"item", Json::object({{"request", text(retirement.request)},
                                {"member", text(retirement.member)},
                                {"token_member", text(retirement.token_member)}})},
         {"module", Json::object({{"path", text(retirement.module_path)}, {"sha256", text(retirement.module_sha256)}})},
         {"token", token},
         {"key", key(retirement.item)},
         {"destroyed", destroyed(retirement.item)},
         {"certificates", list(retirement.certificates, certificate)},
         {"listeners", list(retirement.listeners, listener)}}));
}

std::optional<Bytes> completed_retirement(BytesView record, const std::string& time, const std::string& operator_name) {
    auto document = parse_record(record);
    if (!document) return std::nullopt;
    (*document)["state"] = "done";
    (*document)["finished"] = text(time);
    (*document)["finished_by"] = text(operator_name);
    return to_bytes(*document);
}

std::optional<RetirementState> read_retirement(BytesView record) {
    const auto document = parse_record(record);
    if (!document) return std::nullopt;
    const Json::json_pointer all("/run/all");
    RetirementState state;
    state.done = string_at(*document, "/state") == "done";
    state.all = document->contains(all) && document->at(all) == true;
    state.key_id = string_at(*document, "/key/id").value_or("");
    state.public_key_sha256 = string_at(*document, "/key/public_key_sha256").value_or("");
    return state;
}

std::string retire_document(const RetireSummary& summary) {
    auto document = run_document("hsmreq.retire/1", summary);
    document.update(Json::object({{"request", text(summary.request)},
                                  {"member", text(summary.member)},
                                  {"token_member", text(summary.token_member)},
                                  {"dry_run", summary.dry_run},
                                  {"compromised", summary.compromised},
                                  {"items", list(summary.items, generation)},
                                  {"certificates", list(summary.certificates, certificate)},
                                  {"listeners", list(summary.listeners, listener)},
                                  {"revocation", texts(summary.revocation)},
                                  {"findings", findings(summary.findings)}}));
    return serialize(document);
}

}  // namespace hsmreq::evidence
