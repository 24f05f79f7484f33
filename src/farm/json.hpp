// A JSON document as plain values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/result.hpp"

namespace hsmreq::farm {

struct JsonValue {
    enum class Kind { nothing, truth, number, text, array, object };

    Kind kind = Kind::nothing;
    std::string name;              ///< of an object's member
    std::string text;              ///< a text, or a number or truth as it is written
    std::vector<JsonValue> items;  ///< of an array; the members of an object, in their order

    /// The object's member of that name, whatever its case; null when there is none.
    [[nodiscard]] const JsonValue* find(std::string_view wanted) const;
};

/// `text` is UTF-8. Errors: ExitCode::input for text that is no JSON, with line and column, or nests deeper than 64.
Result<JsonValue> parse_json(std::string_view text, const std::string& file);

}  // namespace hsmreq::farm
