#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "evidence/documents.hpp"
#include "evidence/json_parts.hpp"

namespace hsmreq::evidence {
namespace {

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
                         {"value", hexadecimal(one.value)},
                         {"text", text(one.text)}});
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

Json public_key(const SubjectInspection& subject) {
    const auto& key = subject.public_key;
    return Json::object({{"algorithm", text(subject.public_key_algorithm)},
                         {"family", family_name(key)},
                         {"modulus", hexadecimal(key.modulus)},
                         {"public_exponent", hexadecimal(key.public_exponent)},
                         {"curve_oid", text(key.curve_oid)},
                         {"point", hexadecimal(key.point)},
                         {"der", hexadecimal(subject.public_key_der)},
                         {"sha256", text(subject.public_key_sha256)}});
}

Json inspected_usage(const std::optional<std::pair<bool, std::vector<std::string>>>& found) {
    return found ? usage(found->first, found->second) : Json();
}

void put_subject(const SubjectInspection& inspection, Json& into) {
    into["subject"] = list(inspection.subject, name_attribute);
    into["subject_text"] = text(inspection.subject_text);
    into["public_key"] = public_key(inspection);
    into["subject_alternative_names"] = list(inspection.subject_alternative_names, alternative_name);
    into["key_usage"] = inspected_usage(inspection.key_usage);
    into["extended_key_usage"] = inspected_usage(inspection.extended_key_usage);
    into["extensions"] = list(inspection.extensions, extension);
}

void put_encoding(const SubjectInspection& inspection, Json& into) {
    into["pem_label"] = text(inspection.pem_label);
    into["der"] = hexadecimal(inspection.der);
    into["der_sha256"] = text(inspection.der_sha256);
}

void put_request(const RequestInspection& request, Json& into) {
    into["version"] = request.version;
    put_subject(request, into);
    into["attributes"] = list(request.attributes, attribute);
    into["signature"] =
        Json::object({{"algorithm", text(request.signature_algorithm)}, {"valid", request.signature_valid}});
    put_encoding(request, into);
}

Json basic_constraints(const std::optional<BasicConstraints>& found) {
    if (!found) return {};
    return Json::object({{"critical", found->critical},
                         {"ca", found->ca},
                         {"path_length", found->path_length ? Json(*found->path_length) : Json()}});
}

Json certificate(const CertificateInspection& one) {
    auto object = Json::object({{"version", one.version},
                                {"serial", text(one.serial)},
                                {"issuer", list(one.issuer, name_attribute)},
                                {"issuer_text", text(one.issuer_text)},
                                {"not_before", to_text(one.not_before)},
                                {"not_after", to_text(one.not_after)}});
    put_subject(one, object);
    object["basic_constraints"] = basic_constraints(one.basic_constraints);
    object["subject_key_identifier"] = hexadecimal(one.subject_key_identifier);
    object["authority_key_identifier"] = hexadecimal(one.authority_key_identifier);
    object["issuer_urls"] = texts(one.issuer_urls);
    object["ocsp_urls"] = texts(one.ocsp_urls);
    object["crl_urls"] = texts(one.crl_urls);
    object["policies"] = texts(one.policies);
    object["timestamps"] = one.timestamps;
    object["self_issued"] = one.self_issued;
    object["signature_algorithm"] = text(one.signature_algorithm);
    put_encoding(one, object);
    object["der_sha1"] = text(one.sha1);
    return object;
}

Json chain(const InspectedChain& one) {
    return Json::object({{"order", one.order}, {"root", text(one.root)}, {"holds", one.holds}});
}

Json claim(const StatementClaim& one) {
    return Json::object({{"object", text(one.object)},
                         {"attribute", text(one.attribute)},
                         {"asked", text(one.asked)},
                         {"read", text(one.read)},
                         {"verdict", text(one.verdict)},
                         {"source", text(one.source)}});
}

Json subject_of_statement(const InspectedSubject& one) {
    return Json::object({{"name", text(one.stated.name)},
                         {"sha256", text(one.stated.sha256)},
                         {"found_sha256", text(one.found_sha256)}});
}

Json inspected_signature(const InspectedSignature& one) {
    return Json::object({{"keyid", text(one.keyid)}, {"verified", one.verified ? Json(*one.verified) : Json()}});
}

Json inspected_envelope(const std::optional<InspectedEnvelope>& envelope) {
    if (!envelope) return {};
    return Json::object(
        {{"file", text(envelope->file)}, {"signatures", list(envelope->signatures, inspected_signature)}});
}

void put_statement(const InspectedFile& file, Json& into) {
    const Statement& one = *file.statement;
    into["predicate_type"] = text(one.predicate_type);
    into["envelope"] = inspected_envelope(file.envelope);
    into["subjects"] = list(file.subjects, subject_of_statement);
    into["tool"] = text(one.tool);
    into["run"] = Json::object({{"time", text(one.time)},
                                {"operator", text(one.operator_name)},
                                {"host", text(one.host)},
                                {"reason", text(one.reason)}});
    into["item"] =
        Json::object({{"farm", text(one.farm)}, {"request", text(one.request)}, {"member", text(one.member)}});
    into["module"] = text(one.module);
    into["token"] = text(one.token);
    into["key"] = Json::object({{"uri", text(one.key_uri)},
                                {"origin", text(one.origin)},
                                {"algorithm", text(one.algorithm)},
                                {"policy", text(one.policy)},
                                {"probe", text(one.probe)},
                                {"claims", list(one.claims, claim)}});
    into["mechanism"] = text(one.mechanism);
    into["checks"] = texts(one.checks);
}

Json inf_name(const InfName& name) {
    return Json::object({{"type", text(name.type)}, {"value", text(name.value)}});
}

Json left_out(const UnplacedEntry& entry) {
    return Json::object({{"where", text(entry.where)},
                         {"name", text(entry.name)},
                         {"value", text(entry.value)},
                         {"reason", text(entry.reason)}});
}

/// The word of an enumerator that may be absent.
template <class E>
Json optional_word(const std::optional<E>& value) {
    return value ? Json(word(*value)) : Json();
}

void put_inf(const InfInspection& inf, Json& into) {
    std::vector<std::string> bits;
    for (const auto bit : inf.key_usage.value_or(std::vector<KeyUsageBit>{})) bits.push_back(word(bit));
    std::vector<std::string> purposes;
    for (const auto& oid : inf.extended_key_usage) purposes.push_back(extended_key_usage_name(oid));
    into["encoding"] = text(inf.encoding);
    into["subject"] = planned_subject(inf.subject);
    into["dns_names"] = texts(inf.dns_names);
    into["ip_addresses"] = texts(inf.ip_addresses);
    into["other_names"] = list(inf.other_names, inf_name);
    into["key_usage"] = inf.key_usage ? texts(bits) : Json();
    into["extended_key_usage"] = texts(purposes);
    into["key"] = Json::object({{"algorithm", optional_word(inf.algorithm)},
                                {"hash", optional_word(inf.hash)},
                                {"purpose", optional_word(inf.purpose)},
                                {"exportable", inf.exportable ? Json(*inf.exportable) : Json()}});
    into["friendly_name"] = text(inf.friendly_name);
    into["certificate_template"] = text(inf.certificate_template);
    into["left_out"] = list(inf.unplaced, left_out);
}

Json compared_request(const std::optional<ComparedRequest>& compared) {
    if (!compared) return {};
    return Json::object({{"farm", text(compared->farm)},
                         {"request", text(compared->request)},
                         {"chosen_by_names", compared->chosen_by_names}});
}

Json inspected_file(const InspectedFile& file) {
    auto object = Json::object({{"file", text(file.file)}, {"type", text(word(file.type))}});
    if (file.request) put_request(*file.request, object);
    if (file.type == InspectedType::certificates) {
        object["certificates"] = list(file.certificates, certificate);
        object["chains"] = list(file.chains, chain);
    }
    if (file.statement) put_statement(file, object);
    if (file.inf) put_inf(*file.inf, object);
    if (file.request || file.inf || file.type == InspectedType::certificates)
        object["compared_with"] = compared_request(file.compared);
    object["findings"] = findings(file.findings);
    object["error"] = error_object(file.error);
    return object;
}

}  // namespace

std::string inspect_document(const std::vector<InspectedFile>& files) {
    return serialize(Json::object({{"schema", "hsmreq.inspect/1"}, {"files", list(files, inspected_file)}}));
}

}  // namespace hsmreq::evidence
