#include "cli/inspect_text.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/clock.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "cli/table.hpp"
#include "hsmreq/plan.hpp"

namespace hsmreq::cli {
namespace {

std::string criticality(bool critical) {
    return critical ? "critical" : "not critical";
}

/// Long octet strings are cut unless all is asked for.
std::string octets(BytesView bytes, bool verbose) {
    constexpr std::size_t shown = 16;
    if (verbose || bytes.size() <= shown) return to_hex(bytes);
    return fmt::format("{}... ({} bytes)", to_hex(bytes.first(shown)), bytes.size());
}

std::string distinguished_name_lines(std::string_view label, const std::vector<NameAttribute>& name,
                                     const std::string& in_one) {
    if (name.empty()) return labelled(label, "(empty)");
    std::string text = labelled(label, printable(in_one));
    for (const auto& attribute : name)
        text += labelled("", fmt::format("{} = {} ({})", printable(attribute.type), printable(attribute.value),
                                         printable(attribute.encoding)));
    return text;
}

std::string key_lines(const SubjectInspection& subject, bool verbose) {
    const PublicKey& key = subject.public_key;
    std::string text = labelled("public key", printable(subject.public_key_algorithm));
    if (!key.modulus.empty()) {
        text += labelled("", "modulus " + octets(key.modulus, verbose));
        text += labelled("", "exponent " + octets(key.public_exponent, true));
    }
    if (!key.curve_oid.empty()) text += labelled("", "curve " + printable(key.curve_oid));
    if (!key.point.empty()) text += labelled("", "point " + octets(key.point, verbose));
    return text + labelled("", "SHA-256 " + printable(subject.public_key_sha256));
}

std::string name_lines(const SubjectInspection& subject) {
    std::vector<std::string> names;
    for (const auto& name : subject.subject_alternative_names)
        names.push_back(fmt::format("{}: {}", printable(name.type), printable(name.value)));
    return labelled("alternative names", names.empty() ? std::vector<std::string>{"(none)"} : names);
}

std::string usage_line(std::string_view label, const std::optional<std::pair<bool, std::vector<std::string>>>& usage,
                       bool words_for_oids) {
    if (!usage) return labelled(label, "(none)");
    std::vector<std::string> names;
    for (const auto& name : usage->second) {
        const std::string word = words_for_oids ? extended_key_usage_name(name) : name;
        names.push_back(word == name ? printable(name) : fmt::format("{} ({})", printable(word), printable(name)));
    }
    return labelled(label, fmt::format("{} [{}]", join(names, ", "), criticality(usage->first)));
}

/// What the extension says, where that is known, else its octets.
std::string value_text(const ExtensionInfo& extension, bool verbose) {
    if (extension.text.empty()) return octets(extension.value, verbose);
    const std::string text = printable(extension.text);
    return verbose ? fmt::format("{} = {}", octets(extension.value, true), text) : text;
}

std::string extension_lines(const SubjectInspection& subject, bool verbose) {
    std::vector<std::string> lines;
    for (const auto& extension : subject.extensions) {
        const std::string oid = extension.name == extension.oid ? "" : fmt::format(" ({})", printable(extension.oid));
        lines.push_back(fmt::format("{}{} [{}] {}", printable(extension.name), oid, criticality(extension.critical),
                                    value_text(extension, verbose)));
    }
    return labelled("extensions", lines.empty() ? std::vector<std::string>{"(none)"} : lines);
}

std::string attribute_lines(const RequestInspection& request) {
    std::vector<std::string> lines;
    for (const auto& attribute : request.attributes) {
        const std::string oid = attribute.name == attribute.oid ? "" : fmt::format(" ({})", printable(attribute.oid));
        lines.push_back(fmt::format("{}{} {}", printable(attribute.name), oid, printable(attribute.value)));
    }
    return labelled("attributes", lines.empty() ? std::vector<std::string>{"(none)"} : lines);
}

/// "PEM, "CERTIFICATE"", or how else the bytes stood in the file.
std::string form_of(const SubjectInspection& subject) {
    return subject.pem_label.empty() ? "DER" : fmt::format("PEM, \"{}\"", printable(subject.pem_label));
}

std::string list_lines(std::string_view label, const std::vector<std::string>& values) {
    std::vector<std::string> shown;
    for (const auto& value : values) shown.push_back(printable(value));
    return shown.empty() ? "" : labelled(label, shown);
}

std::string constraints_text(const std::optional<BasicConstraints>& constraints) {
    if (!constraints) return "(none)";
    std::string text = constraints->ca ? "a CA" : "no CA";
    if (constraints->path_length) text += fmt::format(", path length {}", *constraints->path_length);
    return fmt::format("{} [{}]", text, criticality(constraints->critical));
}

std::string issuance_lines(const CertificateInspection& one) {
    std::string text = labelled("serial", printable(one.serial));
    text += labelled("issuer", one.issuer.empty() ? "(empty)" : printable(one.issuer_text));
    return text + labelled("valid", {"from " + to_text(one.not_before), "to   " + to_text(one.not_after)});
}

std::string certificate_text(const CertificateInspection& one, bool verbose) {
    std::string text = labelled("type", fmt::format("X.509 certificate ({})", form_of(one)));
    text += labelled("version", fmt::format("{} (INTEGER {})", one.version + 1, one.version));
    text += distinguished_name_lines("subject", one.subject, one.subject_text);
    text += issuance_lines(one);
    text += name_lines(one);
    text += key_lines(one, verbose);
    text += usage_line("key usage", one.key_usage, false);
    text += usage_line("extended key usage", one.extended_key_usage, true);
    text += labelled("basic constraints", constraints_text(one.basic_constraints));
    text += list_lines("issuer's certificate", one.issuer_urls);
    text += list_lines("OCSP", one.ocsp_urls);
    text += list_lines("CRL", one.crl_urls);
    text += list_lines("policies", one.policies);
    text += labelled("log timestamps", one.timestamps == 0 ? "(none)" : std::to_string(one.timestamps));
    if (verbose) text += extension_lines(one, verbose);
    text += labelled("signature", printable(one.signature_algorithm));
    text += labelled("SHA-256", printable(one.der_sha256));
    return text + labelled("SHA-1", printable(one.sha1));
}

std::string request_text(const RequestInspection& request, bool verbose, const Style& style) {
    const std::string verdict =
        request.signature_valid ? "valid" : style.severity(Severity::error, "INVALID: it does not verify");
    std::string text = labelled("type", fmt::format("PKCS#10 certification request ({})", form_of(request)));
    text += labelled("version", fmt::format("{} (INTEGER {})", request.version + 1, request.version));
    text += distinguished_name_lines("subject", request.subject, request.subject_text);
    text += name_lines(request);
    text += key_lines(request, verbose);
    text += usage_line("key usage", request.key_usage, false);
    text += usage_line("extended key usage", request.extended_key_usage, true);
    text += extension_lines(request, verbose);
    text += attribute_lines(request);
    text += labelled("signature", fmt::format("{}, {}", printable(request.signature_algorithm), verdict));
    return text + labelled("request SHA-256", printable(request.der_sha256));
}

/// "1: leaf, 2: ..., trusted root ...", one line a certificate.
std::string chain_text(const evidence::InspectedFile& file, const evidence::InspectedChain& chain, const Style& style) {
    std::vector<std::string> lines;
    for (const auto index : chain.order)
        lines.push_back(fmt::format("certificate {}: {}", index + 1, printable(file.certificates[index].subject_text)));
    const bool holds_root = !chain.order.empty() && file.certificates[chain.order.back()].self_issued;
    if (!chain.root.empty() && !holds_root) lines.push_back("root: " + printable(chain.root));
    lines.push_back(chain.holds ? "holds" : style.severity(Severity::error, "DOES NOT HOLD: see the findings"));
    return labelled("chain", lines);
}

std::string certificates_text(const evidence::InspectedFile& file, bool verbose, const Style& style) {
    std::string text;
    for (std::size_t i = 0; i < file.certificates.size(); ++i) {
        if (file.certificates.size() > 1)
            text += style.heading(fmt::format("Certificate {} of {}", i + 1, file.certificates.size())) + "\n";
        text += certificate_text(file.certificates[i], verbose);
    }
    if (file.certificates.size() > 1 && !file.chains.empty()) text += style.heading("Chains") + "\n";
    for (const auto& chain : file.chains) text += chain_text(file, chain, style);
    return text;
}

std::string subject_of_statement(const evidence::InspectedSubject& subject) {
    const std::string name = printable(subject.stated.name);
    if (subject.found_sha256.empty()) return fmt::format("{}: not here to compare", name);
    return fmt::format("{}: {}", name, subject.found_sha256 == subject.stated.sha256 ? "as stated" : "DIFFERS");
}

std::string signatures_text(const evidence::InspectedFile& file) {
    if (!file.envelope) return labelled("signature", "none beside it");
    std::vector<std::string> lines;
    for (const auto& signature : file.envelope->signatures)
        lines.push_back(fmt::format("{}, key {}",
                                    !signature.verified   ? "not checked (--evidence-key)"
                                    : *signature.verified ? "verified"
                                                          : "DOES NOT VERIFY",
                                    signature.keyid.empty() ? "not named" : printable(signature.keyid)));
    if (!file.envelope->file.empty()) lines.push_back("in " + printable(file.envelope->file));
    return labelled("signature", lines);
}

std::string statement_text(const evidence::InspectedFile& file, bool verbose) {
    const auto& one = *file.statement;
    const bool in_envelope = file.type == evidence::InspectedType::envelope;
    std::string text =
        labelled("type", fmt::format("{}evidence of hsmreq (in-toto statement{}), {}", in_envelope ? "signed " : "",
                                     in_envelope ? " in a DSSE envelope" : "", printable(one.predicate_type)));
    text += signatures_text(file);
    std::vector<std::string> subjects;
    for (const auto& subject : file.subjects) {
        subjects.push_back(subject_of_statement(subject));
        subjects.push_back("  SHA-256 " + printable(subject.stated.sha256));
    }
    text += labelled("about", subjects);
    const std::array<std::pair<std::string_view, const std::string*>, 16> lines{{
        {"farm", &one.farm},
        {"request", &one.request},
        {"member", &one.member},
        {"token", &one.token},
        {"module", &one.module},
        {"key", &one.key_uri},
        {"key algorithm", &one.algorithm},
        {"key policy", &one.policy},
        {"key origin", &one.origin},
        {"wrap probe", &one.probe},
        {"signed by", &one.mechanism},
        {"made", &one.time},
        {"by", &one.operator_name},
        {"on", &one.host},
        {"because", &one.reason},
        {"with", &one.tool},
    }};
    for (const auto& [label, value] : lines)
        if (!value->empty()) text += labelled(label, printable(*value));
    std::vector<std::string> claims;
    for (const auto& claim : one.claims)
        if (verbose || claim.verdict != "as-asked" || claim.attribute == "CKA_EXTRACTABLE" ||
            claim.attribute == "CKA_SENSITIVE" || claim.attribute == "CKA_LOCAL")
            claims.push_back(
                printable(fmt::format("{} {} = {} ({}, {})", claim.object, claim.attribute,
                                      claim.read.empty() ? "?" : claim.read, claim.verdict, claim.source)));
    text += list_lines("claims", claims);
    return text + list_lines("checks", one.checks);
}

std::string inf_text(const InfInspection& inf) {
    std::string text = labelled("type", fmt::format("certreq policy file, INF ({})", printable(inf.encoding)));
    text +=
        labelled("subject", inf.subject.common_name.empty() ? "(none)" : "CN=" + printable(inf.subject.common_name));
    text += list_lines("DNS names", inf.dns_names);
    text += list_lines("IP addresses", inf.ip_addresses);
    std::vector<std::string> lines;
    for (const auto& name : inf.other_names) lines.push_back(name.type + ": " + name.value);
    text += list_lines("other names", lines);
    lines.clear();
    for (const auto bit : inf.key_usage.value_or(std::vector<KeyUsageBit>{})) lines.emplace_back(to_name(bit));
    text += labelled("key usage", lines.empty() ? "(none)" : join(lines, ", "));
    lines.clear();
    for (const auto& oid : inf.extended_key_usage) lines.push_back(printable(extended_key_usage_name(oid)));
    text += labelled("extended key usage", lines.empty() ? "(none)" : join(lines, ", "));
    text +=
        labelled("key", inf.algorithm ? std::string(to_name(*inf.algorithm)) : "of a kind that hsmreq does not make");
    text += labelled("hash", inf.hash ? std::string(to_name(*inf.hash)) : "SHA-1 or older");
    if (inf.exportable) text += labelled("exportable", *inf.exportable ? "yes" : "no");
    text += list_lines("friendly name",
                       inf.friendly_name.empty() ? std::vector<std::string>{} : std::vector{inf.friendly_name});
    lines.clear();
    for (const auto& entry : inf.unplaced)
        lines.push_back(fmt::format("{} ({}): {}", entry.name, entry.where, entry.reason));
    return text + list_lines("no farm file's", lines);
}

}  // namespace

std::string inspected_text(const evidence::InspectedFile& file, bool verbose, const Style& style) {
    std::string text;
    if (file.request) text = request_text(*file.request, verbose, style);
    if (file.inf) text = inf_text(*file.inf);
    if (file.statement) text = statement_text(file, verbose);
    if (!file.certificates.empty()) text = certificates_text(file, verbose, style);
    if (file.compared)
        text += labelled(
            "compared with",
            fmt::format("request {} of farm {}{}", printable(file.compared->request), printable(file.compared->farm),
                        file.compared->chosen_by_names ? ", whose names fit best (--request picks another)" : ""));
    return text;
}

}  // namespace hsmreq::cli
