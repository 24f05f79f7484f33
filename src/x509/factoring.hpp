// Attacks on an RSA modulus that cost a millisecond: if one of them works, anybody has the private key.
#pragma once

#include "hsmreq/result.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::x509 {

/// The smallest prime below 752 that divides `modulus`, 0 when none does (NIST SP 800-89, 5.3.3).
unsigned small_factor(const BIGNUM& modulus);

/// True when the modulus has the structure that the RSALib of Infineon gives it (CVE-2017-15361, "ROCA"): its primes
/// are k * M + (65537^a mod M) with M the product of the first primes, so that 65537 generates the modulus modulo M. Of
/// other moduli fewer than one in 2^150 are like that.
bool has_roca_structure(const BIGNUM& modulus);

/// True when Fermat's method factors the modulus within `rounds` rounds: its two factors are close to each other, or
/// equal. Errors: ExitCode::internal.
Result<bool> has_close_factors(const BIGNUM& modulus, unsigned rounds);

}  // namespace hsmreq::x509
