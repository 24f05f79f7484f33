#include "base/digest.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "base/text.hpp"

namespace hsmreq {
namespace {

// FIPS 180-4 example values for "abc".
TEST(Digest, MatchesThePublishedExamples) {
    EXPECT_EQ(to_hex(digest(Hash::sha256, as_bytes("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(digest(Hash::sha384, as_bytes("abc"))),
              "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
    EXPECT_EQ(to_hex(digest(Hash::sha512, as_bytes("abc"))),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
              "454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Digest, OfNothing) {
    EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, HasTheSizeOfItsTableRow) {
    for (const auto& row : hashes) EXPECT_EQ(digest(row.id, as_bytes("x")).size(), row.size) << row.name;
}

}  // namespace
}  // namespace hsmreq
