// The key algorithms and hashes: one row each, read by every room.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace hsmreq {

enum class KeyFamily { rsa, ec, ed25519 };

enum class KeyAlgorithm { rsa_2048, rsa_3072, rsa_4096, ec_p256, ec_p384, ec_p521, ed25519 };

/// All that is specific to one algorithm. A further algorithm of a known family is a further row.
struct KeyAlgorithmFacts {
    KeyAlgorithm id;
    std::string_view name;  ///< as the farm file writes it
    KeyFamily family;
    unsigned bits;                       ///< modulus or field size in bits
    std::string_view curve;              ///< FIPS 186 name, "" for RSA
    std::string_view curve_oid;          ///< dotted; "" for RSA
    std::string_view ec_parameters_der;  ///< DER of the named curve's OBJECT IDENTIFIER (RFC 5480), "" for RSA
};

inline constexpr std::array<KeyAlgorithmFacts, 7> key_algorithms = [] {
    using namespace std::string_view_literals;  // keeps the NUL bytes inside the DER strings
    return std::array<KeyAlgorithmFacts, 7>{{
        {KeyAlgorithm::rsa_2048, "rsa-2048", KeyFamily::rsa, 2048, "", "", ""},
        {KeyAlgorithm::rsa_3072, "rsa-3072", KeyFamily::rsa, 3072, "", "", ""},
        {KeyAlgorithm::rsa_4096, "rsa-4096", KeyFamily::rsa, 4096, "", "", ""},
        {KeyAlgorithm::ec_p256, "ec-p256", KeyFamily::ec, 256, "P-256", "1.2.840.10045.3.1.7",
         "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"sv},
        {KeyAlgorithm::ec_p384, "ec-p384", KeyFamily::ec, 384, "P-384", "1.3.132.0.34",
         "\x06\x05\x2b\x81\x04\x00\x22"sv},
        {KeyAlgorithm::ec_p521, "ec-p521", KeyFamily::ec, 521, "P-521", "1.3.132.0.35",
         "\x06\x05\x2b\x81\x04\x00\x23"sv},
        {KeyAlgorithm::ed25519, "ed25519", KeyFamily::ed25519, 256, "Ed25519", "1.3.101.112", "\x06\x03\x2b\x65\x70"sv},
    }};
}();

/// Never fails: every enumerator has a row.
constexpr const KeyAlgorithmFacts& facts(KeyAlgorithm algorithm) {
    for (const auto& row : key_algorithms)
        if (row.id == algorithm) return row;
    return key_algorithms.front();
}

enum class Hash { sha256, sha384, sha512 };

/// A hash and what PKCS #1 (RFC 8017, section 9.2, note 1) puts before its output in a DigestInfo.
struct HashFacts {
    Hash id;
    std::string_view name;
    std::size_t size;  ///< output length in bytes
    std::string_view digest_info_prefix;
};

inline constexpr std::array<HashFacts, 3> hashes = [] {
    using namespace std::string_view_literals;
    return std::array<HashFacts, 3>{{
        {Hash::sha256, "sha256", 32, "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"sv},
        {Hash::sha384, "sha384", 48, "\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"sv},
        {Hash::sha512, "sha512", 64, "\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"sv},
    }};
}();

/// Never fails: every enumerator has a row.
constexpr const HashFacts& facts(Hash hash) {
    for (const auto& row : hashes)
        if (row.id == hash) return row;
    return hashes.front();
}

}  // namespace hsmreq
