#include "workflow/install_bundle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "workflow/certificate_findings.hpp"
#include "x509/certificate_file.hpp"

namespace hsmreq::workflow {
namespace {

std::string shown(const std::string& file) {
    return file == "-" ? "standard input" : file;
}

Result<std::vector<CertificateInspection>> read_certificates(const std::string& file) {
    TRY_ASSIGN(const Bytes content,
               file == "-" ? read_stdin(x509::certificate_file_limit) : read_file(file, x509::certificate_file_limit));
    auto certificates = inspect_certificates(content);
    if (certificates) return certificates;
    Error error = std::move(certificates).error();
    if (error.where.empty()) error.where = shown(file);
    if (x509::holds_request_in_pem(content))
        error.hint = "that is the request; install takes what the CA has made of it";
    return error;
}

void add(std::vector<CertificateInspection> more, const std::string& file, Bundle& bundle) {
    const bool several = more.size() > 1;
    for (std::size_t i = 0; i < more.size(); ++i) {
        const auto same = [&](const auto& known) { return known.certificate.der_sha256 == more[i].der_sha256; };
        if (std::ranges::any_of(bundle.certificates, same)) continue;
        const std::string where = several ? fmt::format("{}, certificate {}", shown(file), i + 1) : shown(file);
        bundle.certificates.push_back({std::move(more[i]), file, where});
    }
}

}  // namespace

const x509::Chain* Bundle::chain_of(std::size_t certificate) const {
    const auto found = std::ranges::find_if(
        chains, [&](const auto& chain) { return !chain.order.empty() && chain.order.front() == certificate; });
    return found == chains.end() ? nullptr : &*found;
}

Result<Bundle> read_bundle(const std::vector<std::string>& files, const IssuingRoots& roots) {
    Bundle bundle;
    for (const auto& file : files) {
        TRY_ASSIGN(auto certificates, read_certificates(file));
        add(std::move(certificates), file, bundle);
    }
    if (std::ranges::all_of(bundle.certificates, [](const auto& one) { return is_ca(one.certificate); }))
        return Error{
            .code = ExitCode::input,
            .what = "the files hold certificates of CAs alone",
            .where = shown(files.front()),
            .hint =
                "name the file with the certificate that the CA has issued for the request, too; if it is among "
                "these, it is marked as a CA's (CA:TRUE), and the CA must issue it again"};
    std::vector<CertificateInspection> all;
    for (const auto& one : bundle.certificates) all.push_back(one.certificate);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    TRY_ASSIGN(bundle.chains, x509::verify_chains(all, roots.store, now));
    return bundle;
}

GivenCertificate describe_given(const CertificateInspection& certificate, const std::string& file) {
    return {.file = file,
            .sha256 = certificate.der_sha256,
            .serial = certificate.serial,
            .subject = certificate.subject_text,
            .issuer = certificate.issuer_text,
            .not_before = to_text(certificate.not_before),
            .not_after = to_text(certificate.not_after),
            .public_key_sha256 = certificate.public_key_sha256};
}

}  // namespace hsmreq::workflow
