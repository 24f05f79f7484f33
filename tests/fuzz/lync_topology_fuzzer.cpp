// Any bytes as the export of a Lync topology: values or an error.
#include <cstdlib>

#include "farm/lync_topology.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto result = hsmreq::farm::read_lync_topology({data, size}, "fuzz.json");
    if (!result && result.error().code != hsmreq::ExitCode::input) std::abort();
    return 0;
}
