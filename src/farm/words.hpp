// Words that people bring from other tools, and what they are called here.
#pragma once

#include <span>
#include <string_view>

namespace hsmreq::farm {

struct ForeignWord {
    std::string_view word;  ///< lower case, without '_' and '-'
    std::string_view hint;
};

/// All rows, sorted by nothing in particular; no word is a key of the farm file in the section it's for.
std::span<const ForeignWord> foreign_words();

/// The hint for a key as somebody wrote it (key_size, KeySize, key-size); "" for a word that is not in the table.
std::string_view hint_for_foreign_word(std::string_view key);

}  // namespace hsmreq::farm
