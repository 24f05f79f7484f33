#include <algorithm>

#include "base/try.hpp"
#include "token/mechanisms.hpp"
#include "token/state.hpp"
#include "token/wrapping.hpp"

namespace hsmreq::token {
namespace {

/// How the private key itself is wrapped, preferred first. 0x210B and 0x210A are the same wrapping under two numbers:
/// PKCS#11 3.0 renumbered it, and modules follow either.
struct WayRow {
    bool one_step;
    CK_MECHANISM_TYPE mechanism;
    KeyWrap key_wrap;
};
constexpr WayRow way_rows[] = {
    {true, CKM_RSA_AES_KEY_WRAP, KeyWrap::padded},
    {false, CKM_AES_KEY_WRAP_KWP, KeyWrap::padded},
    {false, CKM_AES_KEY_WRAP_PAD, KeyWrap::padded},
    {false, CKM_AES_KEY_WRAP, KeyWrap::plain},
};

/// Preferred first. SHA-1 is as good as any other hash here: OAEP asks for no collision resistance.
constexpr OaepHash oaep_hashes[] = {OaepHash::sha256, OaepHash::sha1};

CK_FLAGS flag(Direction direction) {
    return direction == Direction::wrap ? CKF_WRAP : CKF_UNWRAP;
}

Error nothing_fits(const Token& token, Direction direction, const std::string& missing) {
    return {.code = ExitCode::token,
            .what = std::string("the token can't ") + (direction == Direction::wrap ? "wrap" : "unwrap") +
                    " a private key: it does not offer " + missing,
            .where = token.info().display(),
            .hint = "enable the mechanism in the token's configuration, or give each member a key of its own"};
}

}  // namespace

std::vector<WrappingWay> wrapping_ways(Direction direction, const std::function<bool(unsigned long)>& offers) {
    const bool two_steps = offers(CKM_RSA_PKCS_OAEP) && (direction == Direction::unwrap || offers(CKM_AES_KEY_GEN));
    std::vector<WrappingWay> ways;
    for (const auto& row : way_rows) {
        if (!offers(row.mechanism) || !(row.one_step || two_steps)) continue;
        for (const OaepHash hash : oaep_hashes) ways.push_back({row.one_step, row.mechanism, row.key_wrap, hash});
    }
    return ways;
}

namespace {

std::function<bool(unsigned long)> offers_of(Token& token, Direction direction) {
    return [&token, direction](unsigned long type) {
        if (type == CKM_AES_KEY_GEN) return offers_for(token, type, CKF_GENERATE);
        const QuirkProfile* quirks = token.state().quirks;
        if (direction == Direction::wrap && quirks != nullptr &&
            std::find(quirks->cannot_wrap.begin(), quirks->cannot_wrap.end(), mechanism_name(type)) !=
                quirks->cannot_wrap.end())
            return false;
        return offers_for(token, type, flag(direction));
    };
}

}  // namespace

Result<std::vector<WrappingWay>> wrapping_ways(Token& token, Direction direction) {
    TRY(token.mechanisms());
    auto ways = wrapping_ways(direction, offers_of(token, direction));
    if (ways.empty())
        return nothing_fits(token, direction,
                            "CKM_RSA_AES_KEY_WRAP, nor CKM_RSA_PKCS_OAEP together with CKM_AES_KEY_WRAP_PAD or "
                            "CKM_AES_KEY_WRAP");
    return ways;
}

Result<std::vector<WrappingWay>> standing_ways(Token& token, Direction direction) {
    TRY(token.mechanisms());
    const auto offers = offers_of(token, direction);
    std::vector<WrappingWay> ways;
    for (const auto& row : way_rows)
        if (!row.one_step && offers(row.mechanism))
            ways.push_back({false, row.mechanism, row.key_wrap, OaepHash::sha1});
    if (ways.empty()) return nothing_fits(token, direction, "CKM_AES_KEY_WRAP_PAD, nor CKM_AES_KEY_WRAP");
    return ways;
}

}  // namespace hsmreq::token
