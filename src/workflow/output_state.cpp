#include "workflow/output_state.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "evidence/documents.hpp"
#include "evidence/envelope.hpp"
#include "plan/rules.hpp"

namespace hsmreq::workflow {
namespace {

constexpr std::size_t published_file_limit = std::size_t{1} << 20;
constexpr std::size_t summary_limit = std::size_t{256} << 20;

Error renamed_or_dropped(const OutputDirectory& directory, const std::string& what) {
    return plan::make_error("key.renamed-or-dropped", ExitCode::rules, directory.path(), {what});
}

}  // namespace

ItemFiles item_files(const RequestPlan& request, const KeyIdentity& identity) {
    const std::string stem = file_stem(request, identity);
    const bool binary = request.file_format == FileFormat::binary;
    return {
        .csr = stem + (binary ? ".p10" : ".csr"),
        .other_csr = stem + (binary ? ".csr" : ".p10"),
        .evidence = stem + ".evidence.json",
        .envelope = evidence::envelope_name(stem + ".evidence.json"),
        .certificate = stem + ".pem",
    };
}

std::string former_file(const std::string& name, const std::string& stem, const std::string& serial) {
    return stem + "." + serial + name.substr(stem.size());
}

PublishedItem read_published(const OutputDirectory& directory, const ItemFiles& files) {
    PublishedItem item;
    if (!directory.exists()) return item;
    item.csr_exists = directory.has(files.csr);
    item.other_csr_exists = directory.has(files.other_csr);
    item.evidence_exists = directory.has(files.evidence);
    if (item.csr_exists || item.other_csr_exists) {
        const std::string& name = item.csr_exists ? files.csr : files.other_csr;
        auto content = directory.read(name, published_file_limit);
        auto request = content ? inspect_request(*content) : Result<RequestInspection>(content.error());
        if (request) {
            item.csr = std::move(request).value();
        } else {
            item.csr_problem = request.error().what;
        }
        if (content) item.csr_content = std::move(content).value();
    }
    if (item.evidence_exists) {
        if (auto content = directory.read(files.evidence, published_file_limit)) {
            item.evidence = evidence::read_evidence(*content);
            item.evidence_content = std::move(content).value();
        }
    }
    return item;
}

Status check_former_summary(const OutputDirectory& directory, const std::string& name, const Plan& plan) {
    if (!directory.exists() || !directory.has(name)) return {};
    const auto content = directory.read(name, summary_limit);
    const auto former =
        content ? evidence::read_request_document(*content) : Result<evidence::FormerSummary>(content.error());
    if (!former) {
        return Error{
            .code = ExitCode::output,
            .what = fmt::format("{} is not a summary of this program: {}", name, former.error().what),
            .where = directory.path(),
            .hint = "move it away, or use another --out",
        };
    }
    if (former->farm != plan.farm) {
        return renamed_or_dropped(directory, fmt::format("the directory holds the requests of farm {}, not of {}",
                                                         printable(former->farm), plan.farm));
    }
    for (const auto& item : former->items) {
        const bool planned = std::ranges::any_of(plan.items, [&](const PlanItem& candidate) {
            return plan.requests[candidate.request].name == item.request && candidate.member == item.member;
        });
        if (planned) continue;
        const std::string member = item.member.empty() ? "" : " on member " + printable(item.member);
        return renamed_or_dropped(directory,
                                  fmt::format("request {}{} was made here before and the farm file no longer has it",
                                              printable(item.request), member));
    }
    return {};
}

}  // namespace hsmreq::workflow
