#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <filesystem>

#include "base/descriptor.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "token/module_path.hpp"

namespace hsmreq::token {
namespace {

namespace fs = std::filesystem;

constexpr int link_limit = 40;  // as the kernel's own

Error not_there(std::string what, const std::string& path) {
    Error error;
    error.code = ExitCode::not_found;
    error.what = std::move(what);
    error.where = printable(path);
    error.hint = "check the module's path; a name without a slash is looked up in p11-kit's configuration";
    return error;
}

/// A folder such as /tmp, where everyone may add entries and nobody can touch another's. The entry that the way goes
/// through is judged by itself, so the folder does no harm on the way.
bool keeps_entries(const struct stat& facts) {
    return S_ISDIR(facts.st_mode) && (facts.st_mode & S_ISVTX) != 0;
}

/// What speaks against one file, folder or link; "" when nothing does.
std::string objection(const std::string& path, const struct stat& facts) {
    if (facts.st_uid != 0 && facts.st_uid != ::geteuid())
        return fmt::format("{} belongs to another user", printable(path));
    // A link's own mode means nothing: who may replace it is decided by its folder.
    if (S_ISLNK(facts.st_mode)) return {};
    if (keeps_entries(facts)) return {};
    if ((facts.st_mode & S_IWOTH) != 0) return fmt::format("{} is writable for everyone", printable(path));
    if ((facts.st_mode & S_IWGRP) != 0 && facts.st_gid != 0)
        return fmt::format("{} is writable for a group other than root's", printable(path));
    return {};
}

/// Walks a path component by component, as the kernel would, and judges each on the way.
class Walk {
public:
    Result<ModuleFile> run(const std::string& path) {
        TRY(enter("/", path));
        std::error_code error;
        const fs::path start = fs::absolute(path, error);
        if (error) return not_there(error.message(), path);
        TRY(follow(start, path));
        struct stat facts {};
        if (::stat(reached_.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode))
            return not_there("the module is not a regular file", path);
        judge_neighbours();
        return ModuleFile{reached_, objection_};
    }

private:
    /// In the module's own folder others must not even add a file: the code may load what lies beside it ($ORIGIN).
    void judge_neighbours() {
        const std::string folder = fs::path(reached_).parent_path();
        struct stat facts {};
        if (!objection_.empty() || ::stat(folder.c_str(), &facts) != 0) return;
        if ((facts.st_mode & S_IWOTH) != 0 || ((facts.st_mode & S_IWGRP) != 0 && facts.st_gid != 0))
            objection_ = fmt::format("others may put files beside it into {}", printable(folder));
    }

    /// Takes a look at `path`; answers a link's target, or "".
    Result<std::string> enter(const std::string& path, const std::string& asked) {
        struct stat facts {};
        if (::lstat(path.c_str(), &facts) != 0)
            return not_there("the module can't be opened: " + error_text(errno), asked);
        if (objection_.empty()) objection_ = objection(path, facts);
        if (!S_ISLNK(facts.st_mode)) {
            reached_ = path;
            return std::string();
        }
        if (++links_ > link_limit) return not_there("too many symbolic links", asked);
        std::error_code error;
        const fs::path target = fs::read_symlink(path, error);
        if (error) return not_there("the link can't be read: " + error.message(), asked);
        return target.string();
    }

    Status follow(const fs::path& path, const std::string& asked) {
        if (path.is_absolute()) reached_ = "/";
        for (const auto& component : path.relative_path()) {
            if (component.empty() || component == ".") continue;
            if (component == "..") {
                reached_ = fs::path(reached_).parent_path();
                continue;
            }
            TRY_ASSIGN(const std::string target, enter(fs::path(reached_) / component, asked));
            if (!target.empty()) TRY(follow(target, asked));
        }
        return {};
    }

    std::string reached_ = "/";
    std::string objection_;
    int links_ = 0;
};

}  // namespace

Result<ModuleFile> resolve_module_file(const std::string& path) {
    if (path.empty() || path.find('\0') != std::string::npos) return not_there("the module has no usable path", path);
    return Walk().run(path);
}

}  // namespace hsmreq::token
