// Any text as a PIN source: what is accepted means the same when it is written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "token/pin.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto source = hsmreq::token::parse_pin_source(text);
    if (!source) return 0;
    const auto again = hsmreq::token::parse_pin_source(hsmreq::token::to_text(*source));
    if (!again || !(*again == *source)) std::abort();
    return 0;
}
