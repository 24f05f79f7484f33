#include <algorithm>

#include "base/file.hpp"
#include "base/output_error.hpp"
#include "base/staged_file.hpp"
#include "base/try.hpp"

namespace hsmreq {
namespace {

Error cannot_write(const OutputDirectory& directory, const std::string& name, int error) {
    return output_error("cannot be written", directory.path() + "/" + name, error);
}

Status check_written(const HiddenFile& hidden, const CheckedFile& file, const Secret& content,
                     const std::string& where) {
    Secret written(content.size() + 1);
    if (const int error = hidden.read_back(written); error != 0)
        return output_error("can't be read back", where, error);
    if (!std::ranges::equal(written.reveal(), content.reveal()))
        return Error{.code = ExitCode::output,
                     .what = "the bytes that were read back are not those that were written",
                     .where = where,
                     .hint = "the medium or its file system is failing; nothing was published"};
    return file.check ? file.check(written.reveal()) : Status{};
}

}  // namespace

Status publish_checked(const OutputDirectory& directory, const CheckedFile& file, const Secret& content) {
    const StagedFile staged{.name = file.name, .content = {}, .mode = file.mode, .replace = file.replace};
    TRY(check_target(directory, staged));
    HiddenFile hidden(directory.descriptor());
    if (const int error = hidden.write(staged, content.reveal()); error != 0)
        return cannot_write(directory, file.name, error);
    if (const int error = hidden.sync(); error != 0) return cannot_write(directory, file.name, error);
    TRY(check_written(hidden, file, content, directory.path() + "/" + file.name));
    if (const int error = hidden.place(staged); error != 0) return cannot_write(directory, file.name, error);
    if (const int error = sync(directory.descriptor()); error != 0)
        return output_error("the new file may not survive a power failure", directory.path(), error);
    return {};
}

}  // namespace hsmreq
