#include "base/secret.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <array>
#include <fstream>
#include <sstream>
#include <type_traits>
#include <utility>

#include "base/text.hpp"
#include "support/child_process.hpp"

namespace hsmreq {
namespace {

// The sanitizers answer mlock themselves: it succeeds and locks nothing.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool mlock_is_the_kernels = false;
#else
constexpr bool mlock_is_the_kernels = true;
#endif

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);

Secret secret_of(std::string_view text) {
    Secret secret(text.size());
    EXPECT_TRUE(secret.append(as_bytes(text)));
    return secret;
}

TEST(Secret, KeepsWhatWasAppended) {
    Secret secret(8);
    EXPECT_TRUE(secret.empty());
    EXPECT_TRUE(secret.append(as_bytes("12")));
    EXPECT_TRUE(secret.append(as_bytes("34")));
    EXPECT_EQ(as_text(secret.reveal()), "1234");
    EXPECT_EQ(secret.size(), 4U);
}

TEST(Secret, RefusesMoreThanItsCapacityAndStaysAsItWas) {
    Secret secret(4);
    EXPECT_TRUE(secret.append(as_bytes("123")));
    EXPECT_FALSE(secret.append(as_bytes("45")));
    EXPECT_EQ(as_text(secret.reveal()), "123");
    EXPECT_TRUE(secret.append(as_bytes("4")));
}

TEST(Secret, WithoutRoomHoldsNothing) {
    Secret secret;
    EXPECT_TRUE(secret.append({}));
    EXPECT_FALSE(secret.append(as_bytes("1")));
    secret.pop_back();
    EXPECT_TRUE(secret.reveal().empty());
}

TEST(Secret, PopBackWipesTheByte) {
    auto secret = secret_of("1234");
    const auto before = secret.reveal();
    secret.pop_back();
    EXPECT_EQ(as_text(secret.reveal()), "123");
    // The room is still the secret's own, so the byte behind its end may be looked at.
    EXPECT_EQ(before[3], 0);
}

TEST(Secret, MovingLeavesNothingBehind) {
    auto first = secret_of("1234");
    const auto* place = first.reveal().data();
    Secret second(std::move(first));
    EXPECT_EQ(second.reveal().data(), place);
    EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): an emptied secret is what is tested
    auto third = secret_of("5678");
    third = std::move(second);
    EXPECT_EQ(as_text(third.reveal()), "1234");
    EXPECT_TRUE(second.empty());  // NOLINT(bugprone-use-after-move)
}

/// The flags that the kernel keeps for the mapping at an address.
std::string mapping_flags(const void* address) {
    std::ostringstream wanted;
    wanted << std::hex << reinterpret_cast<std::uintptr_t>(address) << '-';
    std::ifstream maps("/proc/self/smaps");
    bool found = false;
    for (std::string line; std::getline(maps, line);) {
        if (line.starts_with(wanted.str())) found = true;
        if (found && line.starts_with("VmFlags:")) return line;
    }
    return "";
}

TEST(Secret, IsKeptOutOfCoreFilesAndLockedWhenItSaysSo) {
    const auto secret = secret_of("1234");
    const auto flags = mapping_flags(secret.reveal().data());
    EXPECT_NE(flags.find(" dd"), std::string::npos) << flags;
    EXPECT_EQ(flags.find(" lo") != std::string::npos, secret.locked() && mlock_is_the_kernels) << flags;
}

TEST(Secret, WorksWithoutLockedMemory) {
    test::in_child([] {
        const ::rlimit none{0, 0};
        ASSERT_EQ(::setrlimit(RLIMIT_MEMLOCK, &none), 0);
        test::give_up_root();
        const auto secret = secret_of("1234");
        EXPECT_EQ(secret.locked(), !mlock_is_the_kernels);
        EXPECT_EQ(as_text(secret.reveal()), "1234");
    });
}

TEST(Wipe, OverwritesAll) {
    std::array<char, 4> text{'1', '2', '3', '4'};
    wipe(text.data(), text.size());
    EXPECT_EQ(text, (std::array<char, 4>{}));
}

TEST(ProcessGuard, ForbidsCoreFilesWhileItLives) {
    test::in_child([] {
        ::rlimit before{};
        ASSERT_EQ(::getrlimit(RLIMIT_CORE, &before), 0);
        before.rlim_cur = before.rlim_max;
        ASSERT_EQ(::setrlimit(RLIMIT_CORE, &before), 0);
        ASSERT_EQ(::prctl(PR_SET_DUMPABLE, 1), 0);
        ::rlimit limit{};
        {
            const ProcessGuard guard;
            EXPECT_EQ(::prctl(PR_GET_DUMPABLE), 0);
            ASSERT_EQ(::getrlimit(RLIMIT_CORE, &limit), 0);
            EXPECT_EQ(limit.rlim_cur, 0U);
            EXPECT_EQ(limit.rlim_max, before.rlim_max);
        }
        EXPECT_EQ(::prctl(PR_GET_DUMPABLE), 1);
        ASSERT_EQ(::getrlimit(RLIMIT_CORE, &limit), 0);
        EXPECT_EQ(limit.rlim_cur, before.rlim_cur);
    });
}

TEST(Secret, IsExtendedByZerosAndTruncatedWithAWipe) {
    Secret secret(8);
    secret.append(as_bytes("12"));
    const auto added = secret.extend(6);
    ASSERT_EQ(added.size(), 6U);
    EXPECT_EQ(added.front(), 0);
    added.front() = 0x55;
    EXPECT_EQ(secret.size(), 8U);
    EXPECT_TRUE(secret.extend(1).empty());
    secret.truncate(2);
    EXPECT_EQ(as_text(secret.reveal()), "12");
    EXPECT_EQ(secret.extend(1).front(), 0);
    secret.truncate(9);
    EXPECT_EQ(secret.size(), 3U);
}

}  // namespace
}  // namespace hsmreq
