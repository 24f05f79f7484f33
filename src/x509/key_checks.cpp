#include "x509/key_checks.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "base/try.hpp"
#include "x509/factoring.hpp"

namespace hsmreq::x509 {
namespace {

constexpr std::size_t rsa_minimum_bits = 2048;
constexpr unsigned fermat_rounds = 100;
constexpr int exponent_minimum_bits = 17;   // 2^16 + 1 is the smallest odd number of 17 bits
constexpr int exponent_maximum_bits = 256;  // 2^256 - 1 is the largest

std::string size_text(std::size_t bits) {
    return "a number of " + std::to_string(bits) + " bits";
}

/// In decimal while a reader can take it in.
std::string number_text(const BIGNUM& number) {
    constexpr int longest_shown = 64;
    const int bits = BN_num_bits(&number);
    if (bits > longest_shown) return size_text(static_cast<std::size_t>(bits));
    const Owner<char, free_memory> text(BN_bn2dec(&number));
    return text ? text.get() : "";
}

/// Of a big-endian number without leading zeros.
std::size_t bit_count(const Bytes& number) {
    return number.empty() ? 0 : (number.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(number.front()));
}

BignumPtr number_of(const Bytes& big_endian) {
    return BignumPtr(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr));
}

Status check_exponent(const PublicKey& key, const BIGNUM& modulus, std::vector<KeyProblem>& problems) {
    if (key.public_exponent.size() > key.modulus.size()) {
        problems.push_back({KeyProblemKind::rsa_exponent_invalid, size_text(bit_count(key.public_exponent))});
        return {};
    }
    const BignumPtr exponent = number_of(key.public_exponent);
    if (!exponent) return openssl_error(ExitCode::internal, "the RSA public exponent could not be read");
    const int bits = BN_num_bits(exponent.get());
    if (!BN_is_odd(exponent.get()) || BN_is_one(exponent.get()) || BN_cmp(exponent.get(), &modulus) >= 0)
        problems.push_back({KeyProblemKind::rsa_exponent_invalid, number_text(*exponent)});
    else if (bits < exponent_minimum_bits || bits > exponent_maximum_bits)
        problems.push_back({KeyProblemKind::rsa_exponent_unusual, number_text(*exponent)});
    return {};
}

Status check_modulus(const BIGNUM& modulus, std::vector<KeyProblem>& problems) {
    if (const unsigned factor = small_factor(modulus); factor != 0)
        problems.push_back({KeyProblemKind::rsa_small_factor, std::to_string(factor)});
    if (has_roca_structure(modulus)) problems.push_back({KeyProblemKind::rsa_roca});
    TRY_ASSIGN(const bool close, has_close_factors(modulus, fermat_rounds));
    if (close) problems.push_back({KeyProblemKind::rsa_close_primes});
    return {};
}

Status check_rsa(const PublicKey& key, const WeakKeyList* weak_keys, std::vector<KeyProblem>& problems) {
    const std::size_t bits = bit_count(key.modulus);
    if (bits > OPENSSL_RSA_MAX_MODULUS_BITS) {
        problems.push_back({KeyProblemKind::rsa_too_large, std::to_string(bits)});
        return {};
    }
    const BignumPtr modulus = number_of(key.modulus);
    if (!modulus) return openssl_error(ExitCode::internal, "the RSA modulus could not be read");
    if (bits < rsa_minimum_bits)
        problems.push_back({KeyProblemKind::rsa_too_small, std::to_string(bits)});
    else if (bits % 8 != 0)
        problems.push_back({KeyProblemKind::rsa_uneven_size, std::to_string(bits)});
    TRY(check_exponent(key, *modulus, problems));
    TRY(check_modulus(*modulus, problems));
    if (weak_keys != nullptr && weak_keys->contains(key.modulus)) problems.push_back({KeyProblemKind::rsa_listed});
    return {};
}

void check_curve(const std::string& oid, std::vector<KeyProblem>& problems) {
    if (oid.empty()) return problems.push_back({KeyProblemKind::ec_explicit});
    const bool known = std::ranges::any_of(key_algorithms, [&](const KeyAlgorithmFacts& row) {
        return row.family == KeyFamily::ec && row.curve_oid == oid;
    });
    if (known) return;
    const ErrorQueue queue;
    const ObjectPtr object(OBJ_txt2obj(oid.c_str(), 1));
    const int nid = OBJ_obj2nid(object.get());
    problems.push_back({KeyProblemKind::ec_other_curve, nid == NID_undef ? oid : OBJ_nid2sn(nid)});
}

}  // namespace

Result<std::vector<KeyProblem>> check_public_key(const PublicKey& key, const WeakKeyList* weak_keys) {
    std::vector<KeyProblem> problems;
    if (key.family == KeyFamily::ec) {
        check_curve(key.curve_oid, problems);
    } else if (key.family == KeyFamily::rsa) {
        if (key.modulus.empty())
            problems.push_back({KeyProblemKind::other_kind});
        else
            TRY(check_rsa(key, weak_keys, problems));
    }
    return problems;
}

}  // namespace hsmreq::x509
