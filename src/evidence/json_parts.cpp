#include "evidence/json_parts.hpp"

#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "hsmreq/names.hpp"

namespace hsmreq::evidence {

namespace {

constexpr std::size_t max_depth = 32;

/// True when arrays and objects nest at most max_depth deep. Runs before the parser, which would first build millions
/// of nested values out of a megabyte of brackets.
bool is_shallow(std::string_view document) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < document.size(); ++i) {
        const char c = document[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
            continue;
        }
        if (c == '"') in_string = true;
        if ((c == '[' || c == '{') && ++depth > max_depth) return false;
        if ((c == ']' || c == '}') && depth > 0) --depth;
    }
    return true;
}

Json finding(const Finding& one) {
    return Json::object({{"id", text(one.id)},
                         {"severity", to_name(one.severity)},
                         {"message", text(one.message)},
                         {"where", text(one.where)},
                         {"fix", text(one.fix)},
                         {"source", text(one.source)},
                         {"accepted", text(one.accepted)}});
}

Json single_error(const Error& error) {
    const std::string message = error.where.empty() ? error.what : error.what + " (" + error.where + ")";
    const bool at_token = error.fault.has_value();
    return Json::object({{"code", static_cast<int>(error.code)},
                         {"message", text(message)},
                         {"hint", text(error.hint)},
                         {"function", at_token ? text(error.fault->function) : Json()},
                         {"rv", at_token ? text(error.fault->name) : Json()},
                         {"finding", text(error.finding)}});
}

Json planned_name(const PlannedName& name) {
    return Json::object({{"type", name.type == NameType::ip ? "ip" : "dns"},
                         {"value", text(name.value)},
                         {"reasons", texts(name.reasons)}});
}

Json planned_key(const KeyPlan& key) {
    return Json::object({{"algorithm", word(key.algorithm)},
                         {"hash", word(key.hash)},
                         {"purpose", word(key.purpose)},
                         {"private_key", word(key.private_key)},
                         {"sharing", word(key.sharing)},
                         {"label", text(key.label)},
                         {"wrapping_key", text(key.wrapping_key)},
                         {"uri", text(key.uri)}});
}

Json planned_key_usage(const std::vector<KeyUsageBit>& bits) {
    if (bits.empty()) return {};
    std::vector<std::string> words;
    for (const auto bit : bits) words.push_back(word(bit));
    return usage(true, words);
}

}  // namespace

Json text(std::string_view value) {
    if (value.empty()) return {};
    if (is_utf8(value)) return value;
    return Json::object({{"hex", to_hex(as_bytes(value))}});
}

Json hexadecimal(BytesView value) {
    return text(to_hex(value));
}

Json texts(const std::vector<std::string>& values) {
    return list(values, [](const std::string& value) { return text(value); });
}

Json findings(const std::vector<Finding>& all) {
    return list(all, finding);
}

Json error_object(const std::optional<Error>& error) {
    if (!error) return {};
    auto object = single_error(*error);
    object["also"] = list(error->also, single_error);
    return object;
}

Json usage(bool critical, const std::vector<std::string>& values) {
    const auto value = [](const std::string& name) { return text(extended_key_usage_name(name)); };
    return Json::object({{"critical", critical}, {"values", list(values, value)}});
}

Json planned_subject(const Subject& planned) {
    return Json::object({{"common_name", text(planned.common_name)},
                         {"country", text(planned.fields.country)},
                         {"state", text(planned.fields.state)},
                         {"locality", text(planned.fields.locality)},
                         {"organization", text(planned.fields.organization)},
                         {"organizational_unit", text(planned.fields.organizational_unit)}});
}

Json planned_request(const RequestPlan& request) {
    const bool extended = !request.extended_key_usage.empty();
    return Json::object({{"name", text(request.name)},
                         {"friendly_name", text(request.friendly_name)},
                         {"description", text(request.description)},
                         {"subject", planned_subject(request.subject)},
                         {"subject_alternative_names", list(request.subject_alternative_names, planned_name)},
                         {"key_usage", planned_key_usage(request.key_usage)},
                         {"extended_key_usage", extended ? usage(false, request.extended_key_usage) : Json()},
                         {"subject_key_identifier", request.subject_key_identifier},
                         {"ad_cs_template", text(request.ad_cs_template)},
                         {"key", planned_key(request.key)},
                         {"members", texts(request.members)},
                         {"file_format", word(request.file_format)},
                         {"file_name", text(request.file_name)}});
}

Json run_document(const char* schema, const RunHeader& run) {
    return Json::object({{"schema", schema},
                         {"farm", text(run.farm)},
                         {"farm_file", text(run.farm_file)},
                         {"farm_file_sha256", text(run.farm_file_sha256)},
                         {"date", text(run.date)},
                         {"time", text(run.time)},
                         {"output_directory", text(run.output_directory)}});
}

std::string serialize(const Json& document) {
    // text() has seen every string, so nothing is ever replaced; the handler only keeps dump() from throwing.
    return document.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::optional<Json> parse_document(BytesView bytes) {
    if (!is_shallow(as_text(bytes))) return std::nullopt;
    auto document = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
    if (!document.is_object()) return std::nullopt;
    return document;
}

std::optional<std::string> string_at(const Json& document, const char* pointer) {
    const Json::json_pointer place(pointer);
    if (!document.contains(place) || !document.at(place).is_string()) return std::nullopt;
    return document.at(place).get<std::string>();
}

}  // namespace hsmreq::evidence
