// Any bytes as what a token says of an EC key: CKA_EC_PARAMS and CKA_EC_POINT; and as a SubjectPublicKeyInfo.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "token/public_values.hpp"
#include "x509/certification_request.hpp"

namespace {

constexpr std::size_t field_sizes[] = {0, 32, 48, 66};

void read_point(hsmreq::BytesView value, std::size_t field_size) {
    const auto point = hsmreq::token::ec_point(value, field_size);
    if (!point) return;
    const auto again = hsmreq::token::ec_point(hsmreq::token::encode_point(*point), field_size);
    // A length of more than one octet is beyond every curve that has a name here.
    if (point->size() < 0x100 && (!again || *again != *point)) std::abort();
}

void encode(const hsmreq::PublicKey& key) {
    const auto der = hsmreq::x509::encode_public_key(key);
    if (!der) return;
    const auto decoded = hsmreq::x509::decode_public_key(*der);
    if (!decoded || !(*decoded == key)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const hsmreq::BytesView value(data, size);
    static_cast<void>(hsmreq::token::curve_oid(value));
    for (const auto field_size : field_sizes) read_point(value, field_size);
    if (const auto point = hsmreq::token::edwards_point(value))
        encode({.family = hsmreq::KeyFamily::ed25519,
                .modulus = {},
                .public_exponent = {},
                .curve_oid = "1.3.101.112",
                .point = *point});
    if (const auto point = hsmreq::token::ec_point(value, 32))
        encode({.family = hsmreq::KeyFamily::ec,
                .modulus = {},
                .public_exponent = {},
                .curve_oid = "1.2.840.10045.3.1.7",
                .point = *point});
    static_cast<void>(hsmreq::x509::decode_public_key(value));
    return 0;
}
