// Token keys in OpenSSL's hands, and the module between its two owners.
#include "token/openssl_bridge.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <vector>

#include "base/hex.hpp"
#include "integration/faulty_token.hpp"
#include "x509/certification_request.hpp"
#include "x509/openssl.hpp"

namespace hsmreq::token {
namespace {

using ::testing::HasSubstr;

class Bridge : public test::FaultyToken {
protected:
    /// Makes a key through our own sessions, then leaves the module to whoever comes next.
    void make_key(KeyAlgorithm algorithm) {
        ASSERT_TRUE(open("").ok());
        auto pair = make(wanted(algorithm));
        ASSERT_TRUE(pair.ok()) << pair.error().what;
        public_key_der_ = x509::encode_public_key(pair->public_key).value();
        leave();
    }

    void leave() {
        info_ = token_->info();
        session_.reset();
        token_.reset();
        module_.reset();
    }

    static ModuleInfo module_at(const std::string& path) {
        ModuleInfo module;
        module.path = path;
        return module;
    }

    Result<std::unique_ptr<OpensslBridge>> cross(const std::string& rules = "") {
        test::FaultRules::set(rules);
        return OpensslBridge::open(module_at(HSMREQ_FAULT_MODULE), &watchdog_);
    }

    Status log_in(OpensslBridge& bridge, const std::string& pin = test::SoftHsm::pin) const {
        const Secret secret = test::secret(pin);
        return bridge.log_in(info_, &secret);
    }

    /// True when OpenSSL's signature with the token's key verifies under the public key that our sessions read.
    [[nodiscard]] bool signs(EVP_PKEY* key) const {
        const x509::SignatureContextPtr signing(EVP_MD_CTX_new());
        const x509::SignatureContextPtr verifying(EVP_MD_CTX_new());
        const auto public_key = x509::decode_der<x509::KeyPtr>(d2i_PUBKEY, public_key_der_);
        const auto message = as_bytes("through libp11");
        std::size_t size = 0;
        Bytes signature(1024);
        size = signature.size();
        if (EVP_DigestSignInit(signing.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
            EVP_DigestSign(signing.get(), signature.data(), &size, message.data(), message.size()) != 1)
            return false;
        return EVP_DigestVerifyInit(verifying.get(), nullptr, EVP_sha256(), nullptr, public_key.get()) == 1 &&
               EVP_DigestVerify(verifying.get(), signature.data(), size, message.data(), message.size()) == 1;
    }

    TokenInfo info_;
    Bytes public_key_der_;
};

TEST_F(Bridge, SignsWithTheTokensKey) {
    for (const auto algorithm : {KeyAlgorithm::ec_p256, KeyAlgorithm::ec_p384, KeyAlgorithm::rsa_2048}) {
        id_[0] = static_cast<std::uint8_t>(id_[0] + 1);
        ASSERT_NO_FATAL_FAILURE(make_key(algorithm));
        auto bridge = cross();
        ASSERT_TRUE(bridge.ok()) << bridge.error().what;
        ASSERT_TRUE(log_in(**bridge).ok());
        const auto key = (*bridge)->find_key(info_, id_);
        ASSERT_TRUE(key.ok()) << key.error().what;
        EXPECT_TRUE(signs(key->get())) << facts(algorithm).name;
    }
}

TEST_F(Bridge, TakesTurnsWithOurSessions) {
    make_key(KeyAlgorithm::ec_p256);
    const long before = faults_.calls("C_Initialize");
    for (int turn = 0; turn < 2; ++turn) {
        {
            auto bridge = cross();
            ASSERT_TRUE(bridge.ok());
            ASSERT_TRUE(log_in(**bridge).ok());
            EXPECT_TRUE((*bridge)->find_key(info_, id_).ok());
        }
        ASSERT_TRUE(open("").ok());
        const auto found = find_by_id(*session_, id_);
        ASSERT_TRUE(found.ok());
        EXPECT_EQ(found->private_keys.size(), 1U);
        leave();
    }
    EXPECT_EQ(faults_.calls("C_Initialize") - before, 4);
    EXPECT_EQ(faults_.calls("C_Initialize"), faults_.calls("C_Finalize"));
}

TEST_F(Bridge, FindsTheTokenAmongOthersOfItsLabelAndUninitialisedOnes) {
    softhsm_.add_token("rp01");
    const auto several = find();
    ASSERT_FALSE(several.ok());
    std::vector<std::string> serials;
    for (std::size_t at = 0; (at = several.error().hint.find(", serial ", at)) != std::string::npos; ++at)
        serials.push_back(several.error().hint.substr(at + 9, 16));
    ASSERT_EQ(serials.size(), 2U);
    for (const auto& serial : serials) {
        ASSERT_TRUE(find("pkcs11:token=rp01;serial=" + serial).ok());
        leave();
        auto bridge = cross();
        ASSERT_TRUE(bridge.ok());
        EXPECT_TRUE(log_in(**bridge).ok());
        EXPECT_EQ(info_.serial, serial);
    }
}

TEST_F(Bridge, GivesThePinAgainToAKeyThatWantsItForEachUse) {
    make_key(KeyAlgorithm::rsa_2048);
    auto bridge = cross("C_GetAttributeValue=read:202,01;C_Login#2=return:0");
    ASSERT_TRUE(bridge.ok());
    ASSERT_TRUE(log_in(**bridge).ok());
    const long before = faults_.calls("C_Login");
    const auto key = (*bridge)->find_key(info_, id_);
    ASSERT_TRUE(key.ok());
    EXPECT_TRUE(signs(key->get()));
    EXPECT_EQ(faults_.calls("C_Login") - before, 1);
}

TEST_F(Bridge, SendsAWrongPinOnce) {
    make_key(KeyAlgorithm::ec_p256);
    auto bridge = cross();
    ASSERT_TRUE(bridge.ok());
    const long before = faults_.calls("C_Login");
    for (int attempt = 0; attempt < 2; ++attempt) {
        const auto status = log_in(**bridge, "wrong pin 4711");
        ASSERT_FALSE(status.ok());
        EXPECT_EQ(status.error().code, ExitCode::login);
        EXPECT_EQ(status.error().fault->name, "CKR_PIN_INCORRECT");
    }
    EXPECT_FALSE((*bridge)->find_key(info_, id_).ok());
    EXPECT_EQ(faults_.calls("C_Login") - before, 1);
}

TEST_F(Bridge, RefusesAPinThatItCanNotPassOn) {
    make_key(KeyAlgorithm::ec_p256);
    auto bridge = cross();
    ASSERT_TRUE(bridge.ok());
    const auto status = log_in(**bridge, std::string("12\0"
                                                     "34",
                                                     5));
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ExitCode::login);
}

TEST_F(Bridge, WordsTheModulesAnswersAsOurSessionsDo) {
    make_key(KeyAlgorithm::ec_p256);
    auto bridge = cross("C_Sign=return:30");
    ASSERT_TRUE(bridge.ok());
    ASSERT_TRUE(log_in(**bridge).ok());
    const auto key = (*bridge)->find_key(info_, id_);
    ASSERT_TRUE(key.ok());
    EXPECT_FALSE(signs(key->get()));
    const auto fault = take_token_fault("here", "C_Sign");
    ASSERT_TRUE(fault.has_value());
    EXPECT_EQ(fault->fault->name, "CKR_DEVICE_ERROR");
    EXPECT_THAT(fault->what, HasSubstr("C_Sign failed: CKR_DEVICE_ERROR"));
    EXPECT_FALSE(take_token_fault("here", "C_Sign").has_value());
}

TEST_F(Bridge, TellsWhatItDoesNotFind) {
    make_key(KeyAlgorithm::ec_p256);
    auto bridge = cross();
    ASSERT_TRUE(bridge.ok());
    TokenInfo elsewhere = info_;
    elsewhere.serial = "0";
    const auto status = (*bridge)->log_in(elsewhere, nullptr);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ExitCode::not_found);
    ASSERT_TRUE(log_in(**bridge).ok());
    const auto key = (*bridge)->find_key(info_, Bytes{1, 2, 3});
    ASSERT_FALSE(key.ok());
    EXPECT_EQ(key.error().code, ExitCode::not_found);
}

TEST_F(Bridge, IsClosedByAModuleThatCanNotBeLoaded) {
    const auto missing = OpensslBridge::open(module_at("/nowhere/module.so"), &watchdog_);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().code, ExitCode::token);
    const auto refused = cross("C_Initialize=return:5");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().fault->name, "CKR_GENERAL_ERROR");
}

/// A PIN that nothing in this program or its environment spells out: here it stands backwards.
constexpr std::string_view backwards = "9637 niaga dna niaga";

TEST_F(Bridge, LeavesNoPinInMemoryWhenItLeavesTheModule) {
    const auto made =
        test::run_command("softhsm2-util --init-token --free --label hidden --so-pin 12345678 --pin \"$(echo '" +
                          std::string(backwards) + "' | rev)\"");
    ASSERT_EQ(made.status, 0) << made.output;
    ASSERT_TRUE(find("pkcs11:token=hidden").ok());
    leave();
    std::string digits;
    for (auto c = backwards.rbegin(); c != backwards.rend(); ++c)
        digits += to_hex(Bytes{static_cast<std::uint8_t>(*c)});
    auto bridge = cross("C_CloseAllSessions=search:" + digits + ";C_Finalize=search:" + digits);
    ASSERT_TRUE(bridge.ok());
    {
        Secret pin(backwards.size());
        for (auto c = backwards.rbegin(); c != backwards.rend(); ++c) {
            const auto octet = static_cast<std::uint8_t>(*c);
            pin.append({&octet, 1});
        }
        ASSERT_TRUE((*bridge)->log_in(info_, &pin).ok());
    }
    bridge->reset();
    EXPECT_GT(faults_.calls("found-before:C_CloseAllSessions"), 0) << "the search does not find what is there";
    EXPECT_EQ(faults_.calls("found-before:C_Finalize"), 0);
}

}  // namespace
}  // namespace hsmreq::token
