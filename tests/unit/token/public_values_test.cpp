#include "token/public_values.hpp"

#include <gtest/gtest.h>

#include <ostream>

#include "base/text.hpp"

namespace hsmreq::token {
namespace {

using namespace std::string_view_literals;

Bytes bytes(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

Bytes operator+(Bytes left, const Bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

struct CurveCase {
    const char* name;
    Bytes parameters;
    const char* oid;  ///< "" when there is none
};
void PrintTo(const CurveCase& given, std::ostream* stream) {
    *stream << given.name;
}
class CurveParameters : public ::testing::TestWithParam<CurveCase> {};

TEST_P(CurveParameters, AreReadAsAnIdentifier) {
    EXPECT_EQ(curve_oid(GetParam().parameters).value_or(""), GetParam().oid);
}

const CurveCase curve_cases[] = {
    {"P256", bytes("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"sv), "1.2.840.10045.3.1.7"},
    {"P384", bytes("\x06\x05\x2b\x81\x04\x00\x22"sv), "1.3.132.0.34"},
    {"P256ByName", bytes("\x13\x09secp256r1"sv), "1.2.840.10045.3.1.7"},
    {"P256ByOpensslsName", bytes("\x13\x0aprime256v1"sv), "1.2.840.10045.3.1.7"},
    {"Ed25519", bytes("\x06\x03\x2b\x65\x70"sv), "1.3.101.112"},
    {"Ed25519ByName",
     bytes("\x13\x0c"
           "edwards25519"sv),
     "1.3.101.112"},
    {"Ed25519OfGnupg", bytes("\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"sv), "1.3.101.112"},
    {"CurveOfNobody", bytes("\x06\x03\x2a\x03\x04"sv), "1.2.3.4"},
    {"FirstArcTwo", bytes("\x06\x02\x88\x37"sv), "2.999"},
    {"LongLengthForm", bytes("\x06\x81\x03\x2b\x65\x70"sv), "1.3.101.112"},
    {"Empty", {}, ""},
    {"TagAlone", bytes("\x06"sv), ""},
    {"NoContent", bytes("\x06\x00"sv), ""},
    {"LengthBeyondTheEnd", bytes("\x06\x05\x2b\x65"sv), ""},
    {"HugeLength", bytes("\x06\x84\xff\xff\xff\xff\x2b"sv), ""},
    {"IndefiniteLength", bytes("\x06\x80\x2b\x65\x70"sv), ""},
    {"BytesBehindIt", bytes("\x06\x03\x2b\x65\x70\x00"sv), ""},
    {"ArcThatNeverEnds", bytes("\x06\x03\x2b\x81\x81"sv), ""},
    {"PaddedArc", bytes("\x06\x03\x2b\x80\x01"sv), ""},
    {"ArcTooLarge", bytes("\x06\x0c\x2b\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"sv), ""},
    {"UnknownName", bytes("\x13\x03xyz"sv), ""},
    {"ExplicitParameters", bytes("\x30\x03\x02\x01\x01"sv), ""},
    {"ImplicitCurve", bytes("\x05\x00"sv), ""},
};
INSTANTIATE_TEST_SUITE_P(Table, CurveParameters, ::testing::ValuesIn(curve_cases),
                         [](const auto& row) { return std::string(row.param.name); });

const Bytes point = Bytes{0x04} + Bytes(64, 0xab);
const Bytes compressed = Bytes{0x03} + Bytes(32, 0xab);
// A raw point whose first bytes look like the head of an OCTET STRING of the right length.
const Bytes treacherous = Bytes{0x04, 0x3f, 0x04} + Bytes(62, 0xab);
const Bytes long_point = Bytes{0x04} + Bytes(132, 0xab);

struct PointCase {
    const char* name;
    Bytes value;
    std::size_t field;
    Bytes point;  ///< empty when it is refused
};
void PrintTo(const PointCase& given, std::ostream* stream) {
    *stream << given.name;
}
class PointValue : public ::testing::TestWithParam<PointCase> {};

TEST_P(PointValue, IsTakenOutOfItsWrapping) {
    EXPECT_EQ(ec_point(GetParam().value, GetParam().field).value_or(Bytes{}), GetParam().point);
}

const PointCase point_cases[] = {
    {"Wrapped", Bytes{0x04, 0x41} + point, 32, point},
    {"Raw", point, 32, point},
    {"InBitString", Bytes{0x03, 0x42, 0x00} + point, 32, point},
    {"BitStringWithUnusedBits", Bytes{0x03, 0x42, 0x01} + point, 32, {}},
    {"LongFormLength", Bytes{0x04, 0x81, 0x85} + long_point, 66, long_point},
    {"TwoOctetLength", Bytes{0x04, 0x82, 0x00, 0x85} + long_point, 66, long_point},
    {"CompressedWrapped", Bytes{0x04, 0x21} + compressed, 32, compressed},
    {"CompressedRaw", compressed, 32, compressed},
    {"RawThatLooksWrapped", treacherous, 32, treacherous},
    {"OfAnUnknownCurve", Bytes{0x04, 0x41} + point, 0, point},
    {"OfAnotherCurve", Bytes{0x04, 0x41} + point, 48, {}},
    {"Hybrid", Bytes{0x06} + Bytes(64, 0xab), 32, {}},
    {"AtInfinity", {0x00}, 32, {}},
    {"Empty", {}, 32, {}},
    {"TagAlone", {0x04}, 32, {}},
    {"TooShort", Bytes{0x04} + Bytes(63, 0xab), 32, {}},
    {"TooLong", Bytes{0x04} + Bytes(65, 0xab), 32, {}},
    {"LengthBeyondTheEnd", Bytes{0x04, 0x42} + point, 32, {}},
    {"NothingButZeros", Bytes(65, 0), 32, {}},
};
INSTANTIATE_TEST_SUITE_P(Table, PointValue, ::testing::ValuesIn(point_cases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(EdwardsPoint, IsTakenRawOrWrapped) {
    const Bytes raw(32, 0xcd);
    EXPECT_EQ(edwards_point(raw), raw);
    EXPECT_EQ(edwards_point(Bytes{0x04, 0x20} + raw), raw);
    EXPECT_EQ(edwards_point(Bytes{0x03, 0x21, 0x00} + raw), raw);
    EXPECT_EQ(edwards_point(Bytes(31, 0xcd)), std::nullopt);
    EXPECT_EQ(edwards_point(Bytes{0x04, 0x21} + raw), std::nullopt);
    EXPECT_EQ(edwards_point(Bytes{}), std::nullopt);
}

TEST(EncodedPoint, ComesBackAsItWas) {
    for (const std::size_t field : {32U, 48U, 66U}) {
        const Bytes plain = Bytes{0x04} + Bytes(2 * field, 0xab);
        EXPECT_EQ(ec_point(encode_point(plain), field), plain);
    }
}

struct RsaCase {
    const char* name;
    Bytes modulus;
    Bytes exponent;
    bool possible;
};
void PrintTo(const RsaCase& given, std::ostream* stream) {
    *stream << given.name;
}
class RsaValues : public ::testing::TestWithParam<RsaCase> {};

TEST_P(RsaValues, AreJudged) {
    PublicKey key;
    key.modulus = trimmed_number(GetParam().modulus);
    key.public_exponent = trimmed_number(GetParam().exponent);
    EXPECT_EQ(possible_rsa(key), GetParam().possible);
}

const RsaCase rsa_cases[] = {
    {"Usual", Bytes(256, 0xff), {1, 0, 1}, true},
    {"LeadingZeros", Bytes{0, 0} + Bytes(256, 0xff), {0, 0, 1, 0, 1}, true},
    {"ExponentThree", Bytes(256, 0xff), {3}, true},
    {"EvenModulus", Bytes(255, 0xff) + Bytes{0xfe}, {1, 0, 1}, false},
    {"EvenExponent", Bytes(256, 0xff), {1, 0, 0}, false},
    {"ExponentOne", Bytes(256, 0xff), {1}, false},
    {"ExponentZero", Bytes(256, 0xff), {0}, false},
    {"ModulusOfZeros", Bytes(256, 0), {1, 0, 1}, false},
    {"NoModulus", {}, {1, 0, 1}, false},
    {"ExponentAsLongAsTheModulus", Bytes(4, 0xff), Bytes(4, 0xff), false},
};
INSTANTIATE_TEST_SUITE_P(Table, RsaValues, ::testing::ValuesIn(rsa_cases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Algorithm, FollowsFromSizeOrCurve) {
    PublicKey key;
    key.modulus = Bytes(256, 0xff);
    EXPECT_EQ(algorithm_of(key), KeyAlgorithm::rsa_2048);
    key.modulus.front() = 0x7f;
    EXPECT_EQ(algorithm_of(key), std::nullopt) << "2047 bits";
    key.family = KeyFamily::ec;
    key.curve_oid = "1.3.132.0.35";
    EXPECT_EQ(algorithm_of(key), KeyAlgorithm::ec_p521);
    key.curve_oid = "1.3.132.0.10";
    EXPECT_EQ(algorithm_of(key), std::nullopt) << "secp256k1";
}

TEST(BitLength, CountsFromTheFirstSetBit) {
    EXPECT_EQ(bit_length({}), 0U);
    EXPECT_EQ(bit_length({1}), 1U);
    EXPECT_EQ(bit_length({1, 0, 1}), 17U);
    EXPECT_EQ(bit_length(Bytes(256, 0xff)), 2048U);
}

}  // namespace
}  // namespace hsmreq::token
