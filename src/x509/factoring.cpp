#include "x509/factoring.hpp"

#include <array>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

namespace hsmreq::x509 {
namespace {

constexpr bool is_prime(unsigned number) {
    for (unsigned divisor = 2; divisor * divisor <= number; ++divisor)
        if (number % divisor == 0) return false;
    return number >= 2;
}

constexpr unsigned small_prime_limit = 752;

constexpr std::size_t small_prime_count = [] {
    std::size_t count = 0;
    for (unsigned number = 2; number < small_prime_limit; ++number) count += is_prime(number) ? 1 : 0;
    return count;
}();

constexpr auto small_primes = [] {
    std::array<unsigned, small_prime_count> primes{};
    std::size_t count = 0;
    for (unsigned number = 2; number < small_prime_limit; ++number)
        if (is_prime(number)) primes[count++] = number;
    return primes;
}();

constexpr unsigned roca_generator = 65537;
/// The largest prime in the M of the smallest keys (512 bits). Larger keys have multiples of this M, so their moduli
/// are in the group of this one as well.
constexpr unsigned roca_last_prime = 167;

/// What an exponent must be congruent to, and modulo what.
struct Congruence {
    unsigned remainder;
    unsigned modulus;
};

/// The discrete logarithm of `value` to the base of roca_generator modulo the prime, determined up to the generator's
/// order; nothing when the generator has no such power.
std::optional<Congruence> discrete_logarithm(unsigned value, unsigned prime) {
    const unsigned generator = roca_generator % prime;
    std::optional<unsigned> found;
    unsigned power = 1;
    unsigned order = 0;
    do {
        if (power == value) found = order;
        power = power * generator % prime;
        ++order;
    } while (power != 1);
    if (!found) return std::nullopt;
    return Congruence{*found, order};
}

using Numbers = Owner<BN_CTX, BN_CTX_free>;

/// floor(sqrt(number)) by Newton's method from above.
bool square_root(BIGNUM* root, const BIGNUM* number, BN_CTX* context) {
    BN_zero(root);
    if (BN_is_zero(number)) return true;
    const BignumPtr next(BN_new());
    if (!next || !BN_one(root) || !BN_lshift(root, root, (BN_num_bits(number) + 1) / 2)) return false;
    while (true) {
        if (!BN_div(next.get(), nullptr, number, root, context) || !BN_add(next.get(), next.get(), root) ||
            !BN_rshift1(next.get(), next.get()))
            return false;
        if (BN_cmp(next.get(), root) >= 0) return true;
        if (!BN_copy(root, next.get())) return false;
    }
}

/// Bit i is set when i is a square modulo 64: four numbers in five are told apart from squares by that alone.
constexpr std::uint64_t squares_modulo_64 = [] {
    std::uint64_t set = 0;
    for (unsigned i = 0; i < 64; ++i) set |= std::uint64_t{1} << (i * i % 64);
    return set;
}();

/// a^2 - n for the a of a round, and what turns it into that of the next.
class FermatSearch {
public:
    /// Begins at the smallest a whose square is not below the modulus.
    bool begin(const BIGNUM& modulus) {
        return context_ && a_ && rest_ && root_ && square_ && square_root(a_.get(), &modulus, context_.get()) &&
               BN_sqr(rest_.get(), a_.get(), context_.get()) && BN_sub(rest_.get(), rest_.get(), &modulus) &&
               (!BN_is_negative(rest_.get()) || advance());
    }

    bool advance() {
        return BN_add(rest_.get(), rest_.get(), a_.get()) && BN_add(rest_.get(), rest_.get(), a_.get()) &&
               BN_add_word(rest_.get(), 1) && BN_add_word(a_.get(), 1);
    }

    /// True when a^2 - n is a square b^2, so that n = (a - b)(a + b); nothing when the computation fails.
    std::optional<bool> at_factors() {
        if ((squares_modulo_64 >> BN_mod_word(rest_.get(), 64) & 1U) == 0) return false;
        if (!square_root(root_.get(), rest_.get(), context_.get()) ||
            !BN_sqr(square_.get(), root_.get(), context_.get()))
            return std::nullopt;
        return BN_cmp(square_.get(), rest_.get()) == 0;
    }

private:
    Numbers context_{BN_CTX_new()};
    BignumPtr a_{BN_new()};
    BignumPtr rest_{BN_new()};
    BignumPtr root_{BN_new()};
    BignumPtr square_{BN_new()};
};

}  // namespace

unsigned small_factor(const BIGNUM& modulus) {
    for (const unsigned prime : small_primes)
        if (BN_mod_word(&modulus, prime) == 0) return prime;
    return 0;
}

// The logarithm modulo M exists exactly when the logarithms modulo each of its primes exist and agree wherever the
// orders have a common factor (the Chinese remainder theorem), so nothing larger than a machine word is needed.
bool has_roca_structure(const BIGNUM& modulus) {
    std::vector<Congruence> congruences;
    for (const unsigned prime : small_primes) {
        if (prime > roca_last_prime) break;
        const auto found = discrete_logarithm(static_cast<unsigned>(BN_mod_word(&modulus, prime)), prime);
        if (!found) return false;
        for (const auto& other : congruences) {
            const unsigned common = std::gcd(found->modulus, other.modulus);
            if (found->remainder % common != other.remainder % common) return false;
        }
        congruences.push_back(*found);
    }
    return true;
}

Result<bool> has_close_factors(const BIGNUM& modulus, unsigned rounds) {
    const ErrorQueue queue;
    FermatSearch search;
    bool computed = search.begin(modulus);
    for (unsigned round = 0; computed && round < rounds; ++round) {
        const auto found = search.at_factors();
        if (found && *found) return true;
        computed = found && search.advance();
    }
    if (!computed) return openssl_error(ExitCode::internal, "the RSA modulus could not be tried for close primes");
    return false;
}

}  // namespace hsmreq::x509
