#include "workflow/run_state.hpp"

#include <gtest/gtest.h>

namespace hsmreq::workflow {
namespace {

class Recorder : public RequestObserver {
public:
    void progress(const RequestProgress& progress) override { steps.push_back(progress.item + ": " + progress.step); }
    void notice(const std::string&) override {}
    Result<Secret> ask_pin(const std::string&) override {
        return Error{.code = ExitCode::login, .what = "no terminal"};
    }
    bool interrupted() override { return stop; }

    std::vector<std::string> steps;
    bool stop = false;
};

RequestItemResult item(const char* request, const char* member) {
    RequestItemResult result;
    result.request = request;
    result.member = member;
    return result;
}

RequestItemResult failed(const char* request, ExitCode code) {
    RequestItemResult result = item(request, "");
    result.error = Error{.code = code, .what = "broken"};
    return result;
}

TEST(RunState, ItemsThatNeverCameFailWithTheReasonGiven) {
    Recorder observer;
    RunState state({}, observer, false);
    state.expect({item("a", "rp01"), item("b", "")});
    RequestItemResult done = item("a", "rp01");
    done.state = ItemState::created;
    state.settle(0, done);
    EXPECT_EQ(state.unsettled(), 1U);
    const auto summary = state.close(Error{.code = ExitCode::interrupted, .what = "interrupted"});
    EXPECT_EQ(summary.items[0].state, ItemState::created);
    EXPECT_EQ(summary.items[1].state, ItemState::failed);
    EXPECT_EQ(summary.items[1].error->code, ExitCode::interrupted);
    EXPECT_EQ(observer.steps, std::vector<std::string>{"a rp01: created"});
}

TEST(RunState, FailFastStopsAfterAFailureOnly) {
    Recorder observer;
    RunState eager({}, observer, true);
    eager.expect({item("a", ""), item("b", "")});
    EXPECT_FALSE(eager.stopping());
    eager.settle(0, failed("a", ExitCode::token));
    EXPECT_TRUE(eager.stopping());

    RunState patient({}, observer, false);
    patient.expect({item("a", "")});
    patient.settle(0, failed("a", ExitCode::token));
    EXPECT_FALSE(patient.stopping());
    observer.stop = true;
    EXPECT_TRUE(patient.stopping());
}

TEST(RunState, AnItemIsSettledOnce) {
    Recorder observer;
    RunState state({}, observer, false);
    state.expect({item("a", "")});
    RequestItemResult done = item("a", "");
    done.state = ItemState::created;
    state.settle(0, done);
    state.settle(0, failed("a", ExitCode::token));
    EXPECT_EQ(state.close({}).items[0].state, ItemState::created);
}

TEST(RequestOutcome, CodeIsTheFirstFailuresInPlanOrder) {
    RequestOutcome outcome;
    outcome.summary.emplace();
    outcome.summary->items = {item("a", ""), failed("b", ExitCode::output), failed("c", ExitCode::token)};
    EXPECT_EQ(outcome.exit_code(), ExitCode::output);
    outcome.error = Error{.code = ExitCode::login, .what = "wrong PIN"};
    EXPECT_EQ(outcome.exit_code(), ExitCode::login);
}

}  // namespace
}  // namespace hsmreq::workflow
