// Small text helpers that more than one room needs.
#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/bytes.hpp"

namespace hsmreq {

/// ASCII only; other bytes stay as they are.
std::string to_lower(std::string_view text);

/// Control characters (also C1), DEL, marks that turn the writing direction, and bytes that are not UTF-8 as \xNN,
/// so that a value from a file or a token can't drive the reader's terminal.
std::string printable(std::string_view text);

bool is_utf8(std::string_view text);

/// The candidate with the smallest edit distance to `word`, "" when none is near enough to be what was meant.
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Replaces {placeholders}. `lookup` answers a placeholder's value; an empty one goes together with the
/// dot before it (or, at the beginning, the dot after it). Unknown placeholders must have been refused earlier.
std::string expand_template(std::string_view text, const std::function<std::string(std::string_view)>& lookup);

/// Replaces the "{}" of a text by the words, in order. Words too many are dropped, a "{}" without a word stays.
std::string fill_in(std::string_view text, std::initializer_list<std::string_view> words);

BytesView as_bytes(std::string_view text);
std::string_view as_text(BytesView bytes);

}  // namespace hsmreq
