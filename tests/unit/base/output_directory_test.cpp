#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"

namespace hsmreq {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void expect_output_error(const Error& error, const std::string& reason) {
    EXPECT_EQ(error.code, ExitCode::output);
    EXPECT_THAT(error.what, HasSubstr(reason));
    EXPECT_FALSE(error.hint.empty());
}

TEST(OutputDirectory, IsMadeWithItsParentsAndLeftEmpty) {
    const test::TemporaryFolder folder;
    const auto directory = OutputDirectory::open(folder / "a//b/c/");
    ASSERT_TRUE(directory.ok()) << directory.error().what;
    EXPECT_TRUE(directory->exists());
    EXPECT_THAT(folder.entries(), ElementsAre("a"));
    EXPECT_TRUE(std::filesystem::is_empty(folder / "a/b/c"));
}

TEST(OutputDirectory, MayExistAlready) {
    const test::TemporaryFolder folder;
    folder.write("file", "content");
    EXPECT_TRUE(OutputDirectory::open(folder.path()).ok());
    EXPECT_THAT(folder.entries(), ElementsAre("file"));
}

TEST(OutputDirectory, RelativePathsCount) {
    const test::TemporaryFolder folder;
    test::in_child([&] {
        ASSERT_EQ(::chdir(folder.path().c_str()), 0);
        EXPECT_TRUE(OutputDirectory::open("new").ok());
        EXPECT_TRUE(OutputDirectory::open("./new/deeper").ok());
        EXPECT_TRUE(OutputDirectory::open(".").ok());
    });
    EXPECT_TRUE(std::filesystem::is_directory(folder / "new/deeper"));
}

TEST(OutputDirectory, ListsNamesByTheirBeginningAndEndAgainAndAgain) {
    const test::TemporaryFolder folder;
    for (const auto* name : {"web.b.pem", "web.a.pem", "web.pem", "web..pem", "web.a.csr", "other.pem"})
        folder.write(name, "");
    const auto directory = OutputDirectory::open_existing(folder.path());
    ASSERT_TRUE(directory.ok());
    for (int i = 0; i < 2; ++i)
        EXPECT_THAT(directory->names("web.", ".pem"), ElementsAre("web..pem", "web.a.pem", "web.b.pem"));
    const auto missing = OutputDirectory::open_existing(folder / "missing");
    ASSERT_TRUE(missing.ok());
    EXPECT_THAT(missing->names("", ""), IsEmpty());
}

TEST(OutputDirectory, CannotLieBelowOrBeAFile) {
    const test::TemporaryFolder folder;
    folder.write("file", "content");
    expect_output_error(OutputDirectory::open(folder / "file").error(), "Not a directory");
    expect_output_error(OutputDirectory::open(folder / "file/below").error(), "Not a directory");
    expect_output_error(OutputDirectory::open("").error(), "empty name");
    expect_output_error(OutputDirectory::open_existing(folder / "file").error(), "Not a directory");
    EXPECT_EQ(folder.read("file"), "content");
}

TEST(OutputDirectory, OnAFileSystemWithoutFilesOfOursIsRefused) {
    expect_output_error(OutputDirectory::open("/proc/hsmreq-requests").error(), "cannot be made");
    expect_output_error(OutputDirectory::open("/proc/self").error(), "cannot be written to");
}

TEST(OutputDirectory, WithoutPermissionIsRefusedBeforeAnyWork) {
    const test::TemporaryFolder folder;
    ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
    test::in_child([&] {
        test::give_up_root();
        expect_output_error(OutputDirectory::open(folder.path()).error(), "Permission denied");
        expect_output_error(OutputDirectory::open(folder / "new").error(), "Permission denied");
    });
    EXPECT_THAT(folder.entries(), IsEmpty());
}

TEST(OutputDirectory, OpenExistingMakesNothing) {
    const test::TemporaryFolder folder;
    auto directory = OutputDirectory::open_existing(folder / "missing");
    ASSERT_TRUE(directory.ok());
    EXPECT_FALSE(directory->exists());
    EXPECT_FALSE(directory->has("file"));
    EXPECT_EQ(directory->read("file", 10).error().code, ExitCode::input);
    EXPECT_TRUE(directory->remove("file").ok());
    expect_output_error(publish(*directory, {{.name = "file", .content = {}}}).error(), "cannot be written");
    EXPECT_THAT(folder.entries(), IsEmpty());
}

TEST(OutputDirectory, StaysTheSameWhenItsPathIsRenamed) {
    const test::TemporaryFolder folder;
    const auto directory = OutputDirectory::open(folder / "before").value();
    std::filesystem::rename(folder / "before", folder / "after");
    ASSERT_TRUE(publish(directory, {{.name = "file", .content = {'x'}}}).ok());
    EXPECT_EQ(folder.read("after/file"), "x");
}

TEST(OutputDirectory, SeesEntriesOfEveryKind) {
    const test::TemporaryFolder folder;
    folder.write("file", "");
    std::filesystem::create_symlink("nowhere", folder / "dangling");
    std::filesystem::create_directory(folder / "folder");
    const auto directory = OutputDirectory::open_existing(folder.path()).value();
    for (const auto* name : {"file", "dangling", "folder"}) EXPECT_TRUE(directory.has(name)) << name;
    for (const auto* name : {"other", "", ".", "..", "folder/../file"}) EXPECT_FALSE(directory.has(name)) << name;
}

TEST(OutputDirectory, ReadsRegularFilesOnly) {
    const test::TemporaryFolder folder;
    folder.write("file", "content");
    std::filesystem::create_symlink("file", folder / "link");
    std::filesystem::create_directory(folder / "folder");
    const auto directory = OutputDirectory::open_existing(folder.path()).value();
    EXPECT_EQ(as_text(directory.read("file", 7).value()), "content");
    EXPECT_THAT(directory.read("file", 6).error().what, HasSubstr("too large"));
    EXPECT_THAT(directory.read("link", 100).error().what, HasSubstr("a symbolic link"));
    EXPECT_THAT(directory.read("folder", 100).error().what, HasSubstr("a folder"));
    EXPECT_THAT(directory.read("missing", 100).error().what, HasSubstr("No such file"));
    EXPECT_THAT(directory.read("../file", 100).error().what, HasSubstr("not a file name"));
    EXPECT_EQ(directory.read("link", 100).error().code, ExitCode::input);
}

TEST(OutputDirectory, RemovesFilesAndLinksButNotWhatTheyLeadTo) {
    const test::TemporaryFolder folder;
    folder.write("file", "content");
    std::filesystem::create_symlink("file", folder / "link");
    std::filesystem::create_directory(folder / "folder");
    auto directory = OutputDirectory::open(folder.path()).value();
    EXPECT_TRUE(directory.remove("link").ok());
    EXPECT_TRUE(directory.remove("missing").ok());
    expect_output_error(directory.remove("folder").error(), "cannot be removed");
    expect_output_error(directory.remove("folder/../file").error(), "not a file name");
    EXPECT_THAT(folder.entries(), ElementsAre("file", "folder"));
}

TEST(OutputDirectory, MovesItsDescriptor) {
    const test::TemporaryFolder folder;
    auto first = OutputDirectory::open(folder / "first").value();
    const int descriptor = first.descriptor();
    auto second = OutputDirectory::open(folder / "second").value();
    second = std::move(first);
    EXPECT_EQ(second.descriptor(), descriptor);
    EXPECT_EQ(second.path(), folder / "first");
    EXPECT_FALSE(first.exists());  // NOLINT(bugprone-use-after-move): an emptied one is what is tested
}

}  // namespace
}  // namespace hsmreq
