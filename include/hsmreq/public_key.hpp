// A public key as plain numbers: what a token reads out and what X.509 encodes.
#pragma once

#include <string>

#include "hsmreq/algorithm.hpp"
#include "hsmreq/bytes.hpp"

namespace hsmreq {

/// RSA: modulus and public exponent, big-endian without leading zeros.
/// EC: `point` is the uncompressed point (04 X Y), `curve_oid` dotted. Ed25519: `point` is the 32 octets of RFC 8032.
struct PublicKey {
    KeyFamily family = KeyFamily::rsa;
    Bytes modulus;
    Bytes public_exponent;
    std::string curve_oid;
    Bytes point;

    bool operator==(const PublicKey&) const = default;
};

}  // namespace hsmreq
