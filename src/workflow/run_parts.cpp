#include "workflow/run_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "base/host.hpp"

namespace hsmreq::workflow {

Error refused_by(const std::vector<Finding>& findings, const std::string& subject) {
    const auto first = std::ranges::find_if(findings, [](const Finding& finding) {
        return finding.severity == Severity::error && finding.accepted.empty();
    });
    return {.code = ExitCode::rules,
            .what = first->message,
            .where = first->where.empty() ? subject : subject + ": " + first->where,
            .hint = first->fix,
            .finding = first->id};
}

Status check_rules(const Plan& plan) {
    if (!refuses(plan.findings)) return {};
    return refused_by(plan.findings, plan.farm_file);
}

Error interrupted_run() {
    return {.code = ExitCode::interrupted, .what = "interrupted", .hint = "run again: it goes on where it stopped"};
}

Error interrupted_early() {
    return {.code = ExitCode::interrupted, .what = "interrupted"};
}

Error left_out(ExitCode code) {
    return {.code = code,
            .what = "not worked on: --fail-fast ended the run at an earlier failure",
            .hint = "run again once that is mended"};
}

Error call_timed_out(const token::CallTimeout& timeout) {
    return {
        .code = ExitCode::token,
        .what = fmt::format("{} did not come back within {} s", timeout.function, timeout.limit.count()),
        .where = timeout.token,
        .hint =
            "check the token's connection and run again: what it did meanwhile is found there; --timeout waits longer",
        .fault = TokenFault{timeout.function, 0, {}}};
}

RunHeader begin_run(const RequestOptions& options, const PlannedFarm& planned) {
    const std::string& farm = planned.plan.farm;
    return {
        .farm = farm,
        .farm_file = options.farm_file,
        .farm_file_sha256 = planned.farm_file_sha256,
        .date = to_text(options.plan.date),
        .time = timestamp(),
        .output_directory = options.output_directory.empty() ? "./" + farm + "-requests" : options.output_directory};
}

std::string shard_text(const RequestOptions& options) {
    return options.shard ? fmt::format("{}/{}", options.shard->index, options.shard->count) : "";
}

RunFacts make_facts(const PlannedFarm& planned, const RunScene& scene) {
    return {.farm = planned.farm,
            .plan = planned.plan,
            .options = scene.options,
            .weak_keys = scene.weak_keys,
            .directory = scene.directory,
            .observer = scene.observer,
            .farm_file_sha256 = planned.farm_file_sha256,
            .time = scene.time,
            .operator_name = operator_name(),
            .host = host_name()};
}

Result<OutputDirectory> open_directory(const RequestOptions& options, const std::string& path) {
    return options.dry_run ? OutputDirectory::open_existing(path) : OutputDirectory::open(path);
}

FileLock::Options lock_options(std::string what, const RequestOptions& options, RequestObserver& observer) {
    return {.what = std::move(what),
            .timeout = options.timeout,
            .waiting = [&observer](const std::string& text) { observer.notice(text); },
            .stop = [&observer] { return observer.interrupted(); }};
}

Result<FileLock> lock_directory(const RequestOptions& options, RequestObserver& observer,
                                const OutputDirectory& directory) {
    if (!directory.exists()) return FileLock();
    return FileLock::acquire(directory.descriptor(),
                             lock_options("output directory " + directory.path(), options, observer));
}

}  // namespace hsmreq::workflow
