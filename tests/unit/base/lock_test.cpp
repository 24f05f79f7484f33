#include "base/lock.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <fstream>

#include "base/descriptor.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"
#include "support/child_process.hpp"
#include "support/temporary_folder.hpp"

namespace hsmreq {
namespace {

using testing::HasSubstr;

Descriptor open_folder(const std::string& path) {
    return Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

FileLock::Options at_once(const std::string& what = "the thing") {
    return {.what = what, .timeout = std::chrono::seconds(0)};
}

std::string own_command() {
    std::string command;
    std::getline(std::ifstream("/proc/self/comm"), command);
    return command;
}

/// A child process that holds the lock on a folder until let_go() or its own end.
class Holder {
public:
    explicit Holder(const std::string& path) {
        std::array<int, 2> ready{};
        std::array<int, 2> end{};
        if (::pipe(ready.data()) != 0 || ::pipe(end.data()) != 0) std::abort();
        process_ = ::fork();
        if (process_ == 0) {
            ::close(end[1]);
            const auto folder = open_folder(path);
            const bool locked = ::flock(folder.get(), LOCK_EX) == 0;
            char byte = locked ? '1' : '0';
            if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
            ::_exit(::read(end[0], &byte, 1) == 0 ? 0 : 1);
        }
        ::close(end[0]);
        end_ = Descriptor(end[1]);
        char byte = '0';
        if (::read(ready[0], &byte, 1) != 1 || byte != '1') std::abort();
        ::close(ready[0]);
        ::close(ready[1]);
    }
    ~Holder() { let_go(); }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;

    void let_go() {
        if (!end_.valid()) return;
        end_ = Descriptor();
        ::waitpid(process_, nullptr, 0);
    }
    [[nodiscard]] std::string name() const {
        return "process " + std::to_string(process_) + " (" + own_command() + ")";
    }

private:
    pid_t process_ = -1;
    Descriptor end_;
};

TEST(FileLock, IsHadAtOnceWhenFree) {
    const test::TemporaryFolder folder;
    const auto first = open_folder(folder.path());
    EXPECT_TRUE(FileLock::acquire(first.get(), at_once()).ok());
}

TEST(FileLock, NamesTheHolderAfterTheTimeout) {
    const test::TemporaryFolder folder;
    const Holder holder(folder.path());
    const auto own = open_folder(folder.path());
    const auto lock = FileLock::acquire(own.get(), at_once("output directory ./contoso-requests"));
    ASSERT_FALSE(lock.ok());
    EXPECT_EQ(lock.error().code, ExitCode::token);
    EXPECT_THAT(lock.error().what, HasSubstr(holder.name()));
    EXPECT_EQ(lock.error().where, "output directory ./contoso-requests");
    EXPECT_FALSE(lock.error().hint.empty());
}

TEST(FileLock, TellsOnceWhomItWaitsForAndStopsWhenAsked) {
    const test::TemporaryFolder folder;
    const Holder holder(folder.path());
    const auto own = open_folder(folder.path());
    std::vector<std::string> told;
    int asked = 0;
    const auto lock = FileLock::acquire(own.get(), {.what = "the thing",
                                                    .timeout = std::chrono::seconds(600),
                                                    .waiting = [&](const std::string& text) { told.push_back(text); },
                                                    .stop = [&] { return ++asked == 4; }});
    ASSERT_FALSE(lock.ok());
    EXPECT_EQ(lock.error().code, ExitCode::interrupted);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_THAT(told[0], HasSubstr("the thing"));
    EXPECT_THAT(told[0], HasSubstr(holder.name()));
}

TEST(FileLock, IsHadOnceTheHolderDies) {
    const test::TemporaryFolder folder;
    Holder holder(folder.path());
    const auto own = open_folder(folder.path());
    const auto lock = FileLock::acquire(own.get(), {.what = "the thing",
                                                    .timeout = std::chrono::seconds(600),
                                                    .waiting = [&](const std::string&) { holder.let_go(); }});
    EXPECT_TRUE(lock.ok());
}

TEST(FileLock, IsGivenBackByDestructionAndByAssignment) {
    const test::TemporaryFolder folder;
    const auto first = open_folder(folder.path());
    const auto second = open_folder(folder.path());
    {
        const auto lock = FileLock::acquire(first.get(), at_once());
        ASSERT_TRUE(lock.ok());
        EXPECT_FALSE(FileLock::acquire(second.get(), at_once()).ok());
    }
    auto lock = FileLock::acquire(second.get(), at_once()).value();
    EXPECT_FALSE(FileLock::acquire(first.get(), at_once()).ok());
    lock = FileLock();
    EXPECT_TRUE(FileLock::acquire(first.get(), at_once()).ok());
}

TEST(FileLock, MovesWithItsOwner) {
    const test::TemporaryFolder folder;
    const auto first = open_folder(folder.path());
    const auto second = open_folder(folder.path());
    auto lock = FileLock::acquire(first.get(), at_once()).value();
    {
        const FileLock moved(std::move(lock));
        lock = FileLock();
        EXPECT_FALSE(FileLock::acquire(second.get(), at_once()).ok());
    }
    EXPECT_TRUE(FileLock::acquire(second.get(), at_once()).ok());
}

TEST(FileLock, SaysWhatCannotBeLocked) {
    const auto lock = FileLock::acquire(-1, at_once("the thing"));
    ASSERT_FALSE(lock.ok());
    EXPECT_EQ(lock.error().code, ExitCode::token);
    EXPECT_THAT(lock.error().what, HasSubstr("Bad file descriptor"));
}

class NamedLock : public testing::Test {
protected:
    NamedLock() { remove_file(); }
    ~NamedLock() override { remove_file(); }
    void remove_file() const { ::unlink(path_.c_str()); }

    std::string key_ = "unit test " + std::to_string(::getpid());
    std::string path_ = std::string(::access("/run/lock", W_OK | X_OK) == 0 ? "/run/lock" : "/tmp") + "/hsmreq-" +
                        sha256_hex(as_bytes(key_)).substr(0, 32) + ".lock";
};

TEST_F(NamedLock, ExcludesTheSameKeyOnly) {
    const auto lock = FileLock::acquire_named(key_, at_once());
    ASSERT_TRUE(lock.ok()) << lock.error().what;
    const auto again = FileLock::acquire_named(key_, at_once());
    ASSERT_FALSE(again.ok());
    EXPECT_THAT(again.error().what, HasSubstr("process " + std::to_string(::getpid())));
    EXPECT_TRUE(std::filesystem::is_empty(path_));
}

TEST_F(NamedLock, CanBeOpenedByOtherUsersWhateverTheUmask) {
    const auto before = ::umask(0077);
    ASSERT_TRUE(FileLock::acquire_named(key_, at_once()).ok());
    ::umask(before);
    test::in_child([&] {
        test::give_up_root();
        EXPECT_TRUE(FileLock::acquire_named(key_, at_once()).ok());
    });
}

TEST_F(NamedLock, NeverFollowsALink) {
    const test::TemporaryFolder folder;
    folder.write("target", "");
    std::filesystem::create_symlink(folder / "target", path_);
    const auto lock = FileLock::acquire_named(key_, at_once());
    ASSERT_FALSE(lock.ok());
    EXPECT_EQ(lock.error().code, ExitCode::token);
    EXPECT_THAT(lock.error().what, HasSubstr(path_));
}

TEST_F(NamedLock, MustBeARegularFile) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0644), 0);
    const auto lock = FileLock::acquire_named(key_, at_once());
    ASSERT_FALSE(lock.ok());
    EXPECT_THAT(lock.error().what, HasSubstr("not a regular file"));
}

TEST_F(NamedLock, IsTakenAnewWhenItsFileWasRemovedMeanwhile) {
    auto holder = FileLock::acquire_named(key_, at_once()).value();
    const auto lock = FileLock::acquire_named(
        key_, {.what = "the thing", .timeout = std::chrono::seconds(600), .waiting = [&](const std::string&) {
                   remove_file();
                   holder = FileLock();
               }});
    ASSERT_TRUE(lock.ok());
    EXPECT_FALSE(FileLock::acquire_named(key_, at_once()).ok());
}

}  // namespace
}  // namespace hsmreq
