#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <span>
#include <string_view>

#include "base/file.hpp"
#include "base/output_error.hpp"
#include "base/staged_file.hpp"
#include "base/try.hpp"

namespace hsmreq {
namespace {

using Group = std::vector<StagedFile>;

/// Unnamed files live only while their descriptors are open, and a process may have as few as 1024 of those.
constexpr std::size_t open_files_at_once = 256;

/// One group between its first write and its last name.
struct Staging {
    const Group* group = nullptr;
    Status* status = nullptr;
    std::vector<HiddenFile> files = {};
};

Error cannot_write(const OutputDirectory& directory, const StagedFile& file, int error) {
    return output_error("cannot be written", directory.path() + "/" + file.name, error);
}

/// What would fail at the end anyway fails before anything of the group is visible.
Status check_target(const OutputDirectory& directory, const StagedFile& file) {
    TRY(check_entry_name(file.name, ExitCode::output));
    struct stat status {};
    if (::fstatat(directory.descriptor(), file.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
    if (!file.replace) return cannot_write(directory, file, EEXIST);
    if (S_ISDIR(status.st_mode)) return cannot_write(directory, file, EISDIR);
    return {};
}

Status write_contents(const OutputDirectory& directory, Staging& staging) {
    for (const auto& file : *staging.group) TRY(check_target(directory, file));
    for (const auto& file : *staging.group) {
        auto& hidden = staging.files.emplace_back(directory.descriptor());
        if (const int error = hidden.write(file); error != 0) return cannot_write(directory, file, error);
    }
    return {};
}

Status sync_contents(const OutputDirectory& directory, Staging& staging) {
    for (std::size_t i = 0; i < staging.files.size(); ++i)
        if (const int error = staging.files[i].sync(); error != 0)
            return cannot_write(directory, (*staging.group)[i], error);
    return {};
}

Status place(const OutputDirectory& directory, Staging& staging) {
    for (std::size_t i = 0; i < staging.files.size(); ++i) {
        const auto& file = (*staging.group)[i];
        if (const int error = staging.files[i].place(file); error != 0) return cannot_write(directory, file, error);
    }
    return {};
}

/// All contents are written before the first sync, so that one commit of the file system's journal serves many.
void publish_batch(const OutputDirectory& directory, std::span<Staging> batch) {
    for (const auto step : {write_contents, sync_contents, place})
        for (auto& staging : batch) {
            if (staging.status->ok()) *staging.status = step(directory, staging);
            if (!staging.status->ok()) staging.files.clear();
        }
    for (auto& staging : batch) staging.files.clear();
}

/// Two files of one name would write into each other's hidden file.
void refuse_repeated_names(const OutputDirectory& directory, const std::vector<Group>& groups,
                           std::vector<Status>& statuses) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < groups.size(); ++i)
        for (const auto& file : groups[i])
            if (!names.insert(file.name).second) statuses[i] = cannot_write(directory, file, EEXIST);
}

}  // namespace

Status publish(const OutputDirectory& directory, const std::vector<StagedFile>& files) {
    return publish_groups(directory, {files}).front();
}

std::vector<Status> publish_groups(const OutputDirectory& directory, const std::vector<Group>& groups) {
    std::vector<Status> statuses(groups.size());
    refuse_repeated_names(directory, groups, statuses);
    std::vector<Staging> batch;
    std::size_t files = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        batch.push_back({.group = &groups[i], .status = &statuses[i]});
        files += groups[i].size();
        if (files < open_files_at_once && i + 1 < groups.size()) continue;
        publish_batch(directory, batch);
        batch.clear();
        files = 0;
    }
    const bool something_appeared = std::any_of(statuses.begin(), statuses.end(), [](auto& s) { return s.ok(); });
    const int error = something_appeared ? sync(directory.descriptor()) : 0;
    if (error == 0) return statuses;
    for (auto& status : statuses)
        if (status.ok())
            status = output_error("the new files may not survive a power failure", directory.path(), error);
    return statuses;
}

}  // namespace hsmreq
