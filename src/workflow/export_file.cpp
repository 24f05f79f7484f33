#include "workflow/export_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "base/descriptor.hpp"
#include "base/digest.hpp"
#include "base/try.hpp"

namespace hsmreq::workflow {
namespace {

constexpr off_t largest_file = 1 << 20;

Status check(BytesView file, const x509::PfxContent& content, const Secret& password) {
    return content.protection == KeyProtection::none ? x509::check_key_pem(file, content)
                                                     : x509::check_pfx(file, content, password);
}

/// The content of a file that only its owner can read; empty for any other.
Secret read_private(const OutputDirectory& folder, const std::string& name) {
    const Descriptor file(::openat(folder.descriptor(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat facts {};
    if (!file.valid() || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode) || (facts.st_mode & 0077U) != 0 ||
        facts.st_size <= 0 || facts.st_size > largest_file)
        return {};
    Secret content(static_cast<std::size_t>(facts.st_size) + 1);
    if (read_secret(file.get(), content) != 0) return {};
    return content;
}

}  // namespace

x509::PfxContent pfx_content(const ExportOptions& options, const RequestPlan& request,
                             const ChosenCertificate& certificate) {
    const auto& target = facts(options.target);
    const bool rsa = facts(request.key.algorithm).family == KeyFamily::rsa;
    return {.protection = target.protection,
            .friendly_name = request.friendly_name,
            .windows_provider = options.windows_provider,
            .key_type = target.windows && rsa ? std::optional(request.key.purpose) : std::nullopt,
            .certificate = certificate.leaf,
            .chain = certificate.chain};
}

Result<ExportFile> ExportFile::open(const ExportOptions& options) {
    const std::filesystem::path path(options.output_file);
    std::string name = path.filename().string();
    const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
    if (name.empty() || std::filesystem::is_directory(path))
        return Error{.code = ExitCode::output,
                     .what = "--output names a folder, not a file",
                     .where = options.output_file,
                     .hint = "name the file itself"};
    // The folder is never made: a typing error must not put a key into a place that nobody knows.
    TRY_ASSIGN(auto opened, OutputDirectory::open_existing(folder));
    if (!opened.exists())
        return Error{.code = ExitCode::output,
                     .what = "the folder of --output is not there",
                     .where = folder,
                     .hint = "make it first, readable by its owner alone"};
    if (!options.run.dry_run) {
        TRY_ASSIGN(opened, OutputDirectory::open(folder));
    }
    return ExportFile(std::move(opened), std::move(name), options.run.replace);
}

bool ExportFile::is(const std::string& path) const {
    std::error_code ignored;
    return std::filesystem::equivalent(folder_.path() + "/" + name_, path, ignored);
}

std::string ExportFile::unchanged(const x509::PfxContent& content, const Secret& password) const {
    const Secret there = read_private(folder_, name_);
    return !there.empty() && check(there.reveal(), content, password).ok() ? sha256_hex(there.reveal()) : "";
}

Result<Secret> ExportFile::encode(const x509::PfxContent& content, const x509::PrivateKey& key,
                                  const Secret& password) {
    return content.protection == KeyProtection::none ? x509::write_key_pem(content, key)
                                                     : x509::write_pfx(content, key, password);
}

Status ExportFile::write(const Secret& bytes, const x509::PfxContent& content, const Secret& password) const {
    const auto judge = [&](BytesView written) -> Status {
        auto status = check(written, content, password);
        if (status) return {};
        return Error{.code = ExitCode::verification,
                     .what = "the file that was written is not what it should be: " + status.error().what,
                     .where = folder_.path() + "/" + name_,
                     .hint = "nothing was published"};
    };
    return publish_checked(folder_, {.name = name_, .mode = 0600, .replace = replace_, .check = judge}, bytes);
}

}  // namespace hsmreq::workflow
