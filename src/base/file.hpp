// Bounded reading, and writing that is whole or not at all.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/secret.hpp"

namespace hsmreq {

/// The whole regular file, at most `limit` bytes. "-" is standard input only where the caller says so.
/// Errors: ExitCode::input with the reason in words (missing, a folder, too large, no permission).
Result<Bytes> read_file(const std::string& path, std::size_t limit);

/// Standard input to its end, at most `limit` bytes. Errors: ExitCode::input.
Result<Bytes> read_stdin(std::size_t limit);

/// An open output directory. All names are relative to its descriptor, so renaming the path meanwhile does no harm.
class OutputDirectory {
public:
    /// Creates the directory (and parents) when missing, and proves by a write that files can be made there.
    /// Errors: ExitCode::output.
    static Result<OutputDirectory> open(const std::string& path);
    /// Opens it for reading only; creates nothing. Missing is not an error: exists() is false then.
    static Result<OutputDirectory> open_existing(const std::string& path);

    ~OutputDirectory();
    OutputDirectory(OutputDirectory&& other) noexcept;
    OutputDirectory& operator=(OutputDirectory&& other) noexcept;
    OutputDirectory(const OutputDirectory&) = delete;
    OutputDirectory& operator=(const OutputDirectory&) = delete;

    [[nodiscard]] bool exists() const { return descriptor_ >= 0; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] int descriptor() const { return descriptor_; }

    /// True when an entry of that name exists, of whatever kind.
    [[nodiscard]] bool has(const std::string& name) const;
    /// The names of all entries that begin and end with these, in order; none when it can't be listed.
    [[nodiscard]] std::vector<std::string> names(std::string_view prefix, std::string_view suffix) const;
    /// A regular file's content, not following a link. Errors: ExitCode::input.
    Result<Bytes> read(const std::string& name, std::size_t limit) const;
    /// Removes a file; one that does not exist is no error. Errors: ExitCode::output.
    Status remove(const std::string& name);

private:
    OutputDirectory() = default;
    int descriptor_ = -1;
    std::string path_;
};

/// One file to publish.
struct StagedFile {
    std::string name;
    Bytes content;
    unsigned mode = 0644;
    bool replace = false;  ///< false: an existing entry of that name is an error
};

/// Publishes groups of files durably: all contents are written to unnamed (or hidden temporary) files and synced
/// first, then they appear in the order given, then the directory is synced. A crash leaves each file
/// whole or absent, never a later one without an earlier one of its group.
/// Leftover temporaries of a killed run (".NAME.hsmreq-tmp") are overwritten and never stay behind.
/// Errors: ExitCode::output; nothing of the failing group that was not yet visible becomes visible.
Status publish(const OutputDirectory& directory, const std::vector<StagedFile>& files);

/// One file that holds a secret.
struct CheckedFile {
    std::string name;
    unsigned mode = 0600;
    bool replace = false;
    std::function<Status(BytesView written)> check;  ///< judges the bytes as they were read back
};

/// As publish(), for one file: it gets its name only once it is synced and what was read back from it is the content
/// and passes the check. No copy of the content stays in memory. Errors: ExitCode::output; those of the check.
Status publish_checked(const OutputDirectory& directory, const CheckedFile& file, const Secret& content);

/// Several groups at once with their syncs shared; one Status per group, in order.
std::vector<Status> publish_groups(const OutputDirectory& directory,
                                   const std::vector<std::vector<StagedFile>>& groups);

}  // namespace hsmreq
