#include "base/file.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>

#include "base/text.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"

namespace hsmreq {
namespace {

using testing::HasSubstr;

void expect_refused(const Result<Bytes>& result, const std::string& reason) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ExitCode::input);
    EXPECT_THAT(result.error().what, HasSubstr(reason));
    EXPECT_FALSE(result.error().where.empty());
    EXPECT_FALSE(result.error().hint.empty());
}

TEST(ReadFile, AnswersTheWholeContent) {
    const test::TemporaryFolder folder;
    const std::string large(200'000, 'x');
    folder.write("small", std::string("a\0b\n", 4));
    folder.write("large", large);
    folder.write("empty", "");
    EXPECT_EQ(as_text(read_file(folder / "small", 100).value()), std::string_view("a\0b\n", 4));
    EXPECT_EQ(as_text(read_file(folder / "large", 1'000'000).value()), large);
    EXPECT_TRUE(read_file(folder / "empty", 0).value().empty());
}

TEST(ReadFile, AcceptsExactlyTheLimit) {
    const test::TemporaryFolder folder;
    folder.write("file", "12345");
    EXPECT_TRUE(read_file(folder / "file", 5).ok());
    expect_refused(read_file(folder / "file", 4), "too large: more than 4 bytes");
}

TEST(ReadFile, HoldsTheLimitForFilesThatUnderstateTheirSize) {
    expect_refused(read_file("/proc/self/maps", 10), "too large");
}

TEST(ReadFile, FollowsALinkThatTheUserNamed) {
    const test::TemporaryFolder folder;
    folder.write("file", "content");
    std::filesystem::create_symlink("file", folder / "link");
    EXPECT_EQ(as_text(read_file(folder / "link", 100).value()), "content");
}

TEST(ReadFile, RefusesWhatIsNoRegularFile) {
    const test::TemporaryFolder folder;
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    expect_refused(read_file(folder.path(), 100), "a folder");
    expect_refused(read_file(folder / "pipe", 100), "a pipe");
    expect_refused(read_file("/dev/zero", 100), "a device");
}

TEST(ReadFile, SaysWhyItCannotOpen) {
    const test::TemporaryFolder folder;
    folder.write("file", "");
    std::filesystem::create_symlink("loop", folder / "loop");
    expect_refused(read_file(folder / "missing", 100), "No such file");
    expect_refused(read_file(folder / "file/below", 100), "Not a directory");
    expect_refused(read_file(folder / "loop", 100), "symbolic links");
    expect_refused(read_file(folder / std::string(300, 'n'), 100), "too long");
    EXPECT_EQ(read_file("", 100).error().code, ExitCode::input);
}

TEST(ReadFile, SaysThatPermissionIsMissing) {
    const test::TemporaryFolder folder;
    folder.write("file", "secret");
    ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
    ASSERT_EQ(::chmod((folder / "file").c_str(), 0), 0);
    test::in_child([&] {
        test::give_up_root();
        expect_refused(read_file(folder / "file", 100), "Permission denied");
    });
}

/// Makes a pipe with the content the standard input.
void feed_stdin(std::string_view content) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    ASSERT_EQ(::write(ends[1], content.data(), content.size()), static_cast<ssize_t>(content.size()));
    ASSERT_EQ(::close(ends[1]), 0);
    ASSERT_EQ(::dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
}

TEST(ReadStdin, ReadsAPipeToItsEnd) {
    test::in_child([] {
        feed_stdin("from a pipe");
        EXPECT_EQ(as_text(read_stdin(11).value()), "from a pipe");
    });
}

TEST(ReadStdin, HoldsTheLimit) {
    test::in_child([] {
        feed_stdin("from a pipe");
        expect_refused(read_stdin(10), "too large");
    });
}

TEST(ReadStdin, SaysThatItIsClosed) {
    test::in_child([] {
        ASSERT_EQ(::close(STDIN_FILENO), 0);
        expect_refused(read_stdin(10), "Bad file descriptor");
    });
}

}  // namespace
}  // namespace hsmreq
