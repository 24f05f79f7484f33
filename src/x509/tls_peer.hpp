// What a TLS server answers with: its key, or its whole chain.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/algorithm.hpp"
#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::x509 {

struct TlsQuestion {
    std::string host;  ///< name or address to connect to
    std::string port;
    std::string server_name;  ///< sent as SNI (RFC 6066, section 3); "" for none
    /// A server may have a key of each family, and shows the one that the client asks for.
    KeyFamily family = KeyFamily::rsa;                         ///< ask_server_key() alone
    std::chrono::seconds timeout{10};                          ///< for each address, and for the handshake
    std::string hint = "check the address and that it is up";  ///< of the error when there is no answer
};

/// SHA-256 of the SubjectPublicKeyInfo that the server's certificate carries, in hexadecimal; "" when the server speaks
/// TLS and has no certificate with a key of that family. Nothing is verified: only who answers is asked. Connects once
/// or twice to the first address that takes the connection. Errors: ExitCode::unreachable.
Result<std::string> ask_server_key(const TlsQuestion& question);

struct TlsAnswer {
    std::vector<Bytes> chain;  ///< DER, as sent: the server's own certificate first
    std::string protocol;      ///< "TLSv1.3", "TLSv1"
    std::string cipher;        ///< OpenSSL's name; "" when the handshake came to no agreement
    /// False when the handshake comes about only with protocols and algorithms that this machine's OpenSSL refuses as
    /// it is set up.
    bool usual = true;
};

/// Shakes hands as programs of this machine do, and when that fails once more with all that OpenSSL knows, old
/// protocols included: for telling what is wrong, nothing is sent over it. Nothing is verified here.
/// Errors: ExitCode::unreachable, also for what is no TLS.
Result<TlsAnswer> ask_server_chain(const TlsQuestion& question);

}  // namespace hsmreq::x509
