// Attribute templates to send, and attribute values that came back.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/secret.hpp"
#include "token/cryptoki.hpp"
#include "token/key_pair.hpp"

namespace hsmreq::token {

/// True for the answers that find fault with a template's attributes: another one may do.
bool about_attributes(CK_RV value);

/// A template that owns its values.
class Template {
public:
    Template() = default;
    Template(Template&&) = default;
    Template& operator=(Template&&) = default;
    Template(const Template&) = delete;  // its CK_ATTRIBUTEs point into its own values
    Template& operator=(const Template&) = delete;

    void add_boolean(CK_ATTRIBUTE_TYPE type, bool value);
    void add_number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
    void add_bytes(CK_ATTRIBUTE_TYPE type, BytesView value);
    /// Keeps no copy: the value must outlive the template.
    void add_secret(CK_ATTRIBUTE_TYPE type, const Secret& value);

    [[nodiscard]] CK_ATTRIBUTE* data() { return attributes_.data(); }
    [[nodiscard]] CK_ULONG size() const { return attributes_.size(); }

private:
    std::vector<CK_ATTRIBUTE> attributes_;
    std::deque<Bytes> values_;
};

/// What one C_GetAttributeValue answered. An attribute that the token does not know, does not reveal or answers with an
/// impossible length is absent.
class AttributeValues {
public:
    /// One call; a second one only when a value outgrows its generous buffer, and one for each attribute that a module
    /// passed over after another that it does not know. Errors: ExitCode::token.
    static Result<AttributeValues> read(Session& session, ObjectHandle object,
                                        std::span<const CK_ATTRIBUTE_TYPE> types);

    [[nodiscard]] std::optional<BytesView> bytes(CK_ATTRIBUTE_TYPE type) const;
    [[nodiscard]] std::optional<bool> boolean(CK_ATTRIBUTE_TYPE type) const;
    [[nodiscard]] std::optional<CK_ULONG> number(CK_ATTRIBUTE_TYPE type) const;

private:
    struct Value {
        CK_ATTRIBUTE_TYPE type;
        std::optional<Bytes> content;
    };
    std::vector<Value> values_;
};

/// All objects that match the template. Errors: ExitCode::token.
Result<std::vector<ObjectHandle>> find_objects(Session& session, Template& wanted);

}  // namespace hsmreq::token
