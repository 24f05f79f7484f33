// The file of an export: what is to be in it, whether one that is there is that already, and writing it.
#pragma once

#include <string>

#include "base/file.hpp"
#include "hsmreq/export.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "workflow/export_certificate.hpp"
#include "x509/pkcs12.hpp"

namespace hsmreq::workflow {

/// What the file is to hold beside the key.
x509::PfxContent pfx_content(const ExportOptions& options, const RequestPlan& request,
                             const ChosenCertificate& certificate);

/// --output: its folder, opened, and its name there.
class ExportFile {
public:
    /// Proves that the folder can be written to; not in a dry run. Errors: ExitCode::output.
    static Result<ExportFile> open(const ExportOptions& options);

    [[nodiscard]] bool exists() const { return folder_.has(name_); }
    /// True when it is there and is that very file.
    [[nodiscard]] bool is(const std::string& path) const;
    /// The SHA-256 of the file that is there, when it holds just this and only its owner can read it; else "".
    [[nodiscard]] std::string unchanged(const x509::PfxContent& content, const Secret& password) const;
    /// The bytes for the file. Errors: ExitCode::internal.
    static Result<Secret> encode(const x509::PfxContent& content, const x509::PrivateKey& key, const Secret& password);
    /// Writes them, reads them back and judges what was read; only then the file has its name. Errors:
    /// ExitCode::output, verification.
    Status write(const Secret& bytes, const x509::PfxContent& content, const Secret& password) const;

private:
    ExportFile(OutputDirectory folder, std::string name, bool replace)
        : folder_(std::move(folder)), name_(std::move(name)), replace_(replace) {}
    OutputDirectory folder_;
    std::string name_;
    bool replace_;
};

}  // namespace hsmreq::workflow
