#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "token/key_templates.hpp"
#include "token/mechanisms.hpp"
#include "token/public_values.hpp"

namespace hsmreq::token {
namespace {

/// What is read besides the attributes of the policy.
constexpr CK_ATTRIBUTE_TYPE key_values[] = {CKA_KEY_TYPE,  CKA_MODULUS,  CKA_PUBLIC_EXPONENT,
                                            CKA_EC_PARAMS, CKA_EC_POINT, CKA_ID};
constexpr CK_ATTRIBUTE_TYPE private_facts[] = {
    CKA_LABEL, CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_ALWAYS_AUTHENTICATE, CKA_KEY_GEN_MECHANISM};

std::vector<CK_ATTRIBUTE_TYPE> types_to_read(ObjectKind object) {
    std::vector<CK_ATTRIBUTE_TYPE> types(std::begin(key_values), std::end(key_values));
    for (const auto& attribute : policy_attributes())
        if (attribute.object == object) types.push_back(attribute.type);
    if (object == ObjectKind::private_key)
        types.insert(types.end(), std::begin(private_facts), std::end(private_facts));
    return types;
}

const char* word(bool value) {
    return value ? "true" : "false";
}

Error key_error(const Session& session, ExitCode code, std::string what, std::string finding) {
    Error error;
    error.code = code;
    error.what = std::move(what);
    error.where = const_cast<Session&>(session).token().info().display();
    error.finding = std::move(finding);
    return error;
}

std::optional<KeyFamily> family_of(CK_ULONG key_type) {
    switch (key_type) {
        case CKK_RSA:
            return KeyFamily::rsa;
        case CKK_EC:
            return KeyFamily::ec;
        case CKK_EC_EDWARDS:
            return KeyFamily::ed25519;
        default:
            return std::nullopt;
    }
}

std::size_t field_size(std::string_view oid) {
    for (const auto& row : key_algorithms)
        if (row.family == KeyFamily::ec && row.curve_oid == oid) return (row.bits + 7) / 8;
    return 0;
}

enum class Readable { complete, missing, impossible };

Readable read_rsa(const AttributeValues& values, PublicKey& key) {
    const auto modulus = values.bytes(CKA_MODULUS);
    const auto exponent = values.bytes(CKA_PUBLIC_EXPONENT);
    if (!modulus || !exponent || modulus->empty() || exponent->empty()) return Readable::missing;
    key.modulus = trimmed_number(*modulus);
    key.public_exponent = trimmed_number(*exponent);
    return possible_rsa(key) ? Readable::complete : Readable::impossible;
}

Readable read_curve(const AttributeValues& values, PublicKey& key) {
    const auto parameters = values.bytes(CKA_EC_PARAMS);
    const auto point = values.bytes(CKA_EC_POINT);
    if (!parameters || !point || parameters->empty() || point->empty()) return Readable::missing;
    const auto oid = curve_oid(*parameters);
    if (!oid) return Readable::impossible;
    key.curve_oid = *oid;
    // Some tokens keep Ed25519 under the key type of Weierstrass curves.
    if (key.curve_oid == facts(KeyAlgorithm::ed25519).curve_oid) key.family = KeyFamily::ed25519;
    const auto bare =
        key.family == KeyFamily::ed25519 ? edwards_point(*point) : ec_point(*point, field_size(key.curve_oid));
    if (!bare) return Readable::impossible;
    key.point = *bare;
    return Readable::complete;
}

Readable read_values(const AttributeValues& values, PublicKey& key) {
    const auto type = values.number(CKA_KEY_TYPE);
    const auto family = type ? family_of(*type) : std::nullopt;
    if (!family) return Readable::missing;
    key.family = *family;
    return key.family == KeyFamily::rsa ? read_rsa(values, key) : read_curve(values, key);
}

Error unreadable(Session& session, Readable how) {
    if (how == Readable::missing)
        return key_error(session, ExitCode::not_found, "no public value of the key can be read", "key.incomplete");
    return key_error(session, ExitCode::verification, "the public values that the token shows are not a possible key",
                     "");
}

/// The values of both objects, put beside the template.
class Comparison {
public:
    Comparison(Session& session, const KeyTemplate& wanted, KeyPair& pair)
        : session_(session), wanted_(wanted), pair_(pair) {}

    void policy(const AttributeValues& values, ObjectKind object) {
        for (const auto& attribute : policy_attributes())
            if (attribute.object == object) policy(values, attribute);
    }

    void fact(const AttributeValues& values, CK_ATTRIBUTE_TYPE type, const char* name, bool& target) {
        const auto value = values.boolean(type);
        target = value.value_or(false);
        add(ObjectKind::private_key, name, "", value ? word(*value) : "");
    }

    void add(ObjectKind object, const char* name, std::string asked, std::string read,
             Verdict verdict = Verdict::as_asked) {
        AttributeClaim claim;
        claim.object = to_name(object);
        claim.attribute = name;
        claim.asked = std::move(asked);
        claim.read = std::move(read);
        claim.verdict = verdict;
        pair_.attributes.push_back(std::move(claim));
    }

    void algorithm() {
        const bool same = pair_.algorithm == wanted_.algorithm;
        const char* name = pair_.public_key.family != facts(wanted_.algorithm).family ? "CKA_KEY_TYPE"
                           : pair_.public_key.family == KeyFamily::rsa                ? "CKA_MODULUS"
                                                                                      : "CKA_EC_PARAMS";
        add(ObjectKind::private_key, name, std::string(facts(wanted_.algorithm).name), shown_algorithm(),
            same ? Verdict::as_asked : Verdict::differs);
    }

    void id(const AttributeValues& values, ObjectKind object) {
        const auto value = values.bytes(CKA_ID);
        const bool same = value && std::equal(value->begin(), value->end(), wanted_.id.begin(), wanted_.id.end());
        if (!wanted_.id.empty())
            add(object, "CKA_ID", to_hex(wanted_.id), value ? to_hex(*value) : "",
                same ? Verdict::as_asked : Verdict::differs);
    }

private:
    void policy(const AttributeValues& values, const PolicyAttribute& attribute) {
        const auto value = values.boolean(attribute.type);
        // Asked for only with a wrapping key; without one it is not even worth a line when the token lacks it.
        const bool asked = attribute.rule != ValueRule::as_wrap_with_trusted || wanted_.wrap_with_trusted;
        if (!asked && !value) return;
        const bool wanted = wanted_value(attribute, wanted_);
        add(attribute.object, attribute.name, asked ? word(wanted) : "", value ? word(*value) : "",
            asked ? verdict(attribute, wanted, value) : Verdict::as_asked);
        pair_.attributes.back().left_out =
            pair_.generated && asked && !states(attribute, wanted_, pair_.rung, session_.token().state().quirks);
    }

    Verdict verdict(const PolicyAttribute& attribute, bool wanted, std::optional<bool> value) {
        if (value) return *value == wanted ? Verdict::as_asked : Verdict::differs;
        if (wanted || attribute.unknown == Unknown::differs) return Verdict::differs;
        if (attribute.unknown == Unknown::harmless) return Verdict::unknown_to_token;
        return family_can(session_.token(), facts(wanted_.algorithm).family, attribute.use) ? Verdict::differs
                                                                                            : Verdict::unknown_to_token;
    }

    [[nodiscard]] std::string shown_algorithm() const {
        if (pair_.algorithm) return std::string(facts(*pair_.algorithm).name);
        if (pair_.public_key.family == KeyFamily::rsa)
            return fmt::format("rsa-{}", bit_length(pair_.public_key.modulus));
        return pair_.public_key.curve_oid;
    }

    Session& session_;
    const KeyTemplate& wanted_;
    KeyPair& pair_;
};

/// The public key of the pair; both objects must agree where both show it.
Status choose_public_key(Session& session, const AttributeValues& from_private,
                         const std::optional<AttributeValues>& from_public, KeyPair& pair) {
    PublicKey of_private;
    const Readable private_readable = read_values(from_private, of_private);
    if (!from_public) {
        if (private_readable != Readable::complete) return unreadable(session, private_readable);
        pair.public_key = std::move(of_private);
        return {};
    }
    const Readable public_readable = read_values(*from_public, pair.public_key);
    if (public_readable == Readable::missing && private_readable == Readable::complete) {
        pair.public_key = std::move(of_private);
        return {};
    }
    if (public_readable != Readable::complete) return unreadable(session, public_readable);
    if (private_readable == Readable::complete && !(of_private == pair.public_key))
        return key_error(session, ExitCode::verification,
                         "the public object beside the private key belongs to another key", "");
    return {};
}

void take_identity(const AttributeValues& values, KeyPair& pair) {
    if (const auto label = values.bytes(CKA_LABEL)) pair.label = as_text(*label);
    if (const auto id = values.bytes(CKA_ID)) pair.id.assign(id->begin(), id->end());
    if (const auto mechanism = values.number(CKA_KEY_GEN_MECHANISM))
        pair.generation_mechanism = mechanism_name(*mechanism);
}

}  // namespace

Status read_key_pair(Session& session, const KeyTemplate& wanted, KeyPair& pair) {
    const auto private_types = types_to_read(ObjectKind::private_key);
    TRY_ASSIGN(const auto from_private, AttributeValues::read(session, pair.private_key, private_types));
    std::optional<AttributeValues> from_public;
    if (pair.public_object) {
        const auto public_types = types_to_read(ObjectKind::public_key);
        TRY_ASSIGN(from_public, AttributeValues::read(session, *pair.public_object, public_types));
    }
    TRY(choose_public_key(session, from_private, from_public, pair));
    pair.algorithm = algorithm_of(pair.public_key);
    pair.attributes.clear();
    take_identity(from_private, pair);

    Comparison comparison(session, wanted, pair);
    comparison.algorithm();
    comparison.id(from_private, ObjectKind::private_key);
    comparison.policy(from_private, ObjectKind::private_key);
    comparison.fact(from_private, CKA_LOCAL, "CKA_LOCAL", pair.local);
    comparison.fact(from_private, CKA_ALWAYS_SENSITIVE, "CKA_ALWAYS_SENSITIVE", pair.always_sensitive);
    comparison.fact(from_private, CKA_NEVER_EXTRACTABLE, "CKA_NEVER_EXTRACTABLE", pair.never_extractable);
    comparison.fact(from_private, CKA_ALWAYS_AUTHENTICATE, "CKA_ALWAYS_AUTHENTICATE", pair.always_authenticate);
    comparison.add(ObjectKind::private_key, "CKA_KEY_GEN_MECHANISM", "", pair.generation_mechanism);
    if (from_public) {
        comparison.id(*from_public, ObjectKind::public_key);
        comparison.policy(*from_public, ObjectKind::public_key);
    }
    return {};
}

Result<PublicKey> read_public_key(Session& session, ObjectHandle object) {
    TRY_ASSIGN(const auto values, AttributeValues::read(session, object, key_values));
    PublicKey key;
    if (const Readable how = read_values(values, key); how != Readable::complete) return unreadable(session, how);
    return key;
}

}  // namespace hsmreq::token
