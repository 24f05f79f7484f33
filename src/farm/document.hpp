// The farm file as a tree of values with their places; what the TOML library read, in our own terms.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "farm/source.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::farm {

enum class Kind { string, integer, number, boolean, date, time, list, table };

struct Entry;

struct Value {
    Kind kind = Kind::table;
    Position at;
    std::string text = {};  ///< a string's characters; a date as YYYY-MM-DD
    bool truth = false;
    std::vector<Value> items = {};  ///< of a list
    std::vector<Entry> entries;     ///< of a table, in the file's order; clang 14 refuses an initializer for them
};

struct Entry {
    std::string key;
    Position at;  ///< of the key
    Value value;
};

/// "a string", "a list", … for messages.
std::string_view described(Kind kind);

/// Errors: ExitCode::input at the first place that is not TOML 1.0, or is nested more deeply than any farm file.
Result<Value> read_document(const Source& source);

}  // namespace hsmreq::farm
