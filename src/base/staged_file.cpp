#include "base/staged_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/output_error.hpp"
#include "base/try.hpp"

namespace hsmreq {
namespace {

std::string hidden_name(const std::string& name) {
    return "." + name + ".hsmreq-tmp";
}

/// An unnamed file gets its name through /proc, which a container may lack.
bool can_name_unnamed_files() {
    return ::access("/proc/self/fd", X_OK) == 0;
}

}  // namespace

Status check_target(const OutputDirectory& directory, const StagedFile& file) {
    TRY(check_entry_name(file.name, ExitCode::output));
    const std::string path = directory.path() + "/" + file.name;
    struct stat status {};
    if (::fstatat(directory.descriptor(), file.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
    if (!file.replace) return output_error("cannot be written", path, EEXIST);
    if (S_ISDIR(status.st_mode)) return output_error("cannot be written", path, EISDIR);
    if (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode)) return {};
    return Error{.code = ExitCode::output,
                 .what = "cannot be written: it is a device, pipe or socket, not a file",
                 .where = path,
                 .hint = "name another file"};
}

HiddenFile::HiddenFile(HiddenFile&& other) noexcept
    : directory_(other.directory_),
      content_(std::move(other.content_)),
      temporary_(std::exchange(other.temporary_, {})) {}

HiddenFile::~HiddenFile() {
    if (!temporary_.empty()) ::unlinkat(directory_, temporary_.c_str(), 0);
}

int HiddenFile::write(const StagedFile& file, BytesView content) {
    if (const int error = create(file); error != 0) return error;
    if (const int error = write_all(content_.get(), content); error != 0) return error;
    return ::fchmod(content_.get(), file.mode & 07777U) == 0 ? 0 : errno;
}

int HiddenFile::create(const StagedFile& file) {
    const auto leftover = hidden_name(file.name);
    ::unlinkat(directory_, leftover.c_str(), 0);
    if (file.replace || !can_name_unnamed_files()) return create_named(leftover);
    content_ = Descriptor(::openat(directory_, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (content_.valid()) return 0;
    const bool unsupported = errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT;
    return unsupported ? create_named(leftover) : errno;
}

int HiddenFile::create_named(const std::string& name) {
    content_ = Descriptor(::openat(directory_, name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600));
    if (!content_.valid()) return errno;
    temporary_ = name;
    return 0;
}

int HiddenFile::sync() {
    return hsmreq::sync(content_.get());
}

int HiddenFile::read_back(Secret& content) const {
    ::posix_fadvise(content_.get(), 0, 0, POSIX_FADV_DONTNEED);
    return read_secret(content_.get(), content);
}

int HiddenFile::place(const StagedFile& file) {
    if (temporary_.empty()) {
        const auto self = fmt::format("/proc/self/fd/{}", content_.get());
        const int result = ::linkat(AT_FDCWD, self.c_str(), directory_, file.name.c_str(), AT_SYMLINK_FOLLOW);
        return result == 0 ? 0 : errno;
    }
    if (!file.replace) return rename_exclusively(file.name);
    if (::renameat(directory_, temporary_.c_str(), directory_, file.name.c_str()) != 0) return errno;
    temporary_.clear();
    return 0;
}

int HiddenFile::rename_exclusively(const std::string& name) {
    if (::renameat2(directory_, temporary_.c_str(), directory_, name.c_str(), RENAME_NOREPLACE) == 0) {
        temporary_.clear();
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) return errno;
    // NFS knows no RENAME_NOREPLACE, but a hard link refuses a taken name; the destructor removes the other name.
    return ::linkat(directory_, temporary_.c_str(), directory_, name.c_str(), 0) == 0 ? 0 : errno;
}

}  // namespace hsmreq
