#include "workflow/inspect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "evidence/statement.hpp"
#include "hsmreq/inf.hpp"
#include "plan/content.hpp"
#include "plan/rules.hpp"
#include "workflow/certificate_findings.hpp"
#include "workflow/inspect_evidence.hpp"
#include "workflow/issuing_roots.hpp"
#include "workflow/key_findings.hpp"
#include "workflow/plan.hpp"
#include "x509/certificate_file.hpp"

namespace hsmreq::workflow {
namespace {

using evidence::InspectedFile;
using evidence::InspectedType;

constexpr std::size_t inspect_limit = std::size_t{1} << 20;
constexpr auto malformed_id = "csr.malformed";

/// What holds for all files of one run.
struct Run {
    const InspectOptions& options;
    std::optional<PlannedFarm> farm;
    std::optional<x509::WeakKeyList> weak_keys;
    std::optional<IssuingRoots> roots;  ///< read when the first certificate asks for them
    Yardstick yardstick;
    std::optional<EvidencePublicKey> evidence_key;
};

void append(std::vector<Finding> more, std::vector<Finding>& findings) {
    std::ranges::move(more, std::back_inserter(findings));
}

/// The planned request that a file is compared with; null without a farm.
const RequestPlan* request_to_compare(const SubjectInspection& subject, const Run& run, InspectedFile& file) {
    if (!run.farm || run.farm->plan.requests.empty()) return nullptr;
    const auto& requests = run.farm->plan.requests;
    const bool chosen = run.options.request.empty();
    const auto found = chosen ? requests.begin() + static_cast<std::ptrdiff_t>(plan::best_fit(subject, requests))
                              : std::ranges::find(requests, run.options.request, &RequestPlan::name);
    file.compared = {run.farm->plan.farm, found->name, chosen};
    return &*found;
}

plan::Content content_of(const SubjectInspection& subject, const InspectedFile& file, const Run& run) {
    return {.subject = subject,
            .name = file.file,
            .where = file.file,
            .product = run.yardstick.product,
            .ca = run.yardstick.authority(),
            .date = run.yardstick.date};
}

void compare(const plan::Content& content, const Run& run, InspectedFile& file) {
    if (const auto* request = request_to_compare(content.subject, run, file))
        append(plan::compare_with_plan(content, *request), file.findings);
}

constexpr const char* kinds_that_are_read =
    "it reads certification requests (PEM, DER), certificates (PEM, DER, PKCS#7), INF files of certreq and evidence";

Status judge_request_file(BytesView bytes, const Run& run, InspectedFile& file) {
    auto request = inspect_request(bytes);
    if (!request) {
        Error error = std::move(request).error();
        if (error.finding.empty()) error.hint = kinds_that_are_read;
        return error;
    }
    file.request = std::move(*request);
    file.type = InspectedType::request;
    TRY_ASSIGN(file.findings, judge_request(*file.request, file.file, run.yardstick));
    compare(content_of(*file.request, file, run), run, file);
    return {};
}

std::string place_of(const InspectedFile& file, std::size_t index) {
    if (file.certificates.size() == 1) return file.file;
    return fmt::format("{}, certificate {}", file.file, index + 1);
}

void judge_chains(const std::vector<x509::Chain>& chains, const Run& run, InspectedFile& file) {
    std::vector<bool> used(file.certificates.size(), false);
    for (const auto& chain : chains) {
        file.chains.push_back({chain.order, chain.root, chain.holds()});
        for (const auto index : chain.order) used[index] = true;
        const std::string where = chain.order.empty() ? file.file : place_of(file, chain.order.front());
        append(judge_chain(chain, where, run.roots->given), file.findings);
    }
    // A file of CAs alone is no server's chain, and none of them is too many.
    const bool serves = std::ranges::any_of(file.certificates, [](const auto& one) { return !is_ca(one); });
    for (std::size_t i = 0; serves && i < used.size(); ++i) {
        const auto& certificate = file.certificates[i];
        const bool repeated =
            std::any_of(file.certificates.begin(), file.certificates.begin() + static_cast<long>(i),
                        [&](const auto& other) { return other.der_sha256 == certificate.der_sha256; });
        if (!used[i] && !repeated)
            file.findings.push_back(
                plan::make_finding("cert.not-in-chain", place_of(file, i), {printable(certificate.subject_text)}));
    }
}

Status judge_certificate_file(BytesView bytes, Run& run, InspectedFile& file) {
    TRY_ASSIGN(file.certificates, inspect_certificates(bytes));
    file.type = InspectedType::certificates;
    for (std::size_t i = 0; i < file.certificates.size(); ++i) {
        TRY_ASSIGN(auto findings,
                   judge_certificate({file.certificates[i], file.file, place_of(file, i)}, run.yardstick));
        append(std::move(findings), file.findings);
    }
    if (!run.roots) {
        TRY_ASSIGN(run.roots, issuing_roots(run.farm ? &run.farm->farm : nullptr));
    }
    TRY_ASSIGN(const auto chains, x509::verify_chains(file.certificates, run.roots->store, run.yardstick.now));
    judge_chains(chains, run, file);
    for (const auto& chain : chains) {
        if (chain.order.empty() || is_ca(file.certificates[chain.order.front()])) continue;
        auto content = content_of(file.certificates[chain.order.front()], file, run);
        content.is_certificate = true;
        content.where = place_of(file, chain.order.front());
        compare(content, run, file);
    }
    return {};
}

/// True for text, in whatever encoding, with the section that makes an INF file one for certreq.
bool looks_like_inf(BytesView bytes) {
    std::string text = to_lower(as_text(bytes));
    std::erase(text, '\0');  // UTF-16
    std::size_t line = 0;
    while (line < text.size()) {
        const auto begin = text.find_first_not_of(" \t\r", line);
        if (begin != std::string::npos && text.compare(begin, 12, "[newrequest]") == 0) return true;
        line = text.find('\n', line);
        if (line == std::string::npos) return false;
        ++line;
    }
    return false;
}

/// What the request would carry that certreq makes of the file.
SubjectInspection subject_of(const InfInspection& inf) {
    SubjectInspection subject;
    const auto add = [&subject](const char* type, const std::string& value) {
        if (!value.empty()) subject.subject.push_back({type, value, ""});
    };
    add("C", inf.subject.fields.country);
    add("ST", inf.subject.fields.state);
    add("L", inf.subject.fields.locality);
    add("O", inf.subject.fields.organization);
    add("OU", inf.subject.fields.organizational_unit);
    add("CN", inf.subject.common_name);
    for (const auto& name : inf.dns_names) subject.subject_alternative_names.push_back({"dns", name});
    for (const auto& address : inf.ip_addresses) subject.subject_alternative_names.push_back({"ip", address});
    if (inf.key_usage) {
        subject.key_usage.emplace(true, std::vector<std::string>{});
        for (const auto bit : *inf.key_usage) subject.key_usage->second.emplace_back(to_name(bit));
    }
    if (!inf.extended_key_usage.empty()) subject.extended_key_usage.emplace(false, inf.extended_key_usage);
    subject.public_key_algorithm = inf.algorithm ? to_name(*inf.algorithm) : "of another kind";
    return subject;
}

Status judge_inf(BytesView bytes, const Run& run, InspectedFile& file) {
    TRY_ASSIGN(file.inf, inspect_inf(bytes, file.file));
    file.type = InspectedType::inf;
    file.findings = file.inf->findings;
    const auto subject = subject_of(*file.inf);
    const auto content = content_of(subject, file, run);
    // The reader of the file has said some of it, with the line.
    for (auto& finding : plan::judge_content(content))
        if (std::ranges::find(file.findings, finding.id, &Finding::id) == file.findings.end())
            file.findings.push_back(std::move(finding));
    compare(content, run, file);
    return {};
}

Status judge_file(Run& run, InspectedFile& file) {
    TRY_ASSIGN(const auto bytes, file.file == "-" ? read_stdin(inspect_limit) : read_file(file.file, inspect_limit));
    if (evidence::looks_like_json(bytes)) return judge_evidence(bytes, run.evidence_key, file);
    if (looks_like_inf(bytes)) return judge_inf(bytes, run, file);
    if (!x509::holds_certificates(bytes)) return judge_request_file(bytes, run, file);
    if (x509::holds_request_in_pem(bytes))
        return Error{ExitCode::input, "the file holds a certification request and certificates", "",
                     "put the request into a file of its own"};
    return judge_certificate_file(bytes, run, file);
}

InspectedFile inspect_file(const std::string& name, Run& run) {
    InspectedFile file{.file = name};
    if (auto judged = judge_file(run, file); !judged) {
        file = {.file = name, .error = std::move(judged).error()};
        if (file.error->where.empty()) file.error->where = name;
        if (file.error->finding == malformed_id) {
            file.type = InspectedType::request;
            file.findings.push_back(plan::make_finding(malformed_id, name, {file.error->what}));
            file.error->code = ExitCode::rules;
        }
    }
    if (run.farm) plan::apply_waivers(run.farm->farm.rules, run.yardstick.date, file.findings);
    return file;
}

Status take_farm(Run& run) {
    const auto& options = run.options;
    run.yardstick.date = options.date;
    run.yardstick.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    run.yardstick.ca = options.ca;
    if (options.farm_file.empty()) return {};
    TRY_ASSIGN(run.farm, plan_farm(options.farm_file, {.date = options.date}));
    const Farm& farm = run.farm->farm;
    if (!options.request.empty() && std::ranges::find(run.farm->plan.requests, options.request, &RequestPlan::name) ==
                                        run.farm->plan.requests.end())
        return Error{ExitCode::input, fmt::format("the farm plans no request \"{}\"", printable(options.request)),
                     options.farm_file, fmt::format("hsmreq plan {} lists them", printable(options.farm_file))};
    run.yardstick.product = farm.product;
    run.yardstick.ca = options.ca.value_or(farm.ca);
    TRY_ASSIGN(run.weak_keys, load_weak_key_list(farm.rules.weak_key_list));
    if (run.weak_keys) run.yardstick.weak_keys = &*run.weak_keys;
    return {};
}

}  // namespace

Result<std::vector<InspectedFile>> inspect(const InspectOptions& options) {
    Run run{options, {}, {}, {}, {}, {}};
    TRY(take_farm(run));
    if (!options.evidence_key_file.empty()) {
        TRY_ASSIGN(run.evidence_key, read_evidence_public_key(options.evidence_key_file));
    }
    std::vector<InspectedFile> results;
    results.reserve(options.files.size());
    for (const auto& file : options.files) results.push_back(inspect_file(file, run));
    return results;
}

ExitCode exit_code(const std::vector<InspectedFile>& files) {
    for (const auto& file : files) {
        if (file.error) return file.error->code;
        if (refuses(file.findings)) return ExitCode::rules;
    }
    return ExitCode::ok;
}

}  // namespace hsmreq::workflow
