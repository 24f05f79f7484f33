#include "plan/simple_url.hpp"

#include "base/text.hpp"

namespace hsmreq::plan {

SimpleUrl split_simple_url(std::string_view written) {
    SimpleUrl url;
    std::string_view rest = written;
    if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
        url.https = to_lower(rest.substr(0, scheme)) == "https";
        rest.remove_prefix(scheme + 3);
    }
    const auto end = rest.find_first_of("/?#");
    const std::string_view authority = rest.substr(0, end);
    if (end != std::string_view::npos) url.path = rest.substr(end);
    const auto bracket = authority.rfind(']');
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    url.port = colon != std::string_view::npos;
    url.host = authority.substr(0, colon);
    return url;
}

}  // namespace hsmreq::plan
