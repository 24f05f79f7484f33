#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/descriptor.hpp"
#include "base/file.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"

namespace hsmreq {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

StagedFile file_of(const std::string& name, const std::string& content, bool replace = false) {
    const auto bytes = as_bytes(content);
    return {.name = name, .content = Bytes(bytes.begin(), bytes.end()), .mode = 0644, .replace = replace};
}

void expect_output_error(const Status& status, const std::string& reason) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ExitCode::output);
    EXPECT_THAT(status.error().what, HasSubstr(reason));
    EXPECT_FALSE(status.error().hint.empty());
}

class Publish : public testing::Test {
protected:
    test::TemporaryFolder folder_;
    OutputDirectory directory_ = OutputDirectory::open(folder_.path()).value();
};

TEST_F(Publish, WritesAllFilesOfAGroup) {
    const std::string large(3'000'000, 'x');
    ASSERT_TRUE(publish(directory_, {file_of("a", "first"), file_of("b", large), file_of("c", "")}).ok());
    EXPECT_THAT(folder_.entries(), ElementsAre("a", "b", "c"));
    EXPECT_EQ(folder_.read("a"), "first");
    EXPECT_EQ(folder_.read("b"), large);
}

TEST_F(Publish, OfNothingDoesNothing) {
    EXPECT_TRUE(publish(directory_, {}).ok());
    EXPECT_THAT(publish_groups(directory_, {}), IsEmpty());
    EXPECT_THAT(folder_.entries(), IsEmpty());
}

TEST_F(Publish, GivesTheModeWhateverTheUmask) {
    const auto before = ::umask(0177);
    for (const unsigned mode : {0600U, 0644U, 0664U})
        for (const bool replace : {false, true}) {
            const auto name = std::to_string(mode) + (replace ? "replaced" : "new");
            ASSERT_TRUE(publish(directory_, {{.name = name, .content = {}, .mode = mode, .replace = replace}}).ok());
            struct stat status {};
            ASSERT_EQ(::stat((folder_ / name).c_str(), &status), 0);
            EXPECT_EQ(status.st_mode & 07777U, mode) << name;
        }
    ::umask(before);
}

TEST_F(Publish, LeavesAnExistingFileUntouched) {
    folder_.write("b", "old");
    expect_output_error(publish(directory_, {file_of("a", "new"), file_of("b", "new")}), "File exists");
    EXPECT_EQ(folder_.read("b"), "old");
    EXPECT_THAT(folder_.entries(), ElementsAre("b"));
}

TEST_F(Publish, ReplacesWhenAllowed) {
    folder_.write("a", "old and longer");
    ASSERT_TRUE(publish(directory_, {file_of("a", "new", true), file_of("b", "new", true)}).ok());
    EXPECT_EQ(folder_.read("a"), "new");
    EXPECT_THAT(folder_.entries(), ElementsAre("a", "b"));
}

TEST_F(Publish, NeverFollowsALink) {
    folder_.write("target", "old");
    for (const auto* link : {"kept", "replaced", ".kept.hsmreq-tmp", ".replaced.hsmreq-tmp"})
        std::filesystem::create_symlink("target", folder_ / link);
    expect_output_error(publish(directory_, {file_of("kept", "new")}), "File exists");
    ASSERT_TRUE(publish(directory_, {file_of("replaced", "new", true)}).ok());
    EXPECT_EQ(folder_.read("target"), "old");
    EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "kept"));
    EXPECT_FALSE(std::filesystem::is_symlink(folder_ / "replaced"));
    EXPECT_EQ(folder_.read("replaced"), "new");
}

TEST_F(Publish, DoesNotFollowADanglingLinkEither) {
    std::filesystem::create_symlink(folder_ / "nowhere", folder_ / "a");
    expect_output_error(publish(directory_, {file_of("a", "new")}), "File exists");
    EXPECT_THAT(folder_.entries(), ElementsAre("a"));
}

TEST_F(Publish, DoesNotReplaceAFolder) {
    std::filesystem::create_directory(folder_ / "b");
    expect_output_error(publish(directory_, {file_of("a", "new", true), file_of("b", "new", true)}), "directory");
    EXPECT_THAT(folder_.entries(), ElementsAre("b"));
}

TEST_F(Publish, DoesNotReplaceWhatIsNoFile) {
    ASSERT_EQ(::mkfifo((folder_ / "b").c_str(), 0600), 0);
    expect_output_error(publish(directory_, {file_of("a", "new", true), file_of("b", "new", true)}), "not a file");
    EXPECT_TRUE(std::filesystem::is_fifo(folder_ / "b"));
    EXPECT_THAT(folder_.entries(), ElementsAre("b"));
}

TEST_F(Publish, ClearsAwayTheLeftoversOfAKilledRun) {
    folder_.write(".a.hsmreq-tmp", "half");
    folder_.write(".b.hsmreq-tmp", "half, and longer than what comes");
    ASSERT_TRUE(publish(directory_, {file_of("a", "new"), file_of("b", "new", true)}).ok());
    EXPECT_THAT(folder_.entries(), ElementsAre("a", "b"));
    EXPECT_EQ(folder_.read("b"), "new");
}

TEST_F(Publish, RefusesNamesThatLeaveTheDirectory) {
    using namespace std::string_literals;
    for (const auto& name : {"../a"s, "sub/a"s, "/tmp/a"s, ""s, "."s, ".."s, "a\0b"s})
        expect_output_error(publish(directory_, {file_of("first", ""), file_of(name, "")}), "not a file name");
    expect_output_error(publish(directory_, {file_of(std::string(300, 'n'), "")}), "too long");
    EXPECT_THAT(folder_.entries(), IsEmpty());
}

TEST_F(Publish, OneFailedGroupDoesNotHinderTheOthers) {
    folder_.write("taken", "old");
    const auto statuses = publish_groups(
        directory_, {{file_of("a", "1")}, {file_of("b", "2"), file_of("taken", "new")}, {file_of("c", "3", true)}});
    ASSERT_EQ(statuses.size(), 3U);
    EXPECT_TRUE(statuses[0].ok());
    expect_output_error(statuses[1], "File exists");
    EXPECT_THAT(statuses[1].error().where, HasSubstr("taken"));
    EXPECT_TRUE(statuses[2].ok());
    EXPECT_THAT(folder_.entries(), ElementsAre("a", "c", "taken"));
}

TEST_F(Publish, RefusesOneNameInTwoGroups) {
    for (const bool replace : {false, true}) {
        const auto name = replace ? "replaced" : "new";
        const auto statuses =
            publish_groups(directory_, {{file_of(name, "first", replace)}, {file_of(name, "second", replace)}});
        EXPECT_TRUE(statuses[0].ok());
        expect_output_error(statuses[1], "File exists");
        EXPECT_EQ(folder_.read(name), "first");
    }
    EXPECT_THAT(folder_.entries(), ElementsAre("new", "replaced"));
}

TEST_F(Publish, ManyGroupsFitIntoFewDescriptors) {
    test::in_child([&] {
        const ::rlimit few{300, 300};
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
        std::vector<std::vector<StagedFile>> groups;
        for (int i = 0; i < 400; ++i) {
            const auto name = std::to_string(i);
            groups.push_back({file_of(name + ".evidence.json", name), file_of(name + ".csr", name)});
        }
        for (const auto& status : publish_groups(directory_, groups)) EXPECT_TRUE(status.ok());
    });
    EXPECT_EQ(folder_.entries().size(), 800U);
    EXPECT_EQ(folder_.read("399.csr"), "399");
}

TEST_F(Publish, WorksForAnOrdinaryUserUnderTheProcessGuard) {
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
    test::in_child([&] {
        test::give_up_root();
        const ProcessGuard guard;
        EXPECT_TRUE(publish(directory_, {file_of("a", "1"), file_of("b", "2", true)}).ok());
    });
    EXPECT_THAT(folder_.entries(), ElementsAre("a", "b"));
}

/// Takes /proc away, through which unnamed files get their names, in a user namespace where root is not needed.
void hide_proc(const std::string& root) {
    if (::geteuid() != 0) {
        ASSERT_EQ(::unshare(CLONE_NEWUSER), 0);
    }
    ASSERT_EQ(::chroot(root.c_str()), 0);
    ASSERT_NE(::access("/proc/self/fd", X_OK), 0);
}

TEST_F(Publish, FallsBackToHiddenNamesWithoutProc) {
    folder_.write("taken", "old");
    folder_.write(".a.hsmreq-tmp", "half");
    test::in_child([&] {
        hide_proc(folder_.path());
        EXPECT_TRUE(publish(directory_, {file_of("a", "1"), file_of("b", "2")}).ok());
        expect_output_error(publish(directory_, {file_of("c", "3"), file_of("taken", "new")}), "File exists");
    });
    EXPECT_THAT(folder_.entries(), ElementsAre("a", "b", "taken"));
    EXPECT_EQ(folder_.read("a"), "1");
    EXPECT_EQ(folder_.read("taken"), "old");
}

/// Room for some pages only: a small file system where mounting is allowed, a limit on file sizes elsewhere.
void make_space_scarce(const std::string& folder) {
    if (::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
        ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=64k") == 0)
        return;
    const ::rlimit limit{65536, 65536};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    ::signal(SIGXFSZ, SIG_IGN);
}

TEST_F(Publish, AFullFileSystemFailsTheGroupAndLeavesNothing) {
    test::in_child([&] {
        make_space_scarce(folder_.path());
        const auto scarce = OutputDirectory::open(folder_.path()).value();
        const std::string large(100'000, 'x');
        ASSERT_TRUE(publish(scarce, {file_of("old", "old")}).ok());
        for (const bool replace : {false, true}) {
            const auto status =
                publish(scarce, {file_of("small", "1"), file_of("old", large, true), file_of("large", large, replace)});
            expect_output_error(status, "cannot be written: ");
            EXPECT_THAT(folder_.entries(), ElementsAre("old"));
            EXPECT_EQ(folder_.read("old"), "old");
        }
        EXPECT_TRUE(publish(scarce, {file_of("small", "1")}).ok());
    });
}

TEST(OutputDirectory, ThatTakesNoContentIsRefusedBeforeAnyWork) {
    const test::TemporaryFolder folder;
    test::in_child([&] {
        const ::rlimit none{1000, 1000};
        ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
        ::signal(SIGXFSZ, SIG_IGN);
        const auto directory = OutputDirectory::open(folder.path());
        ASSERT_FALSE(directory.ok());
        EXPECT_EQ(directory.error().code, ExitCode::output);
        EXPECT_THAT(directory.error().what, HasSubstr("File too large"));
        EXPECT_THAT(folder.entries(), IsEmpty());
    });
}

TEST(WriteAll, ReportsAFullDevice) {
    const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    ASSERT_TRUE(full.valid());
    EXPECT_EQ(write_all(full.get(), as_bytes("content")), ENOSPC);
    EXPECT_EQ(write_all(full.get(), {}), 0);
}

TEST(WriteAll, GoesOnAfterShortWrites) {
    const std::string content(3'000'000, 'x');
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const Descriptor out(ends[0]);
    Descriptor in(ends[1]);
    std::fflush(nullptr);
    const pid_t writer = ::fork();
    ASSERT_GE(writer, 0);
    // The pipe holds far less than the content, so it goes out in parts.
    if (writer == 0) ::_exit(write_all(in.get(), as_bytes(content)));
    in = Descriptor();
    EXPECT_EQ(as_text(read_to_end(out.get(), content.size(), "the pipe").value()), content);
    int status = 0;
    ASSERT_EQ(::waitpid(writer, &status, 0), writer);
    EXPECT_EQ(status, 0);
}

class PublishChecked : public Publish {
protected:
    Secret content_ = [] {
        const std::string text(10'000, 's');
        Secret secret(text.size());
        secret.append(as_bytes(text));
        return secret;
    }();

    [[nodiscard]] CheckedFile file(Status verdict = {}, bool replace = false) {
        return {.name = "secret", .mode = 0600, .replace = replace, .check = [this, verdict](BytesView written) {
                    seen_ = std::string(as_text(written));
                    visible_ = !folder_.entries().empty();
                    return verdict;
                }};
    }
    std::string seen_;
    bool visible_ = true;
};

TEST_F(PublishChecked, GivesTheFileItsNameOnceTheCheckHasSeenItsBytes) {
    ASSERT_TRUE(publish_checked(directory_, file(), content_).ok());
    EXPECT_EQ(seen_, as_text(content_.reveal()));
    EXPECT_FALSE(visible_);
    EXPECT_EQ(folder_.read("secret"), seen_);
    struct stat facts {};
    ASSERT_EQ(::fstatat(directory_.descriptor(), "secret", &facts, 0), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0600U);
}

TEST_F(PublishChecked, LeavesNothingWhenTheCheckRefuses) {
    const auto status =
        publish_checked(directory_, file(Error{.code = ExitCode::verification, .what = "another key"}, true), content_);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ExitCode::verification);
    EXPECT_THAT(folder_.entries(), IsEmpty());
}

TEST_F(PublishChecked, DoesNotReplaceWhatIsNoFile) {
    ASSERT_EQ(::mkfifo((folder_ / "secret").c_str(), 0600), 0);
    expect_output_error(publish_checked(directory_, file({}, true), content_), "not a file");
    EXPECT_TRUE(std::filesystem::is_fifo(folder_ / "secret"));
}

TEST_F(PublishChecked, ReplacesOnlyWhenToldTo) {
    ASSERT_TRUE(publish(directory_, {file_of("secret", "before")}).ok());
    expect_output_error(publish_checked(directory_, file(), content_), "cannot be written");
    EXPECT_EQ(folder_.read("secret"), "before");
    ASSERT_TRUE(publish_checked(directory_, file({}, true), content_).ok());
    EXPECT_EQ(folder_.read("secret"), as_text(content_.reveal()));
    EXPECT_THAT(folder_.entries(), ElementsAre("secret"));
}

}  // namespace
}  // namespace hsmreq
