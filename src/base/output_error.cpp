#include "base/output_error.hpp"

#include <array>
#include <cerrno>

#include "base/descriptor.hpp"
#include "base/text.hpp"

namespace hsmreq {
namespace {

struct Remedy {
    int error;
    const char* hint;
};

constexpr std::array remedies{
    Remedy{ENOSPC, "free some space on that file system, then run again"},
    Remedy{EDQUOT, "the user's disk quota is used up: free some space, then run again"},
    Remedy{EFBIG, "the file size limit is too small: raise it with ulimit -f"},
    Remedy{EACCES, "check owner and permissions of the folder"},
    Remedy{EPERM, "check owner, permissions and attributes of the folder"},
    Remedy{EROFS, "the file system is mounted read-only: choose another folder"},
    Remedy{ENOTDIR, "a part of the path is a file: choose another folder"},
    Remedy{ELOOP, "remove the symbolic link, or name the place that it leads to"},
    Remedy{EEXIST, "move that entry away, then run again"},
    Remedy{EISDIR, "move that folder away, then run again"},
    Remedy{ENAMETOOLONG, "choose a shorter name"},
    Remedy{EMFILE, "the limit of open files is too small: raise it with ulimit -n"},
    Remedy{EIO, "the storage reports a failure: check the system log"},
};

}  // namespace

Error output_error(const std::string& what, const std::string& where, int error) {
    const char* hint = "check the folder and its file system";
    for (const auto& remedy : remedies)
        if (remedy.error == error) hint = remedy.hint;
    return {.code = ExitCode::output, .what = what + ": " + error_text(error), .where = where, .hint = hint};
}

Status check_entry_name(const std::string& name, ExitCode code) {
    const bool is_component = !name.empty() && name != "." && name != ".." &&
                              name.find_first_of(std::string_view("/\0", 2)) == std::string::npos;
    if (is_component) return {};
    return Error{.code = code,
                 .what = "not a file name: \"" + printable(name) + "\"",
                 .where = "",
                 .hint = "use a name without slashes"};
}

}  // namespace hsmreq
