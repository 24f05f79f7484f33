// prove_keys() as an embedder calls it, beside other users of the module.
#include "hsmreq/prove.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "support/softhsm.hpp"
#include "token/module.hpp"

namespace hsmreq {
namespace {

using ::testing::HasSubstr;

class Embedder : public RequestObserver {
public:
    void progress(const RequestProgress&) override {}
    void notice(const std::string&) override {}
    Result<Secret> ask_pin(const std::string&) override {
        ++asked;
        return test::secret(test::SoftHsm::pin);
    }
    bool interrupted() override { return false; }
    int asked = 0;
};

class ProveInProcess : public testing::Test {
protected:
    void SetUp() override {
        softhsm_.add_token("rp01");
        farm_ = softhsm_.folder().write("farm.toml", std::string(R"([farm]
name = "embedded"
product = "generic"
ca = "private"
[key]
algorithm = "ec-p256"
[token]
module = ")") + test::SoftHsm::module_path + R"("
pin_source = "prompt"
[[member]]
name = "rp01"
uri = "pkcs11:token=rp01"
[[request]]
name = "web"
names = ["web.example.com"]
)");
        options_.run.farm_file = farm_;
        options_.run.plan.date = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
        options_.run.output_directory = softhsm_.folder() / "out";
        options_.interim = true;
        const auto made = make_requests(options_.run, {.observer = embedder_, .hung = {}});
        ASSERT_EQ(made.exit_code(), ExitCode::ok);
        embedder_.asked = 0;
    }

    ProveOutcome prove() { return prove_keys(options_, {.observer = embedder_, .hung = {}}); }

    test::SoftHsm softhsm_;
    Embedder embedder_;
    std::string farm_;
    ProveOptions options_;
};

TEST_F(ProveInProcess, AsksOnceARunAndCanBeRunAgain) {
    for (int run = 1; run <= 2; ++run) {
        const auto outcome = prove();
        ASSERT_EQ(outcome.exit_code(), ExitCode::ok);
        ASSERT_EQ(outcome.summary->items.size(), 1U);
        EXPECT_EQ(outcome.summary->items[0].handshakes.size(), 2U);
        EXPECT_EQ(embedder_.asked, run);
    }
}

TEST_F(ProveInProcess, LeavesAModuleAloneThatSomebodyElseUses) {
    const auto other = token::Module::load({test::SoftHsm::module_path, true, nullptr});
    ASSERT_TRUE(other.ok());
    const auto outcome = prove();
    EXPECT_EQ(outcome.exit_code(), ExitCode::token);
    EXPECT_THAT(outcome.summary->items[0].error->what, HasSubstr("initialised already"));
    EXPECT_TRUE((*other)->find_token(token::Uri::parse("pkcs11:token=rp01", token::UriKind::token).value()).ok());
}

}  // namespace
}  // namespace hsmreq
