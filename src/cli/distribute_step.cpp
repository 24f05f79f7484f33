#include "cli/distribute_step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"
#include "cli/flag_values.hpp"
#include "cli/flags.hpp"

namespace hsmreq::cli {
namespace {

/// What a step of distribute takes beyond the flags of every step, and what it can't do without.
struct StepFlag {
    std::string_view name;
    std::vector<DistributeStep> taken_by;
    std::vector<DistributeStep> needed_by;
};

const std::vector<StepFlag>& step_flags() {
    using enum DistributeStep;
    static const std::vector<StepFlag> table{
        {"--output", {offer, seal}, {offer, seal}},
        {"--request", {seal}, {seal}},
        {"--offer", {seal}, {seal}},
        {"--fingerprint", {seal}, {seal}},
        {"--member", {copy, offer, accept}, {offer, accept}},
        {"--only", {copy}, {}},
        {"--shard", {copy}, {}},
    };
    return table;
}

}  // namespace

Status take_step(std::vector<std::string>& operands, DistributeOptions& options) {
    if (operands.empty()) return {};
    const auto step = from_name<DistributeStep>(operands.front());
    if (!step || *step == DistributeStep::copy) return {};
    options.step = *step;
    operands.erase(operands.begin());
    if (*step != DistributeStep::accept || operands.empty()) return {};
    if (operands.size() == 1)
        return bad_value("hsmreq distribute accept needs a sealed file",
                         "name it behind the farm file: hsmreq distribute accept FARM.toml --member M FILE");
    options.sealed_file = std::move(operands.back());
    operands.pop_back();
    return {};
}

Status check_step_flags(const std::function<bool(std::string_view)>& given_on_line, const DistributeOptions& options) {
    const std::string name(to_name(options.step));
    const std::string command =
        options.step == DistributeStep::copy ? "hsmreq distribute" : "hsmreq distribute " + name;
    const auto holds = [&](const std::vector<DistributeStep>& steps) {
        return std::find(steps.begin(), steps.end(), options.step) != steps.end();
    };
    for (const auto& flag : step_flags()) {
        const bool given = given_on_line(flag.name);
        if (given && !holds(flag.taken_by)) {
            std::vector<std::string> owners;
            for (const auto step : flag.taken_by)
                owners.push_back(step == DistributeStep::copy ? "hsmreq distribute"
                                                              : fmt::format("hsmreq distribute {}", to_name(step)));
            return bad_value(fmt::format("{} does not take {}", command, flag.name),
                             fmt::format("{} belongs to {}", flag.name, join(owners, ", ")));
        }
        const bool from_environment = flag.name == "--member" && std::getenv("HSMREQ_MEMBER") != nullptr;
        if (!given && holds(flag.needed_by) && !from_environment)
            return bad_value(
                fmt::format("{} needs {}", command, flag.name),
                fmt::format("{} {}: {}", flag.name, find_flag(flag.name)->value, find_flag(flag.name)->help));
    }
    return {};
}

}  // namespace hsmreq::cli
