#include "workflow/output_file.hpp"

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/file.hpp"
#include "base/output_error.hpp"
#include "base/try.hpp"

namespace hsmreq::workflow {
namespace {

Error exists(const std::string& path) {
    std::error_code ignored;
    // No flag writes over a folder.
    if (std::filesystem::is_directory(std::filesystem::symlink_status(path, ignored)))
        return output_error("cannot be written", path, EISDIR);
    return {.code = ExitCode::output,
            .what = "the file exists and holds something else",
            .where = path,
            .hint = "--replace writes over it"};
}

}  // namespace

Status check_output(const RequestOptions& options, const std::string& path) {
    std::error_code ignored;
    if (options.replace || !std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) return {};
    return exists(path);
}

Status write_output(const RequestOptions& options, const std::string& path, Bytes content) {
    const std::filesystem::path file(path);
    const std::string name = file.filename().string();
    if (name.empty()) return Error{.code = ExitCode::output, .what = "that names a folder, not a file", .where = path};
    if (options.dry_run) return {};
    const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
    TRY_ASSIGN(auto directory, OutputDirectory::open(folder));
    if (directory.has(name)) {
        const auto there = directory.read(name, content.size() + 1);
        if (there && *there == content) return {};
        if (!options.replace) return exists(path);
    }
    return publish(directory, {{name, std::move(content), 0644, options.replace}});
}

}  // namespace hsmreq::workflow
