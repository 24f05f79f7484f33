// Simple URLs: https://HOST[/PATH], the addresses by which people join meetings.
#pragma once

#include <string>
#include <string_view>

namespace hsmreq::plan {

struct SimpleUrl {
    bool https = false;  ///< the scheme is https
    bool port = false;   ///< a port is written, whichever
    std::string host;    ///< as written, brackets of an IPv6 address kept
    std::string path;    ///< from the first slash on, "" when none
};

/// Splits after RFC 3986, section 3. Never fails: what is not a host name shows when the host is read as one.
SimpleUrl split_simple_url(std::string_view written);

}  // namespace hsmreq::plan
