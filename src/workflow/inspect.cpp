#include "workflow/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/try.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::size_t inspect_limit = std::size_t{1} << 20;
constexpr auto request_type = "certification-request";
constexpr auto malformed_id = "csr.malformed";

Result<RequestInspection> read_request(const std::string& file) {
    TRY_ASSIGN(const auto bytes, file == "-" ? read_stdin(inspect_limit) : read_file(file, inspect_limit));
    return inspect_request(bytes);
}

Finding bad_signature(const std::string& file) {
    return {
        .id = "csr.bad-signature",
        .severity = Severity::error,
        .message = "the request's signature does not verify under the public key it carries",
        .where = file,
        .fix = "make the request again; do not send this one to a CA",
        .source = "RFC 2986, section 3",
    };
}

Finding malformed(const std::string& file, const std::string& problem) {
    return {
        .id = malformed_id,
        .severity = Severity::error,
        .message = problem,
        .where = file,
        .fix = "make the request again with a tool that encodes it correctly",
        .source = "RFC 2986; RFC 5280, section 4.2",
    };
}

evidence::InspectedFile inspect_file(const std::string& file) {
    evidence::InspectedFile result{.file = file, .type = {}, .request = {}, .findings = {}, .error = {}};
    auto request = read_request(file);
    if (!request) {
        result.error = std::move(request).error();
        if (result.error->where.empty()) result.error->where = file;
        if (result.error->finding != malformed_id) return result;
        result.type = request_type;
        result.findings.push_back(malformed(file, result.error->what));
        result.error->code = ExitCode::rules;
        return result;
    }
    result.type = request_type;
    result.request = std::move(request).value();
    if (!result.request->signature_valid) result.findings.push_back(bad_signature(file));
    for (const auto& problem : result.request->problems) result.findings.push_back(malformed(file, problem));
    return result;
}

}  // namespace

std::vector<evidence::InspectedFile> inspect(const std::vector<std::string>& files) {
    std::vector<evidence::InspectedFile> results;
    results.reserve(files.size());
    std::ranges::transform(files, std::back_inserter(results), inspect_file);
    return results;
}

ExitCode exit_code(const std::vector<evidence::InspectedFile>& files) {
    for (const auto& file : files) {
        if (file.error) return file.error->code;
        if (refuses(file.findings)) return ExitCode::rules;
    }
    return ExitCode::ok;
}

}  // namespace hsmreq::workflow
