// What key a TLS server answers with.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "hsmreq/algorithm.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::x509 {

struct TlsQuestion {
    std::string host;  ///< name or address to connect to
    std::string port;
    std::string server_name;  ///< sent as SNI (RFC 6066, section 3); "" for none
    /// A server may have a key of each family, and shows the one that the client asks for.
    KeyFamily family = KeyFamily::rsa;
    std::chrono::seconds timeout{10};  ///< for each address
};

/// SHA-256 of the SubjectPublicKeyInfo that the server's certificate carries, in hexadecimal; "" when the server speaks
/// TLS and has no certificate with a key of that family. Nothing is verified: only who answers is asked. Connects once
/// or twice to the first address that takes the connection. Errors: ExitCode::unreachable.
Result<std::string> ask_server_key(const TlsQuestion& question);

}  // namespace hsmreq::x509
