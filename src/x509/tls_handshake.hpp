// A TLS handshake in memory: a server with a key of whatever kind, and a client that believes nothing.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"
#include "x509/chain.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// A private key that OpenSSL signs with and somebody else owns, perhaps one that lives in a token.
struct BorrowedKey {
    EVP_PKEY* key = nullptr;
    /// Why it did not sign, in its owner's words; asked while OpenSSL's error queue still says it. May be empty.
    std::function<std::optional<Error>()> fault;
};

/// True when the key's public half is that SubjectPublicKeyInfo.
bool has_public_half(const EVP_PKEY* key, BytesView public_key_der);

enum class TlsVersion { tls12, tls13 };

/// "TLS 1.3".
std::string to_text(TlsVersion version);

struct HandshakeInput {
    BorrowedKey key;
    std::vector<Bytes> certificates;  ///< what the server sends: DER, the leaf first
    const TrustStore& roots;          ///< what the client trusts, and nothing else
    std::vector<std::string> names;   ///< host names, wildcards and addresses that the leaf must be for; at least one
    std::chrono::sys_seconds time;    ///< for the validity of the chain
    TlsVersion version = TlsVersion::tls13;
};

/// As the client saw it.
struct HandshakeFacts {
    std::string protocol;             ///< "TLSv1.3"
    std::string cipher;               ///< "TLS_AES_256_GCM_SHA384"
    std::string group;                ///< of the key exchange: "x25519"
    std::string signature_algorithm;  ///< of the server's proof of possession, as IANA names it
    std::string server_name;          ///< sent as SNI; "" for an address
};

/// Shakes hands once. The client asks for the first name, verifies the chain as a browser would (RFC 5280, the
/// purpose of a TLS server) and every name against subjectAltName alone (RFC 6125; a wildcard by a host that it
/// covers). TLS 1.2 is done with (EC)DHE, and an RSA key signs by PKCS#1 v1.5 there, since TLS 1.3 has it sign by PSS
/// anyway. Errors: ExitCode::verification saying which version and what is wrong; BorrowedKey::fault's own.
Result<HandshakeFacts> shake_hands_in_memory(const HandshakeInput& input);

/// The names that the leaf is not for, in the order given.
std::vector<std::string> names_not_covered(BytesView leaf_der, const std::vector<std::string>& names);

/// "OpenSSL 3.0.15 3 Sep 2024": the library that runs.
std::string openssl_version();

}  // namespace hsmreq::x509
