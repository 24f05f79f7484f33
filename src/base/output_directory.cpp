#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/file.hpp"
#include "base/output_error.hpp"
#include "base/staged_file.hpp"
#include "base/try.hpp"

namespace hsmreq {
namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

int sync_folder(const std::string& path) {
    const Descriptor folder(::open(path.c_str(), directory_flags));
    return folder.valid() ? sync(folder.get()) : errno;
}

/// Like mkdir -p; each new folder's entry is durable before the next is made.
int make_folders(const std::string& path) {
    for (std::size_t end = 0; end != std::string::npos;) {
        end = path.find('/', end + 1);
        const auto folder = path.substr(0, end);
        if (::mkdir(folder.c_str(), 0777) != 0) {
            if (errno == EEXIST) continue;
            // Above the target an existing folder may answer otherwise, for instance on a read-only file system.
            const int error = errno;
            struct stat status {};
            if (::stat(folder.c_str(), &status) == 0) continue;
            return error;
        }
        const auto slash = folder.find_last_of('/');
        const auto parent = slash == std::string::npos ? std::string(".") : folder.substr(0, slash + 1);
        if (const int error = sync_folder(parent); error != 0) return error;
    }
    return 0;
}

/// A page's worth, so that a full file system answers now and not after the first key was made.
int prove_writable(int directory) {
    const StagedFile probe{.name = "write-test", .content = Bytes(4096), .mode = 0600};
    HiddenFile file(directory);
    if (const int error = file.write(probe); error != 0) return error;
    return file.sync();
}

}  // namespace

Result<OutputDirectory> OutputDirectory::open(const std::string& path) {
    if (path.empty())
        return Error{.code = ExitCode::output,
                     .what = "the output directory has an empty name",
                     .where = "",
                     .hint = "name a folder, or \".\" for the current one"};
    if (const int error = make_folders(path); error != 0)
        return output_error("the output directory cannot be made", path, error);
    OutputDirectory directory;
    directory.path_ = path;
    directory.descriptor_ = ::open(path.c_str(), directory_flags);
    if (directory.descriptor_ < 0) return output_error("the output directory cannot be opened", path, errno);
    if (const int error = prove_writable(directory.descriptor_); error != 0)
        return output_error("the output directory cannot be written to", path, error);
    return directory;
}

Result<OutputDirectory> OutputDirectory::open_existing(const std::string& path) {
    OutputDirectory directory;
    directory.path_ = path;
    directory.descriptor_ = ::open(path.c_str(), directory_flags);
    if (directory.descriptor_ < 0 && errno != ENOENT)
        return output_error("the output directory cannot be opened", path, errno);
    return directory;
}

OutputDirectory::~OutputDirectory() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

OutputDirectory::OutputDirectory(OutputDirectory&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

OutputDirectory& OutputDirectory::operator=(OutputDirectory&& other) noexcept {
    OutputDirectory taken(std::move(other));
    std::swap(descriptor_, taken.descriptor_);
    std::swap(path_, taken.path_);
    return *this;
}

bool OutputDirectory::has(const std::string& name) const {
    struct stat status {};
    return exists() && check_entry_name(name, ExitCode::output).ok() &&
           ::fstatat(descriptor_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

std::vector<std::string> OutputDirectory::names(std::string_view prefix, std::string_view suffix) const {
    std::vector<std::string> found;
    const auto close = [](DIR* listing) { ::closedir(listing); };
    // A descriptor of its own: the position in the listing belongs to what was opened.
    const int listed = exists() ? ::openat(descriptor_, ".", directory_flags) : -1;
    if (listed < 0) return found;
    const std::unique_ptr<DIR, decltype(close)> listing(::fdopendir(listed), close);
    if (listing == nullptr) {
        ::close(listed);
        return found;
    }
    while (const auto* entry = ::readdir(listing.get())) {
        const std::string_view name = entry->d_name;
        if (name.size() >= prefix.size() + suffix.size() && name.starts_with(prefix) && name.ends_with(suffix))
            found.emplace_back(name);
    }
    std::ranges::sort(found);
    return found;
}

Result<Bytes> OutputDirectory::read(const std::string& name, std::size_t limit) const {
    TRY(check_entry_name(name, ExitCode::input));
    const auto where = path_ + "/" + name;
    const Descriptor file(::openat(descriptor_, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.valid()) return read_regular(file.get(), limit, where);
    const int error = exists() ? errno : ENOENT;
    return Error{.code = ExitCode::input,
                 .what = "cannot be opened: " + (error == ELOOP ? "it is a symbolic link" : error_text(error)),
                 .where = where,
                 .hint = "check that the file is there, is a regular file and can be read"};
}

Status OutputDirectory::remove(const std::string& name) {
    TRY(check_entry_name(name, ExitCode::output));
    if (!exists() || ::unlinkat(descriptor_, name.c_str(), 0) == 0 || errno == ENOENT) return {};
    return output_error("cannot be removed", path_ + "/" + name, errno);
}

}  // namespace hsmreq
