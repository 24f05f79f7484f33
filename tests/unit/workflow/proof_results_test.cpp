// The results of a proof as they come in, and as they are told when it ends early.
#include "workflow/proof_results.hpp"

#include <gtest/gtest.h>

namespace hsmreq::workflow {
namespace {

class Observer : public RequestObserver {
public:
    void progress(const RequestProgress& progress) override { last = progress.item + ": " + progress.step; }
    void notice(const std::string&) override {}
    Result<Secret> ask_pin(const std::string&) override { return Secret(); }
    bool interrupted() override { return false; }
    std::string last;
};

ProofResult result(const std::string& request, unsigned generation = 0, ProofState state = ProofState::failed) {
    ProofResult one;
    one.request = request;
    one.token_member = "rp01";
    one.generation = generation;
    one.state = state;
    return one;
}

Error error(ExitCode code) {
    return {.code = code, .what = "so it is"};
}

class Book : public testing::Test {
protected:
    Observer observer;
    ProofBook book{{result("a"), result("b"), result("c")}, observer, true};
};

TEST_F(Book, NamesEveryTargetFromTheStart) {
    const auto results = book.close(error(ExitCode::login));
    ASSERT_EQ(results.items.size(), 3U);
    for (const auto& item : results.items) EXPECT_EQ(item.error->code, ExitCode::login);
    book.step(1, "on its way");
    EXPECT_EQ(observer.last, "b rp01: on its way");
}

TEST_F(Book, HasAPlaceForEachGenerationAndNoneForWhatIsNotThere) {
    book.expect(0, {result("a", 1), result("a", 2)});
    book.expect(1, {});
    book.settle(0, result("a", 2, ProofState::proved));
    const auto results = book.close(error(ExitCode::interrupted));
    ASSERT_EQ(results.items.size(), 3U);
    EXPECT_EQ(results.items[0].error->code, ExitCode::interrupted);
    EXPECT_FALSE(results.items[1].error.has_value());
    EXPECT_EQ(results.items[2].request, "c");
}

TEST_F(Book, TellsWhatFailFastLeftOutByTheFirstFailure) {
    EXPECT_FALSE(book.stopping());
    book.expect(0, {result("a", 1)});
    book.settle(0, result("a", 1, ProofState::proved));
    book.fail(1, error(ExitCode::verification));
    EXPECT_TRUE(book.stopping());
    const auto results = book.close(std::nullopt);
    EXPECT_FALSE(results.items[0].error.has_value());
    EXPECT_EQ(results.items[1].error->what, "so it is");
    EXPECT_EQ(results.items[2].error->code, ExitCode::verification);
    EXPECT_NE(results.items[2].error->what.find("--fail-fast"), std::string::npos);
}

TEST_F(Book, IsSettledByAnErrorThatAGenerationCameWith) {
    auto bad = result("a", 1);
    bad.error = error(ExitCode::not_found);
    book.expect(0, {bad, result("a", 2)});
    EXPECT_TRUE(book.stopping());
    const auto results = book.close(error(ExitCode::interrupted));
    EXPECT_EQ(results.items[0].error->code, ExitCode::not_found);
    EXPECT_EQ(results.items[1].error->code, ExitCode::interrupted);
}

}  // namespace
}  // namespace hsmreq::workflow
