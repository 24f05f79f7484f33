#include "base/host.hpp"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <fstream>

#include "support/child_process.hpp"

namespace hsmreq {
namespace {

TEST(OperatorName, IsTheEffectiveUsersLogin) {
    test::in_child([] {
        test::give_up_root();
        const auto* entry = ::getpwuid(::geteuid());
        EXPECT_EQ(operator_name(), entry != nullptr ? entry->pw_name : "uid " + std::to_string(::geteuid()));
    });
}

TEST(HostName, IsTheKernels) {
    std::string expected;
    std::getline(std::ifstream("/proc/sys/kernel/hostname"), expected);
    EXPECT_EQ(host_name(), expected);
}

}  // namespace
}  // namespace hsmreq
