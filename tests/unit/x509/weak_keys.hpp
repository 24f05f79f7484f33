// Numbers with known weaknesses, made anew by each test.
#pragma once

#include <openssl/bn.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "hsmreq/public_key.hpp"

namespace hsmreq::test {

/// A BIGNUM as a value, for readable arithmetic in tests.
class Number {
public:
    Number(unsigned long value = 0) : value_(BN_new()) { check(BN_set_word(get(), value)); }
    Number(const Number& other) : value_(BN_dup(other.get())) {}
    Number(Number&&) noexcept = default;
    Number& operator=(Number other) noexcept {
        value_.swap(other.value_);
        return *this;
    }

    [[nodiscard]] BIGNUM* get() const { return value_.get(); }
    [[nodiscard]] int bits() const { return BN_num_bits(get()); }

    friend Number operator+(const Number& a, const Number& b) {
        return made([&](BIGNUM* r, BN_CTX*) { return BN_add(r, a.get(), b.get()); });
    }
    friend Number operator-(const Number& a, const Number& b) {
        return made([&](BIGNUM* r, BN_CTX*) { return BN_sub(r, a.get(), b.get()); });
    }
    friend Number operator*(const Number& a, const Number& b) {
        return made([&](BIGNUM* r, BN_CTX* context) { return BN_mul(r, a.get(), b.get(), context); });
    }
    friend Number operator%(const Number& a, const Number& b) {
        return made([&](BIGNUM* r, BN_CTX* context) { return BN_mod(r, a.get(), b.get(), context); });
    }
    friend Number power(const Number& base, const Number& exponent, const Number& modulus) {
        return made([&](BIGNUM* r, BN_CTX* context) {
            return BN_mod_exp(r, base.get(), exponent.get(), modulus.get(), context);
        });
    }
    friend Number random_number(int bits) {
        return made([&](BIGNUM* r, BN_CTX*) { return BN_rand(r, bits, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD); });
    }
    friend Number random_prime(int bits) {
        return made([&](BIGNUM* r, BN_CTX*) { return BN_generate_prime_ex(r, bits, 0, nullptr, nullptr, nullptr); });
    }
    [[nodiscard]] bool is_prime() const {
        const std::unique_ptr<BN_CTX, void (*)(BN_CTX*)> context(BN_CTX_new(), BN_CTX_free);
        return BN_check_prime(get(), context.get(), nullptr) == 1;
    }

    [[nodiscard]] Bytes bytes() const {
        Bytes bytes(static_cast<std::size_t>(BN_num_bytes(get())));
        BN_bn2bin(get(), bytes.data());
        return bytes;
    }

private:
    static void check(int done) {
        if (done != 1) throw std::runtime_error("OpenSSL can't compute");
    }
    static Number made(const std::function<int(BIGNUM*, BN_CTX*)>& compute) {
        const std::unique_ptr<BN_CTX, void (*)(BN_CTX*)> context(BN_CTX_new(), BN_CTX_free);
        Number result;
        check(compute(result.get(), context.get()));
        return result;
    }

    struct Free {
        void operator()(BIGNUM* number) const { BN_free(number); }
    };
    std::unique_ptr<BIGNUM, Free> value_;
};

Number random_number(int bits);
Number random_prime(int bits);
Number power(const Number& base, const Number& exponent, const Number& modulus);

/// The product of the first `count` primes.
inline Number primorial(unsigned count) {
    Number product = 1;
    for (unsigned long number = 2; count > 0; ++number) {
        if (!Number(number).is_prime()) continue;
        product = product * Number(number);
        --count;
    }
    return product;
}

/// k * M + (65537^a mod M), as the RSALib makes its primes; `generator` is another number in negative cases.
inline Number structured_prime(int bits, unsigned primes_in_m, unsigned long generator = 65537) {
    const Number m = primorial(primes_in_m);
    // Which of the two sizes of k makes a number of so many bits depends on M.
    for (int shorter = 0;; shorter = 1 - shorter) {
        const Number k = random_number(bits - m.bits() + 1 - shorter);
        const Number prime = k * m + power(Number(generator), random_number(60), m);
        if (prime.bits() == bits && prime.is_prime()) return prime;
    }
}

inline PublicKey rsa_key(const Number& modulus, const Number& exponent = 65537) {
    PublicKey key;
    key.modulus = modulus.bytes();
    key.public_exponent = exponent.bytes();
    return key;
}

/// The product of two random primes of nearly the same size.
inline Number sound_modulus(int bits) {
    while (true) {
        const Number modulus = random_prime(bits - bits / 2) * random_prime(bits / 2);
        if (modulus.bits() == bits) return modulus;
    }
}

}  // namespace hsmreq::test
