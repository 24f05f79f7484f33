#include "token/decrypt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/try.hpp"
#include "token/mechanisms.hpp"
#include "token/one_time_keys.hpp"
#include "token/state.hpp"

namespace hsmreq::token {
namespace {

constexpr std::size_t plain_room = 2048;  // RSA of 16384 bits

struct Way {
    CK_MECHANISM_TYPE mechanism;
    const char* oaep_hash;
};
constexpr Way ways[] = {{CKM_RSA_PKCS, ""}, {CKM_RSA_PKCS_OAEP, "SHA256"}, {CKM_RSA_PKCS_OAEP, "SHA1"}};

constexpr CK_RV of_the_way[] = {CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID, CKR_ARGUMENTS_BAD,
                                CKR_FUNCTION_NOT_SUPPORTED};

CK_RV begin(Session& session, const DecryptionWay& way, ObjectHandle key) {
    const Caller& caller = session.state().caller();
    const CK_SESSION_HANDLE handle = session.state().handle;
    if (way.mechanism == CKM_RSA_PKCS_OAEP) {
        OaepMechanism oaep(way.oaep_hash == "SHA1" ? OaepHash::sha1 : OaepHash::sha256, false);
        return caller.ask(CRYPTOKI(C_DecryptInit), handle, oaep.get(), key);
    }
    CK_MECHANISM plain{way.mechanism, nullptr, 0};
    return caller.ask(CRYPTOKI(C_DecryptInit), handle, &plain, key);
}

}  // namespace

std::string DecryptionWay::name() const {
    return oaep_hash.empty() ? mechanism_name(mechanism)
                             : fmt::format("{} with {}", mechanism_name(mechanism), oaep_hash);
}

Result<std::vector<DecryptionWay>> decryption_ways(Token& token) {
    TRY(token.mechanisms());
    std::vector<DecryptionWay> open;
    for (const auto& way : ways)
        if (offers_for(token, way.mechanism, CKF_DECRYPT)) open.push_back({way.mechanism, way.oaep_hash});
    if (!open.empty()) return open;
    return Error{.code = ExitCode::token,
                 .what = fmt::format("the token can't decrypt with an RSA key: it offers neither {} nor {} for it",
                                     mechanism_name(CKM_RSA_PKCS), mechanism_name(CKM_RSA_PKCS_OAEP)),
                 .where = token.info().display(),
                 .hint = "enable the mechanism in the token's configuration, or use key.purpose = \"signature\""};
}

Result<Bytes> decrypt(Session& session, const KeyPair& key, const DecryptionWay& way, BytesView ciphertext) {
    const Caller& caller = session.state().caller();
    const CK_RV begun = begin(session, way, key.private_key);
    if (begun != CKR_OK) return token_error(caller.where(), "C_DecryptInit", begun);
    if (key.always_authenticate) TRY(login_for_operation(session));
    Bytes input(ciphertext.begin(), ciphertext.end());
    Bytes plain(plain_room);
    CK_ULONG size = plain_room;
    const CK_RV value = caller.ask(CRYPTOKI(C_Decrypt), session.state().handle, input.data(), CK_ULONG{input.size()},
                                   plain.data(), &size);
    if (value != CKR_OK || size > plain_room)
        return token_error(caller.where(), "C_Decrypt", value == CKR_OK ? CKR_ENCRYPTED_DATA_LEN_RANGE : value);
    plain.resize(size);
    return plain;
}

bool refuses_way(const Error& error) {
    return error.fault &&
           std::find(std::begin(of_the_way), std::end(of_the_way), error.fault->value) != std::end(of_the_way);
}

}  // namespace hsmreq::token
