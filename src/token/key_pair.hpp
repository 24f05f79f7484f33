// Key pairs under the farm's policy: find, make, read back, destroy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsmreq/algorithm.hpp"
#include "hsmreq/bytes.hpp"
#include "hsmreq/public_key.hpp"
#include "hsmreq/result.hpp"
#include "token/module.hpp"

namespace hsmreq::token {

using ObjectHandle = unsigned long;

/// What a key pair is to be; every attribute of the contract's templates follows from it.
struct KeyTemplate {
    KeyAlgorithm algorithm = KeyAlgorithm::rsa_2048;
    bool decrypt = false;  ///< RSA with purpose exchange
    bool extractable = false;
    bool wrap_with_trusted = false;  ///< only stated when true
    Bytes id;
    std::string label;
};

/// Where a statement about a key comes from.
enum class ClaimSource { requested, token_reported, probe_tested, tool_enforced, hardware_attested };

enum class Verdict {
    as_asked,
    unknown_to_token,  ///< the token does not know the attribute and offers no mechanism that would use it
    differs,
};

/// One attribute asked and read back.
struct AttributeClaim {
    std::string object;     ///< "private" or "public"
    std::string attribute;  ///< "CKA_EXTRACTABLE"
    std::string asked;      ///< "true", "false"; "" for attributes that are only read
    std::string read;       ///< "true", "false", a name or hexadecimal; "" when the token does not know it
    Verdict verdict = Verdict::as_asked;
    ClaimSource source = ClaimSource::token_reported;
    bool left_out = false;  ///< the ladder or quirk profile left it out of the template
};

/// A pair as the token shows it.
struct KeyPair {
    ObjectHandle private_key = 0;
    std::optional<ObjectHandle> public_object;
    PublicKey public_key;
    std::optional<KeyAlgorithm> algorithm;  ///< absent when it is none of ours
    std::vector<AttributeClaim> attributes;
    bool local = false;
    bool always_sensitive = false;
    bool never_extractable = false;
    bool always_authenticate = false;
    bool generated = false;            ///< made through these handles in this run
    unsigned rung = 0;                 ///< of a generated pair: the step of the template ladder that it was made at
    std::string generation_mechanism;  ///< CKA_KEY_GEN_MECHANISM, "" when unavailable
    std::string label;                 ///< CKA_LABEL of the private key
    Bytes id;
};

/// Everything under one CKA_ID, by class.
struct FoundObjects {
    std::vector<ObjectHandle> private_keys;
    std::vector<ObjectHandle> public_keys;
    std::vector<ObjectHandle> certificates;
    std::vector<ObjectHandle> unreadable;  ///< the token lists them and can't say what they are

    [[nodiscard]] bool empty() const {
        return private_keys.empty() && public_keys.empty() && certificates.empty() && unreadable.empty();
    }
};

/// Searches by CKA_ID only: three calls when nothing is there. Errors: ExitCode::token.
Result<FoundObjects> find_by_id(Session& session, BytesView id);

/// Private keys that a URI's object and id name, with the public objects of the same CKA_ID. Errors: ExitCode::token.
Result<FoundObjects> find_by_uri(Session& session, const Uri& uri);

/// Everything that a URI's object and id name, whatever its class: without a login a private key does not show, and
/// what lies beside it does. Errors: ExitCode::token.
Result<FoundObjects> find_all_by_uri(Session& session, const Uri& uri);

enum class ObjectClass { private_key, public_key, certificate };

/// One object of a whole token.
struct ListedObject {
    ObjectHandle handle = 0;
    Bytes id;
    std::string label;
};

/// Every object of that class that the token keeps, one call for each besides the search: for looking a token over,
/// never for finding a key. What can't be read is empty. Errors: ExitCode::token.
Result<std::vector<ListedObject>> list_objects(Session& session, ObjectClass wanted_class);

/// CKA_VALUE of a certificate object: its DER; empty when the token does not show it. Errors: ExitCode::token.
Result<Bytes> read_certificate(Session& session, ObjectHandle object);

/// True when the token offers what making and using such a key needs; else the Error (ExitCode::token) names the
/// mechanism.
Status check_mechanisms(Token& token, KeyAlgorithm algorithm, Hash hash);

/// Makes the pair with every attribute stated. The fixed ladder leaves out, step by step, attributes that the token
/// refuses to see in a template; the rung that worked is kept for the token's further pairs. Reads nothing back: see
/// read_key_pair. In the returned value only handles, `generated` and `rung` are set. After an error objects may exist
/// all the same: search by ID. Errors: ExitCode::token.
Result<KeyPair> generate_key_pair(Session& session, const KeyTemplate& wanted);

/// Reads a pair's attributes (one call an object) and compares them one by one with the template; nothing is refused
/// here. `pair` brings the handles (and `generated`) and takes the rest. Without a public object the public key comes
/// from the private key's readable values. Errors: ExitCode::token; ExitCode::not_found with finding key.incomplete
/// when no public value is readable; ExitCode::verification when the public values are not a possible key.
Status read_key_pair(Session& session, const KeyTemplate& wanted, KeyPair& pair);

/// The public key of a lone public object, for naming it in messages. Errors: as read_key_pair.
Result<PublicKey> read_public_key(Session& session, ObjectHandle object);

/// Puts a public object beside a private key that lost it. Errors: ExitCode::token.
Result<ObjectHandle> create_public_object(Session& session, const KeyTemplate& wanted, const PublicKey& key);

/// C_DestroyObject by handle. Errors: ExitCode::token.
Status destroy(Session& session, ObjectHandle object);

}  // namespace hsmreq::token
