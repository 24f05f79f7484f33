#include "evidence/statement.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "evidence/evidence.hpp"
#include "evidence/json_parts.hpp"

namespace hsmreq::evidence {
namespace {

constexpr std::string_view our_predicates = "urn:hsmreq:";

std::string at(const Json& document, const char* pointer) {
    return string_at(document, pointer).value_or("");
}

struct Field {
    const char* pointer;
    std::string Statement::*member;
};

constexpr Field fields[] = {
    {"/predicateType", &Statement::predicate_type},
    {"/predicate/run/time", &Statement::time},
    {"/predicate/run/operator", &Statement::operator_name},
    {"/predicate/run/host", &Statement::host},
    {"/predicate/run/reason", &Statement::reason},
    {"/predicate/farm/name", &Statement::farm},
    {"/predicate/item/request", &Statement::request},
    {"/predicate/item/member", &Statement::member},
    {"/predicate/module/path", &Statement::module},
    {"/predicate/token/label", &Statement::token},
    {"/predicate/key/uri", &Statement::key_uri},
    {"/predicate/key/origin", &Statement::origin},
    {"/predicate/key/algorithm", &Statement::algorithm},
    {"/predicate/key/policy", &Statement::policy},
    {"/predicate/key/probe/verdict", &Statement::probe},
    {"/predicate/signature/mechanism", &Statement::mechanism},
};

/// The elements of the array at a pointer; none when there is no array.
std::vector<Json> elements(const Json& document, const char* pointer) {
    const Json::json_pointer place(pointer);
    if (!document.contains(place) || !document.at(place).is_array()) return {};
    return {document.at(place).begin(), document.at(place).end()};
}

StatementClaim claim(const Json& attribute) {
    return {at(attribute, "/object"), at(attribute, "/attribute"), at(attribute, "/asked"),
            at(attribute, "/read"),   at(attribute, "/verdict"),   at(attribute, "/source")};
}

/// A statement of ours, whatever it is about; what a request's must hold is known here.
bool is_ours(const Json& document, BytesView json) {
    const std::string type = at(document, "/predicateType");
    if (at(document, "/_type") != statement_type || !type.starts_with(our_predicates)) return false;
    return type == predicate_type ? read_evidence(json).has_value()
                                     : !at(document, "/subject/0/digest/sha256").empty();
}

}  // namespace

bool looks_like_json(BytesView file) {
    std::string_view text = as_text(file);
    constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
    if (text.starts_with(utf8_mark)) text.remove_prefix(utf8_mark.size());
    const auto first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text[first] == '{';
}

Result<Statement> read_statement(BytesView json) {
    const auto document = parse_document(json);
    if (!document || !is_ours(*document, json))
        return Error{ExitCode::input, "the file is JSON, but no evidence of hsmreq", "",
                     "evidence is what hsmreq request leaves as STEM.evidence.json"};
    Statement statement;
    for (const auto& field : fields) statement.*field.member = at(*document, field.pointer);
    statement.tool = join({at(*document, "/predicate/tool/name"), at(*document, "/predicate/tool/version")}, " ");
    for (const auto& subject : elements(*document, "/subject"))
        statement.subjects.push_back({at(subject, "/name"), at(subject, "/digest/sha256")});
    for (const auto& attribute : elements(*document, "/predicate/key/attributes"))
        statement.claims.push_back(claim(attribute));
    for (const auto& check : elements(*document, "/predicate/checks"))
        if (check.is_string()) statement.checks.push_back(check.get<std::string>());
    return statement;
}

}  // namespace hsmreq::evidence
