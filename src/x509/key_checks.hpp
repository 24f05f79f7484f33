// What can be told from a public key alone about the private key behind it: facts, without a judgement.
#pragma once

#include <string>
#include <vector>

#include "hsmreq/public_key.hpp"
#include "hsmreq/result.hpp"
#include "x509/weak_key_list.hpp"

namespace hsmreq::x509 {

enum class KeyProblemKind {
    rsa_too_small,         ///< fewer than 2048 bits; detail: their number
    rsa_uneven_size,       ///< a number of bits that 8 does not divide; detail: the number
    rsa_too_large,         ///< more bits than OpenSSL works with, so the other checks of an RSA key are left out
    rsa_exponent_invalid,  ///< even, 1, or not smaller than the modulus; detail: the exponent
    rsa_exponent_unusual,  ///< outside 2^16 + 1 to 2^256 - 1; detail: the exponent
    rsa_small_factor,      ///< a prime below 752 divides the modulus; detail: the prime
    rsa_roca,              ///< the modulus has the structure of CVE-2017-15361
    rsa_close_primes,      ///< Fermat's method factors the modulus within 100 rounds
    rsa_listed,            ///< the list of weak keys has it
    ec_explicit,           ///< the curve is spelled out instead of named
    ec_other_curve,        ///< not P-256, P-384 or P-521; detail: the curve's name or identifier
    other_kind,            ///< not RSA, EC or Ed25519, so that PublicKey holds no numbers
};

struct KeyProblem {
    KeyProblemKind kind;
    std::string detail = {};

    bool operator==(const KeyProblem&) const = default;
};

/// Every problem of the key, in the order of KeyProblemKind. `weak_keys` may be null. The Baseline Requirements for TLS
/// server certificates 6.1.1.3, 6.1.5 and 6.1.6 name the checks. Errors: ExitCode::internal when a computation fails.
Result<std::vector<KeyProblem>> check_public_key(const PublicKey& key, const WeakKeyList* weak_keys);

}  // namespace hsmreq::x509
