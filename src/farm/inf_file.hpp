// An INF file's lines: sections, keys, quotes, continuations and %tokens%, without their meaning.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/result.hpp"

namespace hsmreq::farm {

/// One `key = value`, with its tokens expanded.
struct InfEntry {
    std::string section;              ///< lower case
    std::string title;                ///< the section as written
    std::string key;                  ///< as written
    std::string name;                 ///< the key in lower case
    std::vector<std::string> values;  ///< the value, then those of the `_continue_` lines below it
    unsigned line = 1;

    /// All values as one text, as certreq joins them.
    [[nodiscard]] std::string value() const;
};

/// The entries in the order of the file; those of [Strings] are used up by the expansion. `text` is UTF-8.
/// Errors: ExitCode::input with FILE:LINE for a line outside of any section, an open quote, a `_continue_` without a
/// line to continue, and tokens that name each other without end or grow beyond all measure.
Result<std::vector<InfEntry>> parse_inf(std::string_view text, const std::string& file);

}  // namespace hsmreq::farm
