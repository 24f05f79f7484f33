#include "x509/key_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "weak_keys.hpp"
#include "x509/factoring.hpp"

namespace hsmreq::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using x509::KeyProblem;
using x509::KeyProblemKind;

std::vector<KeyProblem> problems(const PublicKey& key, const x509::WeakKeyList* weak_keys = nullptr) {
    auto checked = x509::check_public_key(key, weak_keys);
    EXPECT_TRUE(checked.ok());
    return checked ? *checked : std::vector<KeyProblem>{};
}

std::vector<KeyProblemKind> kinds(const PublicKey& key) {
    std::vector<KeyProblemKind> found;
    for (const auto& problem : problems(key)) found.push_back(problem.kind);
    return found;
}

const Number& sound_2048() {
    static const Number modulus = sound_modulus(2048);
    return modulus;
}

class SoundRsa : public testing::TestWithParam<int> {};

TEST_P(SoundRsa, HasNoProblem) {
    EXPECT_THAT(problems(rsa_key(sound_modulus(GetParam()))), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Sizes, SoundRsa, testing::Values(2048, 2056, 3072));

struct SizeCase {
    int bits;
    KeyProblemKind kind;
};

class RsaSize : public testing::TestWithParam<SizeCase> {};

TEST_P(RsaSize, IsReported) {
    const auto [bits, kind] = GetParam();
    EXPECT_THAT(problems(rsa_key(sound_modulus(bits))), ElementsAre(KeyProblem{kind, std::to_string(bits)}));
}

INSTANTIATE_TEST_SUITE_P(Table, RsaSize,
                         testing::Values(SizeCase{512, KeyProblemKind::rsa_too_small},
                                         SizeCase{1024, KeyProblemKind::rsa_too_small},
                                         SizeCase{2047, KeyProblemKind::rsa_too_small},
                                         SizeCase{2049, KeyProblemKind::rsa_uneven_size},
                                         SizeCase{2052, KeyProblemKind::rsa_uneven_size}));

TEST(RsaSize, BeyondWhatOpenSslTakesIsNotComputedWith) {
    EXPECT_THAT(problems(rsa_key(random_number(16385))),
                ElementsAre(KeyProblem{KeyProblemKind::rsa_too_large, "16385"}));
    PublicKey huge;
    huge.modulus = Bytes(1U << 20U, 0xff);
    huge.public_exponent = Bytes(1U << 20U, 0xff);
    EXPECT_THAT(problems(huge), ElementsAre(KeyProblem{KeyProblemKind::rsa_too_large, "8388608"}));
}

struct ExponentCase {
    const char* name;
    std::function<Number()> exponent;
    std::optional<KeyProblemKind> kind;
    std::string detail;
};

class RsaExponent : public testing::TestWithParam<ExponentCase> {};

TEST_P(RsaExponent, IsJudged) {
    const auto& c = GetParam();
    const auto found = problems(rsa_key(sound_2048(), c.exponent()));
    if (c.kind)
        EXPECT_THAT(found, ElementsAre(KeyProblem{*c.kind, c.detail}));
    else
        EXPECT_THAT(found, IsEmpty());
}

Number two_to(int exponent) {
    Number number;
    BN_set_bit(number.get(), exponent);
    return number;
}

constexpr auto invalid = KeyProblemKind::rsa_exponent_invalid;
constexpr auto unusual = KeyProblemKind::rsa_exponent_unusual;

INSTANTIATE_TEST_SUITE_P(
    Table, RsaExponent,
    testing::Values(
        ExponentCase{"zero", [] { return Number(0); }, invalid, "0"},
        ExponentCase{"one", [] { return Number(1); }, invalid, "1"},
        ExponentCase{"two", [] { return Number(2); }, invalid, "2"},
        ExponentCase{"three", [] { return Number(3); }, unusual, "3"},
        ExponentCase{"below_the_usual", [] { return Number(65535); }, unusual, "65535"},
        ExponentCase{"even", [] { return Number(65536); }, invalid, "65536"},
        ExponentCase{"usual", [] { return Number(65537); }, std::nullopt, ""},
        ExponentCase{"largest_usual", [] { return two_to(256) - 1; }, std::nullopt, ""},
        ExponentCase{"above_the_usual", [] { return two_to(256) + 1; }, unusual, "a number of 257 bits"},
        ExponentCase{"even_and_large", [] { return two_to(100); }, invalid, "a number of 101 bits"},
        ExponentCase{"just_below_the_modulus", [] { return sound_2048() - 2; }, unusual, "a number of 2048 bits"},
        ExponentCase{"the_modulus", [] { return sound_2048(); }, invalid, "a number of 2048 bits"},
        ExponentCase{"longer_than_the_modulus", [] { return two_to(3000) + 1; }, invalid, "a number of 3001 bits"}),
    [](const auto& test_case) { return test_case.param.name; });

/// A modulus of 2048 bits whose smallest factor is `factor`.
Number modulus_with(unsigned long factor) {
    const int size = 2048 - Number(factor).bits();
    const Number longer = Number(factor) * random_prime(size + 1);
    return longer.bits() == 2048 ? longer : Number(factor) * random_prime(size);
}

TEST(SmallFactors, BelowTheLimitAreNamed) {
    EXPECT_THAT(problems(rsa_key(modulus_with(2))), ElementsAre(KeyProblem{KeyProblemKind::rsa_small_factor, "2"}));
    EXPECT_THAT(problems(rsa_key(modulus_with(751))), ElementsAre(KeyProblem{KeyProblemKind::rsa_small_factor, "751"}));
}

TEST(SmallFactors, FromTheLimitOnAreNotSearched) {
    EXPECT_THAT(problems(rsa_key(modulus_with(757))), IsEmpty());
}

struct RocaCase {
    int bits;
    unsigned primes_in_m;  ///< by the published attack, for keys of that size
};

class Roca : public testing::TestWithParam<RocaCase> {};

TEST_P(Roca, IsRecognisedAtEverySize) {
    const auto [bits, count] = GetParam();
    const Number modulus = structured_prime(bits / 2, count) * structured_prime(bits / 2, count);
    EXPECT_TRUE(x509::has_roca_structure(*modulus.get()));
}

INSTANTIATE_TEST_SUITE_P(Table, Roca,
                         testing::Values(RocaCase{512, 39}, RocaCase{1024, 71}, RocaCase{2048, 126},
                                         RocaCase{3072, 126}));

TEST(Roca, IsTheOnlyProblemOfSuchAKey) {
    const Number modulus = structured_prime(1024, 126) * structured_prime(1024, 126);
    EXPECT_THAT(kinds(rsa_key(modulus)), testing::Contains(KeyProblemKind::rsa_roca));
    EXPECT_THAT(kinds(rsa_key(modulus)), Not(testing::Contains(KeyProblemKind::rsa_close_primes)));
}

TEST(Roca, NeedsBothPrimesOfTheStructure) {
    EXPECT_FALSE(x509::has_roca_structure(*(structured_prime(512, 71) * random_prime(512)).get()));
}

TEST(Roca, NeedsTheGenerator) {
    EXPECT_FALSE(x509::has_roca_structure(*(structured_prime(512, 71, 65539) * structured_prime(512, 71)).get()));
}

/// The same powers of 65537 modulo each small prime, but not the same exponent throughout: whoever looks at the primes
/// one by one takes it for the structure.
TEST(Roca, NeedsOneExponentForAllPrimes) {
    const Number m = primorial(39);
    // 1 modulo every prime but 11 and -1 modulo 11, where 65537 is -1 too: the exponent is even and odd.
    Number number = 1;
    const Number others = [&] {
        Number product = 1;
        for (unsigned long prime = 2; prime <= 167; ++prime)
            if (prime != 11 && Number(prime).is_prime()) product = product * Number(prime);
        return product;
    }();
    while (BN_mod_word(number.get(), 11) != 10) number = number + others;
    EXPECT_FALSE(x509::has_roca_structure(*number.get()));
    EXPECT_TRUE(x509::has_roca_structure(*(power(65537, 123456789, m)).get()));
}

TEST(Roca, IsNotSeenInSoundKeys) {
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(x509::has_roca_structure(*random_number(2048).get()));
}

/// (a - b)(a + b) = a^2 - b^2 for the b at which Fermat's method ends in round `round`, counted from 1.
std::optional<Number> modulus_for_round(const Number& a, const Number& b, unsigned round) {
    const Number modulus = a * a - b * b;
    // The method begins at the smallest x with x^2 >= n and ends at a.
    const Number start = a - Number(round - 1);
    const Number before = start - 1;
    if (BN_cmp((start * start).get(), modulus.get()) < 0 || BN_cmp((before * before).get(), modulus.get()) >= 0)
        return std::nullopt;
    return modulus;
}

/// Tries random b until the round is the wanted one: b^2 is then near 2 a (round - 1).
Number close_factors(unsigned round) {
    while (true) {
        const Number a = random_number(1024);
        const int bits = (Number(2 * (round - 1)) * a).bits() / 2;
        for (int i = 0; i < 1000; ++i) {
            const Number b = random_number(bits + i % 2) - 1;
            if (const auto modulus = modulus_for_round(a, b, round)) return *modulus;
        }
    }
}

bool close(const Number& modulus, unsigned rounds) {
    const auto found = x509::has_close_factors(*modulus.get(), rounds);
    EXPECT_TRUE(found.ok());
    return found && *found;
}

TEST(ClosePrimes, AreFoundInTheVeryRound) {
    for (const unsigned round : {2U, 30U, 100U}) {
        const Number modulus = close_factors(round);
        EXPECT_TRUE(close(modulus, round)) << round;
        EXPECT_FALSE(close(modulus, round - 1)) << round;
    }
}

TEST(ClosePrimes, AreSearchedForAHundredRounds) {
    EXPECT_THAT(kinds(rsa_key(close_factors(100))), testing::Contains(KeyProblemKind::rsa_close_primes));
    EXPECT_THAT(kinds(rsa_key(close_factors(101))), Not(testing::Contains(KeyProblemKind::rsa_close_primes)));
}

TEST(ClosePrimes, AreNeighbours) {
    const Number first = random_prime(1024);
    Number second = first + 2;
    while (!second.is_prime()) second = second + 2;
    EXPECT_THAT(kinds(rsa_key(first * second)), ElementsAre(KeyProblemKind::rsa_close_primes));
}

TEST(ClosePrimes, AreOneAndTheSame) {
    const Number prime = random_prime(1024);
    EXPECT_THAT(kinds(rsa_key(prime * prime)), ElementsAre(KeyProblemKind::rsa_close_primes));
}

TEST(ClosePrimes, ShareTheUpperThirdOnlyAndAreSound) {
    const Number first = random_prime(1024);
    Number second = first + random_number(680) - 1;
    while (!second.is_prime()) second = second + 2;
    EXPECT_THAT(kinds(rsa_key(first * second)), IsEmpty());
}

struct CurveCase {
    const char* name;
    const char* oid;
    std::optional<KeyProblem> problem;
};

class Curve : public testing::TestWithParam<CurveCase> {};

TEST_P(Curve, IsJudged) {
    const auto& c = GetParam();
    PublicKey key;
    key.family = KeyFamily::ec;
    key.curve_oid = c.oid;
    if (c.problem)
        EXPECT_THAT(problems(key), ElementsAre(*c.problem));
    else
        EXPECT_THAT(problems(key), IsEmpty());
}

constexpr auto other_curve = KeyProblemKind::ec_other_curve;

INSTANTIATE_TEST_SUITE_P(
    Table, Curve,
    testing::Values(CurveCase{"p256", "1.2.840.10045.3.1.7", std::nullopt},
                    CurveCase{"p384", "1.3.132.0.34", std::nullopt}, CurveCase{"p521", "1.3.132.0.35", std::nullopt},
                    CurveCase{"p256k1", "1.3.132.0.10", KeyProblem{other_curve, "secp256k1"}},
                    CurveCase{"p224", "1.3.132.0.33", KeyProblem{other_curve, "secp224r1"}},
                    CurveCase{"brainpool", "1.3.36.3.3.2.8.1.1.7", KeyProblem{other_curve, "brainpoolP256r1"}},
                    CurveCase{"unknown", "1.2.3.4.5", KeyProblem{other_curve, "1.2.3.4.5"}},
                    CurveCase{"explicit_parameters", "", KeyProblem{KeyProblemKind::ec_explicit, ""}}),
    [](const auto& test_case) { return test_case.param.name; });

TEST(OtherKinds, HaveNoNumbers) {
    EXPECT_THAT(problems(PublicKey{}), ElementsAre(KeyProblem{KeyProblemKind::other_kind, ""}));
}

TEST(Ed25519, HasNothingToCheck) {
    PublicKey key;
    key.family = KeyFamily::ed25519;
    key.point = Bytes(32, 1);
    EXPECT_THAT(problems(key), IsEmpty());
}

}  // namespace
}  // namespace hsmreq::test
