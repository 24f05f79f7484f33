// hsmreq inspect: everything that a certification request says.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/report.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"
#include "hsmreq/plan.hpp"
#include "workflow/inspect.hpp"

namespace hsmreq::cli {
namespace {

using evidence::InspectedFile;

std::string criticality(bool critical) {
    return critical ? "critical" : "not critical";
}

/// Long octet strings are cut unless all is asked for.
std::string octets(BytesView bytes, bool verbose) {
    constexpr std::size_t shown = 16;
    if (verbose || bytes.size() <= shown) return to_hex(bytes);
    return fmt::format("{}... ({} bytes)", to_hex(bytes.first(shown)), bytes.size());
}

std::string subject_lines(const RequestInspection& request) {
    if (request.subject.empty()) return labelled("subject", "(empty)");
    std::string text = labelled("subject", printable(request.subject_text));
    for (const auto& attribute : request.subject)
        text += labelled("", fmt::format("{} = {} ({})", printable(attribute.type), printable(attribute.value),
                                         printable(attribute.encoding)));
    return text;
}

std::string key_lines(const RequestInspection& request, bool verbose) {
    const PublicKey& key = request.public_key;
    std::string text = labelled("public key", printable(request.public_key_algorithm));
    if (!key.modulus.empty()) {
        text += labelled("", "modulus " + octets(key.modulus, verbose));
        text += labelled("", "exponent " + octets(key.public_exponent, true));
    }
    if (!key.curve_oid.empty()) text += labelled("", "curve " + printable(key.curve_oid));
    if (!key.point.empty()) text += labelled("", "point " + octets(key.point, verbose));
    return text + labelled("", "SHA-256 " + printable(request.public_key_sha256));
}

std::string name_lines(const RequestInspection& request) {
    std::vector<std::string> names;
    for (const auto& name : request.subject_alternative_names)
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

std::string extension_lines(const RequestInspection& request, bool verbose) {
    std::vector<std::string> lines;
    for (const auto& extension : request.extensions) {
        const std::string oid = extension.name == extension.oid ? "" : fmt::format(" ({})", printable(extension.oid));
        lines.push_back(fmt::format("{}{} [{}] {}", printable(extension.name), oid, criticality(extension.critical),
                                    octets(extension.value, verbose)));
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

std::string request_text(const RequestInspection& request, bool verbose, const Style& style) {
    const std::string form =
        request.pem_label.empty() ? "DER" : fmt::format("PEM, \"{}\"", printable(request.pem_label));
    const std::string verdict =
        request.signature_valid ? "valid" : style.severity(Severity::error, "INVALID: it does not verify");
    std::string text = labelled("type", fmt::format("PKCS#10 certification request ({})", form));
    text += labelled("version", fmt::format("{} (INTEGER {})", request.version + 1, request.version));
    text += subject_lines(request);
    text += name_lines(request);
    text += key_lines(request, verbose);
    text += usage_line("key usage", request.key_usage, false);
    text += usage_line("extended key usage", request.extended_key_usage, true);
    text += extension_lines(request, verbose);
    text += attribute_lines(request);
    text += labelled("signature", fmt::format("{}, {}", printable(request.signature_algorithm), verdict));
    return text + labelled("request SHA-256", printable(request.der_sha256));
}

std::string files_text(const std::vector<InspectedFile>& files, const OutputFlags& flags) {
    const Style style(flags.color, STDOUT_FILENO);
    std::string text;
    for (const auto& file : files) {
        if (!file.request) continue;  // its error says all there is to say
        const auto findings = flags.quiet ? refusing(file.findings) : file.findings;
        if (flags.quiet) {
            text += findings_text(findings, style);
            continue;
        }
        if (!text.empty()) text += "\n";
        text += style.heading(file.file == "-" ? "standard input" : printable(file.file)) + "\n";
        text += request_text(*file.request, flags.verbose, style);
        if (!findings.empty()) text += style.heading("Findings") + "\n" + findings_text(findings, style);
    }
    return text;
}

std::vector<Error> errors_of(const std::vector<InspectedFile>& files) {
    std::vector<Error> errors;
    for (const auto& file : files) {
        if (file.error) {
            errors.push_back(*file.error);
        } else if (refuses(file.findings)) {
            errors.push_back(refusal(file.findings, file.file));
        }
    }
    return errors;
}

}  // namespace

ExitCode run_inspect(const Arguments& arguments) {
    const auto files = workflow::inspect(arguments.files, {});
    Ending ending;
    ending.code = workflow::exit_code(files);
    ending.errors = errors_of(files);
    ending.output = arguments.output.json ? evidence::inspect_document(files) : files_text(files, arguments.output);
    return finish(ending, arguments.output);
}

}  // namespace hsmreq::cli
