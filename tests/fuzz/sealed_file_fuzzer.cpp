// Any bytes as a sealed file: what is accepted means the same when it is written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "evidence/sealed_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hsmreq;
    const auto sealed = evidence::read_sealed_file({data, size});
    if (!sealed) return 0;
    const auto again = evidence::read_sealed_file(evidence::to_json(*sealed));
    if (!again || evidence::signed_content(*again) != evidence::signed_content(*sealed) ||
        again->signature != sealed->signature)
        std::abort();
    return 0;
}
