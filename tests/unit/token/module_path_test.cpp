#include "token/module_path.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/softhsm.hpp"

namespace hsmreq::token {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ModuleName : public ::testing::Test {
protected:
    void SetUp() override {
        fs::create_directory(folder_ / "system");
        fs::create_directory(folder_ / "packages");
        folders_ = {{folder_ / "system", folder_ / "packages"}, "/usr/lib/modules"};
    }
    Result<ConfiguredModule> find(const std::string& name) { return find_module(name, folders_); }

    test::TemporaryFolder folder_;
    ModuleFolders folders_;
};

TEST_F(ModuleName, StandsForThePathOfItsFile) {
    folder_.write("packages/acme.module", "# Acme\npriority: 1\n  module :  /opt/acme/pkcs11.so \r\n");
    EXPECT_EQ(find("acme")->path, "/opt/acme/pkcs11.so");
}

TEST_F(ModuleName, WithARelativePathStartsFromTheModules) {
    folder_.write("packages/acme.module", "module: acme.so\n");
    EXPECT_EQ(find("acme")->path, "/usr/lib/modules/acme.so");
}

TEST_F(ModuleName, IsTakenFromTheFirstFolderThatHasIt) {
    folder_.write("system/acme.module", "module: /first.so\n");
    folder_.write("packages/acme.module", "module: /second.so\n");
    EXPECT_EQ(find("acme")->path, "/first.so");
}

TEST_F(ModuleName, SetUpInOneFolderMayHaveItsPathInAnother) {
    folder_.write("system/acme.module", "priority: 5\n");
    folder_.write("packages/acme.module", "module: /second.so\n");
    EXPECT_EQ(find("acme")->path, "/second.so");
}

TEST_F(ModuleName, IgnoresCommentsAndEmptySettings) {
    folder_.write("packages/acme.module", "#module: /wrong.so\nmodule:\nmodule: /right.so");
    EXPECT_EQ(find("acme")->path, "/right.so");
}

TEST_F(ModuleName, BringsTheParametersThatTheModuleIsInitialisedWith) {
    folder_.write("system/nss.module", "x-init-reserved: configdir='sql:/db one' flags=readOnly \n");
    folder_.write("packages/nss.module", "module: /nss.so\nx-init-reserved: configdir='sql:/other'\n");
    const auto found = find("nss");
    ASSERT_TRUE(found.ok()) << found.error().what;
    EXPECT_EQ(found->path, "/nss.so");
    EXPECT_EQ(found->init_reserved, "configdir='sql:/db one' flags=readOnly");
}

TEST_F(ModuleName, ThatNobodyKnowsListsThoseThereAre) {
    folder_.write("packages/softhsm2.module", "module: /a.so\n");
    const auto path = find("softhsm");
    ASSERT_FALSE(path.ok());
    EXPECT_EQ(path.error().code, ExitCode::not_found);
    EXPECT_EQ(path.error().where, "softhsm");
    EXPECT_THAT(path.error().hint, HasSubstr("did you mean \"softhsm2\"?"));
}

TEST_F(ModuleName, NeverLeavesItsFolder) {
    folder_.write("stray.module", "module: /stray.so\n");
    for (const char* name : {"", ".", "..", "../stray", ".hidden"}) EXPECT_FALSE(find(name).ok()) << name;
}

TEST_F(ModuleName, OfARemoteModuleSaysWhatToDo) {
    folder_.write("packages/far.module", "remote: |ssh host p11-kit remote /x.so\n");
    const auto path = find("far");
    ASSERT_FALSE(path.ok());
    EXPECT_EQ(path.error().code, ExitCode::not_found);
    EXPECT_THAT(path.error().hint, HasSubstr("P11_KIT_SERVER_ADDRESS"));
}

TEST_F(ModuleName, OfDebiansSoftHsmIsFoundInTheDefaultFolders) {
    const auto path = find_module("softhsm2", default_module_folders());
    ASSERT_TRUE(path.ok()) << path.error().what;
    EXPECT_TRUE(fs::exists(path->path)) << path->path;
    EXPECT_EQ(path->init_reserved, "");
}

/// A module at work/folder/module.so, safe as it stands.
class ModuleFilePath : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(fs::create_directories(folder_ / "work/folder"));
        for (const char* part : {"work", "work/folder"}) ::chmod((folder_ / part).c_str(), 0755);
        module_ = folder_.write("work/folder/module.so", "code");
        ::chmod(module_.c_str(), 0644);
    }
    static std::string objection(const std::string& path) {
        const auto file = resolve_module_file(path);
        EXPECT_TRUE(file.ok()) << file.error().what;
        return file.ok() ? file->objection : "unresolved";
    }

    test::TemporaryFolder folder_;  // below /tmp, which everyone may write to and which has the sticky bit
    std::string module_;
};

TEST_F(ModuleFilePath, OfTheCallersOwnIsTaken) {
    const auto file = resolve_module_file(module_);
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(file->objection, "");
    EXPECT_EQ(file->path, fs::canonical(module_));
}

TEST_F(ModuleFilePath, WritableForEveryoneIsRefused) {
    ::chmod(module_.c_str(), 0646);
    EXPECT_THAT(objection(module_), HasSubstr("module.so is writable for everyone"));
}

TEST_F(ModuleFilePath, BelowAFolderForEveryoneIsRefused) {
    for (const char* part : {"work", "work/folder"}) {
        ::chmod((folder_ / part).c_str(), 0777);
        EXPECT_THAT(objection(module_), HasSubstr("is writable for everyone")) << part;
        ::chmod((folder_ / part).c_str(), 0755);
    }
}

TEST_F(ModuleFilePath, BelowAStickyFolderIsTakenAndDirectlyInItIsNot) {
    ::chmod((folder_ / "work").c_str(), 01777);
    EXPECT_EQ(objection(module_), "");
    ::chmod((folder_ / "work/folder").c_str(), 01777);
    EXPECT_THAT(objection(module_), HasSubstr("files beside it"));
}

TEST_F(ModuleFilePath, WritableForAGroupOtherThanRootsIsRefused) {
    const gid_t other = ::geteuid() == 0 ? 65534 : ::getegid();
    for (const auto& part : {folder_ / "work", folder_ / "work/folder", module_}) {
        ASSERT_EQ(::chown(part.c_str(), static_cast<uid_t>(-1), other), 0);
        const mode_t mode = fs::is_directory(part) ? 0775 : 0664;
        ::chmod(part.c_str(), mode);
        EXPECT_THAT(objection(module_), HasSubstr("writable for a group other than root's")) << part;
        ::chmod(part.c_str(), mode & ~mode_t{0020});
    }
}

TEST_F(ModuleFilePath, FollowsEveryLinkAndJudgesWhereItLeads) {
    fs::create_directory(folder_ / "open");
    ::chmod((folder_ / "open").c_str(), 0777);
    fs::create_symlink(module_, folder_ / "open/link.so");
    fs::create_symlink("open/link.so", folder_ / "outer.so");
    const auto file = resolve_module_file(folder_ / "outer.so");
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(file->path, fs::canonical(module_));
    EXPECT_THAT(file->objection, HasSubstr("open is writable for everyone"));
}

TEST_F(ModuleFilePath, OfAnotherUserIsRefused) {
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(module_.c_str(), 65534, 0), 0);
        EXPECT_THAT(objection(module_), HasSubstr("belongs to another user"));
    } else {
        // Root's own is as good as the caller's.
        EXPECT_EQ(objection("/etc/passwd"), "");
    }
}

TEST_F(ModuleFilePath, ThatLeadsNowhereIsNotFound) {
    fs::create_symlink("loop.so", folder_ / "loop.so");
    fs::create_symlink("absent.so", folder_ / "dangling.so");
    const std::string paths[] = {"",
                                 std::string("/a\0b", 4),
                                 folder_ / "absent.so",
                                 folder_ / "loop.so",
                                 folder_ / "dangling.so",
                                 folder_.path(),
                                 module_ + "/below",
                                 "/dev/null"};
    for (const auto& path : paths) {
        const auto file = resolve_module_file(path);
        ASSERT_FALSE(file.ok()) << path;
        EXPECT_EQ(file.error().code, ExitCode::not_found) << path;
        EXPECT_FALSE(file.error().hint.empty()) << path;
    }
}

}  // namespace
}  // namespace hsmreq::token
