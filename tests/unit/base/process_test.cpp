#include "base/process.hpp"

#include <gtest/gtest.h>

namespace hsmreq {
namespace {

TEST(Process, AnswersStatusAndBothStreams) {
    const auto ended = run_program({"sh", "-c", "echo out; echo err >&2; exit 3"});
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->status, 3);
    EXPECT_EQ(ended->output, "out\nerr\n");
}

TEST(Process, HasAnEmptyStandardInput) {
    const auto ended = run_program({"cat"});
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->status, 0);
    EXPECT_EQ(ended->output, "");
}

TEST(Process, CutsALongOutputAndLetsTheProgramGoOn) {
    const auto ended = run_program({"sh", "-c", "head -c 1000000 /dev/zero; exit 7"});
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->status, 7);
    EXPECT_EQ(ended->output.size(), std::size_t{64} << 10);
}

TEST(Process, OfASignalIsCountedAsShellsDo) {
    const auto ended = run_program({"sh", "-c", "kill -9 $$"});
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->status, 128 + 9);
}

TEST(Process, ThatDoesNotExistIsAnError) {
    const auto ended = run_program({"/nonexistent/program"});
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ExitCode::output);
    EXPECT_EQ(ended.error().where, "/nonexistent/program");
}

TEST(Process, WordsArriveAsTheyAre) {
    const auto ended = run_program({"printf", "%s|", "a b", "$(id)", "", "*"});
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->output, "a b|$(id)||*|");
}

}  // namespace
}  // namespace hsmreq
