// Tests that must change the whole process.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

namespace hsmreq::test {

/// Runs expectations in a child process, which may limit, confine or redirect itself.
template <class Body>
void in_child(Body body) {
    std::fflush(nullptr);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        body();
        std::fflush(nullptr);
        ::_exit(testing::Test::HasFailure() ? 1 : 0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the child process failed; its messages are above";
}

/// From here on permissions count, also when the tests run as root. For use in a child process.
inline void give_up_root() {
    constexpr uid_t nobody = 65534;
    if (::geteuid() == 0) {
        ASSERT_EQ(::setgid(nobody), 0);
        ASSERT_EQ(::setuid(nobody), 0);
    }
}

}  // namespace hsmreq::test
