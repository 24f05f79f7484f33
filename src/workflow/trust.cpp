#include "hsmreq/trust.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/file.hpp"
#include "base/try.hpp"
#include "deploy/windows_script.hpp"
#include "plan/backends.hpp"
#include "plan/rules.hpp"
#include "workflow/held_certificates.hpp"
#include "workflow/internal_roots.hpp"
#include "workflow/issuing_roots.hpp"
#include "workflow/output_file.hpp"
#include "workflow/plan.hpp"
#include "workflow/run_parts.hpp"
#include "workflow/trust_anchor.hpp"
#include "workflow/trust_backend.hpp"
#include "x509/certificate_file.hpp"

namespace hsmreq::workflow {
namespace {

constexpr const char* bundle_name = "internal-ca-bundle.pem";

class TrustRun {
public:
    TrustRun(const TrustOptions& options, const TrustContext& context, const PlannedFarm& planned)
        : options_(options),
          context_(context),
          planned_(planned),
          summary_(begin_summary<TrustSummary>(options.run, planned)) {
        // What is internal is certified by a private CA, whoever certifies the listeners.
        yardstick_.ca = CertificateAuthority::private_ca;
        yardstick_.date = options.run.plan.date;
        yardstick_.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        yardstick_.warn_days = options.warn_days;
    }

    TrustOutcome run() {
        auto status = work();
        return {.summary = summary_, .error = status ? std::nullopt : std::optional(std::move(status).error())};
    }

private:
    Status work() {
        TRY(check_rules(planned_.plan));
        TRY_ASSIGN(const auto roots, internal_roots(planned_.farm, yardstick_.now));
        std::ranges::copy(roots.findings, std::back_inserter(summary_.findings));
        if (planned_.farm.trust.internal_roots.empty())
            summary_.findings.push_back(plan::make_finding("trust.no-roots", "trust.internal_roots", {}));
        const auto backends = plan::backends(planned_.farm);
        TRY(gather(backends));
        TRY(judge(roots, backends));
        plan::apply_waivers(planned_.farm.rules, yardstick_.date, summary_.findings);
        if (!may_write(roots)) return {};
        return write(roots);
    }

    Status gather(const std::vector<plan::Backend>& backends) {
        if (!options_.chain_file.empty()) return read_chain();
        const bool only_roots_wanted = options_.anchor || !options_.windows_script.empty();
        if (backends.empty() && !only_roots_wanted)
            return Error{.code = ExitCode::input,
                         .what = "the farm file names no backend to connect to",
                         .where = options_.run.farm_file,
                         .hint = "write backend = \"HOST\" in [[pool]], or judge a file with --chain FILE"};
        for (const auto& backend : backends) summary_.items.push_back(ask_backend(backend, options_.timeout));
        return {};
    }

    Status read_chain() {
        BackendResult result;
        result.address = options_.chain_file;
        TRY_ASSIGN(result.chain, read_roots(options_.chain_file));
        summary_.items.push_back(std::move(result));
        return {};
    }

    /// Every CA certificate that a server presented, and those of an earlier bundle, whose servers may be down.
    [[nodiscard]] std::vector<InternalAuthority> candidates() const {
        std::vector<InternalAuthority> all;
        for (const auto& item : summary_.items)
            for (const auto& certificate : item.chain)
                if (is_ca(certificate)) all.push_back({item.address, false, certificate});
        const auto directory = OutputDirectory::open_existing(summary_.output_directory);
        if (!directory || !directory->exists() || !directory->has(bundle_name)) return all;
        if (const auto former = read_certificate_file(*directory, bundle_name))
            for (const auto& certificate : *former) all.push_back({bundle_name, false, certificate});
        return all;
    }

    Status judge(const InternalRoots& roots, const std::vector<plan::Backend>& backends) {
        const auto known = candidates();
        for (std::size_t i = 0; i < summary_.items.size(); ++i) {
            auto& item = summary_.items[i];
            if (item.chain.empty()) continue;
            BackendMeasure measure{roots, known, yardstick_, {}};
            if (options_.chain_file.empty())
                measure.hosts.push_back(backends[i].host);
            else if (!std::ranges::all_of(item.chain, is_ca))
                for (const auto& backend : backends) measure.hosts.push_back(backend.host);
            TRY(judge_backend(measure, item));
            // An exception may be for one server alone.
            for (auto& finding : item.findings)
                if (options_.chain_file.empty()) finding.name = backends[i].host;
            plan::apply_waivers(planned_.farm.rules, yardstick_.date, item.findings);
            item.state = refuses(item.findings) ? BackendState::refused
                         : roots.any()          ? BackendState::trusted
                                                : BackendState::unverified;
        }
        if (!roots.any()) return {};
        summary_.authorities = roots.roots;
        TRY_ASSIGN(auto intermediates, verified_intermediates(roots, known, yardstick_.now));
        std::ranges::move(intermediates, std::back_inserter(summary_.authorities));
        return {};
    }

    [[nodiscard]] bool may_write(const InternalRoots& roots) const {
        return roots.any() && !refuses(summary_.findings) &&
               std::ranges::none_of(summary_.items, [](const auto& item) { return refuses(item.findings); });
    }

    Status write(const InternalRoots& roots) {
        std::vector<CertificateInspection> certificates;
        for (const auto& one : summary_.authorities) certificates.push_back(one.certificate);
        TRY(write_bundle(x509::write_certificate_bundle(certificates)));
        if (!options_.windows_script.empty()) {
            const std::string script =
                deploy::windows_trust_script("Internal CAs of farm " + summary_.farm, certificates);
            TRY(write_output(options_.run, options_.windows_script, {script.begin(), script.end()}));
            summary_.windows_script = options_.windows_script;
        }
        if (!options_.anchor) return {};
        TRY(confirm());
        TRY_ASSIGN(summary_.anchors, anchor_roots(summary_.farm, roots.roots, options_.anchor_directory));
        return {};
    }

    /// It follows from the farm file and what was verified, so a former one is replaced without asking.
    Status write_bundle(Bytes content) {
        TRY_ASSIGN(const auto directory, OutputDirectory::open(summary_.output_directory));
        const auto former = directory.has(bundle_name) ? directory.read(bundle_name, x509::certificate_file_limit)
                                                       : Result<Bytes>(Bytes{});
        if (!former || *former != content) TRY(publish(directory, {{bundle_name, std::move(content), 0644, true}}));
        summary_.bundle_file = bundle_name;
        return {};
    }

    Status confirm() {
        if (options_.confirmed) return {};
        TRY_ASSIGN(const bool agreed, context_.confirm(summary_));
        if (agreed) return {};
        return Error{.code = ExitCode::interrupted, .what = "not confirmed: this machine trusts what it did before"};
    }

    const TrustOptions& options_;
    const TrustContext& context_;
    const PlannedFarm& planned_;
    Yardstick yardstick_;
    TrustSummary summary_;
};

}  // namespace
}  // namespace hsmreq::workflow

namespace hsmreq {

TrustOutcome check_trust(const TrustOptions& options, const TrustContext& context) {
    const auto planned = workflow::plan_farm(options.run.farm_file, options.run.plan);
    if (!planned) return {.summary = std::nullopt, .error = planned.error()};
    return workflow::TrustRun(options, context, *planned).run();
}

}  // namespace hsmreq
