#include "evidence/record_parts.hpp"

#include <nlohmann/json.hpp>

#include "base/digest.hpp"

namespace hsmreq::evidence {

Json resource(std::string_view name, BytesView content) {
    return hashed_resource(name, sha256_hex(content));
}

Json hashed_resource(std::string_view name, const std::string& sha256) {
    return Json::object({{"name", text(name)}, {"digest", Json::object({{"sha256", sha256}})}});
}

Json tool_part(const Record& record) {
    return Json::object({{"name", "hsmreq"}, {"version", text(record.tool_version)}});
}

Json run_part(const Record& record) {
    return Json::object({{"time", text(record.time)},
                         {"date", text(record.judged_date)},
                         {"operator", text(record.operator_name)},
                         {"host", text(record.host)},
                         {"reason", text(record.reason)}});
}

Json farm_part(const Record& record) {
    return Json::object(
        {{"name", text(record.farm)}, {"file", text(record.farm_file)}, {"sha256", text(record.farm_file_sha256)}});
}

Json item_part(const Record& record) {
    return Json::object({{"request", text(record.request->name)},
                         {"member", text(record.member)},
                         {"token_member", text(record.token_member)}});
}

Json module_part(const Record& record) {
    return Json::object({{"path", text(record.module_path)},
                         {"sha256", text(record.module_sha256)},
                         {"description", text(record.module_description)},
                         {"version", text(record.module_version)},
                         {"trust_override", text(record.module_trust_override)}});
}

Json token_part(const Record& record) {
    return Json::object({{"label", text(record.token_label)},
                         {"manufacturer", text(record.token_manufacturer)},
                         {"model", text(record.token_model)},
                         {"serial", text(record.token_serial)},
                         {"firmware", text(record.token_firmware)}});
}

}  // namespace hsmreq::evidence
