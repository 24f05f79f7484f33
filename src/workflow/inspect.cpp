#include "workflow/inspect.hpp"

#include "base/file.hpp"
#include "base/try.hpp"
#include "plan/inspection_rules.hpp"
#include "workflow/key_findings.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::size_t inspect_limit = std::size_t{1} << 20;
constexpr auto request_type = "certification-request";
constexpr auto malformed_id = "csr.malformed";

Result<RequestInspection> read_request(const std::string& file) {
    TRY_ASSIGN(const auto bytes, file == "-" ? read_stdin(inspect_limit) : read_file(file, inspect_limit));
    return inspect_request(bytes);
}

Status judge_file(evidence::InspectedFile& file, const InspectOptions& options) {
    TRY_ASSIGN(auto request, read_request(file.file));
    file.type = request_type;
    file.request = std::move(request);
    TRY_ASSIGN(file.findings,
               request_findings(*file.request, {.where = file.file, .ca = options.ca, .weak_keys = options.weak_keys}));
    return {};
}

evidence::InspectedFile inspect_file(const std::string& file, const InspectOptions& options) {
    evidence::InspectedFile result{.file = file, .type = {}, .request = {}, .findings = {}, .error = {}};
    auto judged = judge_file(result, options);
    if (judged) return result;
    result.error = std::move(judged).error();
    if (result.error->where.empty()) result.error->where = file;
    if (result.error->finding != malformed_id) return result;
    result.type = request_type;
    result.findings.push_back(plan::inspection_finding(malformed_id, file, {result.error->what}));
    result.error->code = ExitCode::rules;
    return result;
}

}  // namespace

std::vector<evidence::InspectedFile> inspect(const std::vector<std::string>& files, const InspectOptions& options) {
    std::vector<evidence::InspectedFile> results;
    results.reserve(files.size());
    for (const auto& file : files) results.push_back(inspect_file(file, options));
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
