// Any text as a PKCS#11 URI of a token or an object.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "token/uri.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using hsmreq::token::Uri;
    using hsmreq::token::UriKind;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const bool token = Uri::parse(text, UriKind::token).ok();
    // What names a token also may stand where an object's URI is asked for, as far as the syntax goes.
    const auto object = Uri::parse(text, UriKind::object);
    if (object && object->text() != text) std::abort();
    static_cast<void>(token);
    return 0;
}
