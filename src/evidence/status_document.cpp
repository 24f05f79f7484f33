#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "evidence/documents.hpp"
#include "evidence/json_parts.hpp"

namespace hsmreq::evidence {
namespace {

Json number_or_null(unsigned number) {
    return number == 0 ? Json() : Json(number);
}

Json certificate(const StatusCertificate& one) {
    return Json::object({{"sources", texts(one.sources)},
                         {"subject", text(one.subject)},
                         {"issuer", text(one.issuer)},
                         {"serial", text(one.serial)},
                         {"sha256", text(one.sha256)},
                         {"public_key_sha256", text(one.public_key_sha256)},
                         {"not_before", to_text(one.not_before)},
                         {"not_after", to_text(one.not_after)},
                         {"days_left", one.days_left}});
}

Json generation(const StatusGeneration& one) {
    return Json::object({{"generation", one.generation},
                         {"key_id", text(one.key_id)},
                         {"public_key_sha256", text(one.public_key_sha256)},
                         {"sources", texts(one.sources)},
                         {"private_key", word(one.private_key)},
                         {"request_file", text(one.request_file)},
                         {"chain_file", text(one.chain_file)},
                         {"certificates", list(one.certificates, certificate)}});
}

Json item(const StatusItem& one) {
    const StatusCertificate* in_service = one.certificate();
    return Json::object({{"request", text(one.request)},
                         {"member", text(one.member)},
                         {"token_member", text(one.token_member)},
                         {"token", text(one.token)},
                         {"copy", one.copy},
                         {"state", word(one.state)},
                         {"generation", number_or_null(one.generation)},
                         {"pending_generation", number_or_null(one.pending_generation)},
                         {"due", one.due},
                         {"next", text(one.next)},
                         {"older", one.older},
                         {"certificate", in_service ? certificate(*in_service) : Json()},
                         {"missing_names", texts(one.missing_names)},
                         {"unexpected_names", texts(one.unexpected_names)},
                         {"generations", list(one.generations, generation)},
                         {"findings", findings(one.findings)},
                         {"error", error_object(one.error)}});
}

Json calendar_entry(const CalendarEntry& one) {
    const bool limits = one.topic == CalendarTopic::validity;
    return Json::object({{"from", to_text(one.from)},
                         {"topic", word(one.topic)},
                         {"past", one.past},
                         {"text", text(one.text)},
                         {"days", limits ? Json(one.days) : Json()},
                         {"least_renewals_a_year", limits ? Json(one.least_renewals) : Json()},
                         {"usual_renewals_a_year", limits ? Json(one.usual_renewals) : Json()},
                         {"source", text(one.source)}});
}

}  // namespace

std::string status_document(const StatusSummary& summary) {
    auto document = run_document("hsmreq.status/1", summary);
    document.update(Json::object({{"authority", text(summary.authority)},
                                  {"warn_days", summary.warn_days ? Json(summary.warn_days->count()) : Json()},
                                  {"due", summary.due},
                                  {"certificates", summary.certificates},
                                  {"items", list(summary.items, item)},
                                  {"calendar", list(summary.calendar, calendar_entry)},
                                  {"findings", findings(summary.findings)}}));
    return serialize(document);
}

}  // namespace hsmreq::evidence
