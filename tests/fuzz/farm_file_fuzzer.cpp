// Any bytes as a farm file: parsed or refused, and what parses can be planned.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "hsmreq/farm.hpp"
#include "hsmreq/plan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace std::chrono_literals;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto farm = hsmreq::parse_farm(text, "farm.toml");
    if (farm) static_cast<void>(hsmreq::make_plan(*farm, {.date = 2026y / 11 / 24, .allow_ed25519 = false}));
    return 0;
}
