// Each tests/data/farm/NAME.toml is parsed and what comes of it compared, whole, with NAME.expected.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "support.hpp"

namespace hsmreq::farm {
namespace {

std::vector<std::string> cases() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(HSMREQ_TEST_DATA "/farm"))
        if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    std::ranges::sort(names);
    return names;
}

class ErrorText : public testing::TestWithParam<std::string> {};

TEST_P(ErrorText, IsAsExpected) {
    const std::string stem = HSMREQ_TEST_DATA "/farm/" + GetParam();
    const auto text = content_of(stem + ".toml");
    EXPECT_EQ(outcome(parse(text, GetParam() + ".toml", test_validators())), content_of(stem + ".expected"));
}

INSTANTIATE_TEST_SUITE_P(Files, ErrorText, testing::ValuesIn(cases()), [](const auto& test) {
    std::string name = test.param;
    std::ranges::replace(name, '-', '_');
    return name;
});

}  // namespace
}  // namespace hsmreq::farm
