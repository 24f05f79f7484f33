#include "workflow/inspect.hpp"

#include "base/file.hpp"
#include "base/try.hpp"
#include "workflow/key_findings.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::size_t inspect_limit = std::size_t{1} << 20;

Result<RequestInspection> read_request(const std::string& file) {
    TRY_ASSIGN(const auto bytes, file == "-" ? read_stdin(inspect_limit) : read_file(file, inspect_limit));
    return inspect_request(bytes);
}

Status judge_file(evidence::InspectedFile& file, const InspectOptions& options) {
    TRY_ASSIGN(auto request, read_request(file.file));
    file.type = "certification-request";
    file.request = std::move(request);
    TRY_ASSIGN(file.findings,
               request_findings(*file.request, {.where = file.file, .ca = options.ca, .weak_keys = options.weak_keys}));
    return {};
}

evidence::InspectedFile inspect_file(const std::string& file, const InspectOptions& options) {
    evidence::InspectedFile result{.file = file, .type = {}, .request = {}, .findings = {}, .error = {}};
    if (auto judged = judge_file(result, options); !judged) {
        result.error = std::move(judged).error();
        if (result.error->where.empty()) result.error->where = file;
    }
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
    for (const auto& file : files)
        if (file.error) return file.error->code;
    for (const auto& file : files)
        if (refuses(file.findings)) return ExitCode::rules;
    return ExitCode::ok;
}

}  // namespace hsmreq::workflow
