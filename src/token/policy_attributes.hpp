// The attributes that a key pair is made with and judged by: one table.
#pragma once

#include <span>
#include <string>

#include "token/cryptoki.hpp"
#include "token/key_pair.hpp"
#include "token/quirks.hpp"

namespace hsmreq::token {

enum class ObjectKind { private_key, public_key };

constexpr const char* to_name(ObjectKind object) {
    return object == ObjectKind::private_key ? "private" : "public";
}

enum class ValueRule {
    yes,
    no,
    as_decrypt,            ///< KeyTemplate::decrypt
    as_extractable,        ///< KeyTemplate::extractable
    as_wrap_with_trusted,  ///< KeyTemplate::wrap_with_trusted; not stated when false
};

/// What an attribute that the token does not know means.
enum class Unknown {
    differs,   ///< nothing shows that the token is as strict as asked
    unusable,  ///< harmless when no mechanism on offer could use it
    harmless,  ///< the token can't be looser
};

struct PolicyAttribute {
    CK_ATTRIBUTE_TYPE type;
    const char* name;
    ObjectKind object;
    ValueRule rule;
    unsigned left_out_from;  ///< first rung of the ladder that leaves a false value out; 0: always stated
    Unknown unknown;
    CK_FLAGS use;  ///< mechanism flag of the operation that it permits
};

/// The rungs of the ladder: 0 states everything, the last one states least.
inline constexpr unsigned rung_count = 6;
/// From this rung on class and key type, which follow from the mechanism, are left out.
inline constexpr unsigned rung_without_type = 5;

std::span<const PolicyAttribute> policy_attributes();

bool wanted_value(const PolicyAttribute& attribute, const KeyTemplate& wanted);

/// True when the template states the attribute at that rung under those quirks.
bool states(const PolicyAttribute& attribute, const KeyTemplate& wanted, unsigned rung, const QuirkProfile* quirks);

}  // namespace hsmreq::token
