// One file on its way into a directory: written, synced, not yet visible under its name.
#pragma once

#include <string>

#include "base/descriptor.hpp"
#include "base/file.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/secret.hpp"

namespace hsmreq {

/// Refuses a name that is none, that is taken where the file does not replace, or that belongs to anything but a file:
/// a rename would put a file in the place of /dev/null as well. Errors: ExitCode::output.
Status check_target(const OutputDirectory& directory, const StagedFile& file);

/// Whoever destroys one that was not placed leaves no trace of it in the directory.
/// The directory's descriptor and the StagedFile must outlive it. Errors are errno values; 0 is success.
class HiddenFile {
public:
    explicit HiddenFile(int directory) : directory_(directory) {}
    ~HiddenFile();
    HiddenFile(HiddenFile&& other) noexcept;
    HiddenFile& operator=(HiddenFile&&) = delete;
    HiddenFile(const HiddenFile&) = delete;
    HiddenFile& operator=(const HiddenFile&) = delete;

    /// Creates it with its content and exact mode, and removes the leftover of a killed run.
    /// Unnamed where the file system can do that and nothing is replaced; a hidden name otherwise.
    int write(const StagedFile& file) { return write(file, file.content); }
    /// The same with content that is kept elsewhere: a secret's, which must not be copied.
    int write(const StagedFile& file, BytesView content);
    int sync();
    /// Reads as many bytes as `content` has room for, from the file and not from the page cache where that can be had.
    int read_back(Secret& content) const;
    /// Gives it its name: EEXIST when the name is taken and the file does not replace.
    int place(const StagedFile& file);

private:
    int create(const StagedFile& file);
    int create_named(const std::string& name);
    int rename_exclusively(const std::string& name);

    int directory_;
    Descriptor content_;
    std::string temporary_;  ///< the hidden name; empty for an unnamed file
};

}  // namespace hsmreq
