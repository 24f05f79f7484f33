// The farm file's keys as tables: a row names a key and says how it is read.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "farm/reader.hpp"
#include "farm/values.hpp"
#include "hsmreq/names.hpp"

namespace hsmreq::farm {

struct KeyName;
using KeyNames = std::vector<KeyName>;

/// A key without its reader, as hints and the reference need it.
struct KeyName {
    std::string_view name;
    KeyNames (*inner)() = nullptr;  ///< the keys of the table, or of each table of the list, that the key holds
};

/// One key of a section that is read into a T.
template <class T>
struct Key {
    std::string_view name = {};
    void (*read)(const Field&, T&) = nullptr;
    std::string_view example = {};  ///< of a required key: the line to write; "" when the key may be left out
    KeyNames (*inner)() = nullptr;
};

enum class Repeats { allowed, refused };

void read_text(const Field& field, std::string& target, Check check);
void read_list(const Field& field, std::vector<std::string>& target, Check check, Repeats repeats);
/// Complains about a word that is none of the enumeration's.
void refuse_word(const Field& field, std::span<const std::string_view> words);
void refuse_unknown_key(const Field& table, const Entry& entry, const KeyNames& known);
void refuse_missing_key(const Field& table, std::string_view name, std::string_view example);
/// Whether the value is a list of tables; otherwise complains.
bool expect_tables(const Field& field);

template <class E>
constexpr auto words_of = [] {
    std::array<std::string_view, named<E>.size()> words{};
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = named<E>[i].name;
    return words;
}();

/// The enumerator that the field's word stands for; complains and answers nothing otherwise.
template <class E>
std::optional<E> read_word(const Field& field) {
    std::optional<E> value;
    if (field.value.kind == Kind::string) value = from_name<E>(field.value.text);
    if (!value) refuse_word(field, words_of<E>);
    return value;
}

template <const auto& keys>
KeyNames names_of() {
    KeyNames names;
    for (const auto& key : keys) names.push_back({key.name, key.inner});
    return names;
}

/// Reads a table's known keys in the order of their rows, so that a row may rely on those before it.
template <const auto& keys, class T>
void read_table(const Field& field, T& target) {
    if (!field.expect(Kind::table)) return;
    const auto& entries = field.value.entries;
    // Unknown keys first: what was mistyped is not missing.
    for (const auto& entry : entries)
        if (std::ranges::find(keys, entry.key, &std::decay_t<decltype(keys[0])>::name) == std::end(keys))
            refuse_unknown_key(field, entry, names_of<keys>());
    for (const auto& key : keys) {
        const auto entry = std::ranges::find(entries, key.name, &Entry::key);
        if (entry != entries.end())
            key.read(field.entry(*entry), target);
        else if (!key.example.empty())
            refuse_missing_key(field, key.name, key.example);
    }
}

template <class T>
struct MemberPointer;
template <class Class, class Type>
struct MemberPointer<Type Class::*> {
    using class_type = Class;
};

template <auto first, auto...>
struct Owner {
    using type = typename MemberPointer<decltype(first)>::class_type;
};

/// The class that a chain of member pointers starts from.
template <auto... path>
using OwnerOf = typename Owner<path...>::type;

/// The object at the chain's end.
template <auto first, auto... rest, class T>
auto& follow(T& object) {
    if constexpr (sizeof...(rest) == 0)
        return object.*first;
    else
        return follow<rest...>(object.*first);
}

template <Check check, auto... path>
constexpr Key<OwnerOf<path...>> text(std::string_view name, std::string_view example = {}) {
    return {name,
            [](const Field& field, OwnerOf<path...>& target) { read_text(field, follow<path...>(target), check); },
            example};
}

inline std::vector<std::string>& written(std::vector<std::string>& list) {
    return list;
}
inline std::vector<std::string>& written(std::optional<std::vector<std::string>>& list) {
    return list.emplace();
}

template <Check check, Repeats repeats, auto... path>
constexpr Key<OwnerOf<path...>> list(std::string_view name) {
    return {name, [](const Field& field, OwnerOf<path...>& target) {
                read_list(field, written(follow<path...>(target)), check, repeats);
            }};
}

template <auto... path>
constexpr Key<OwnerOf<path...>> flag(std::string_view name) {
    return {name, [](const Field& field, OwnerOf<path...>& target) {
                if (field.expect(Kind::boolean)) follow<path...>(target) = field.value.truth;
            }};
}

template <class E, auto... path>
constexpr Key<OwnerOf<path...>> word(std::string_view name, std::string_view example = {}) {
    return {name,
            [](const Field& field, OwnerOf<path...>& target) {
                if (const auto value = read_word<E>(field)) follow<path...>(target) = *value;
            },
            example};
}

/// A text whose syntax another room judges; an empty one stands for "not given".
template <auto validator, auto... path>
constexpr Key<OwnerOf<path...>> validated(std::string_view name) {
    return {name, [](const Field& field, OwnerOf<path...>& target) {
                auto& text = follow<path...>(target);
                read_text(field, text, any_text);
                const auto& validate = field.reader.validators().*validator;
                if (text.empty() || field.reader.failed(field.path) || !validate) return;
                if (const auto status = validate(text); !status)
                    field.complain(foreign_complaint(text, status.error()));
            }};
}

/// Two tables as one.
template <class T, std::size_t n, std::size_t m>
constexpr std::array<Key<T>, n + m> joined(const std::array<Key<T>, n>& first, const std::array<Key<T>, m>& second) {
    std::array<Key<T>, n + m> all{};
    std::ranges::copy(first, all.begin());
    std::ranges::copy(second, all.begin() + n);
    return all;
}

template <const auto& keys, auto... path>
constexpr Key<OwnerOf<path...>> table(std::string_view name, std::string_view example = {}) {
    return {name,
            [](const Field& field, OwnerOf<path...>& target) { read_table<keys>(field, follow<path...>(target)); },
            example, names_of<keys>};
}

template <const auto& keys, auto... path>
constexpr Key<OwnerOf<path...>> tables(std::string_view name) {
    return {name,
            [](const Field& field, OwnerOf<path...>& target) {
                if (!expect_tables(field)) return;
                auto& list = follow<path...>(target);
                for (std::size_t i = 0; i < field.value.items.size(); ++i)
                    read_table<keys>(field.item(i), list.emplace_back());
            },
            {},
            names_of<keys>};
}

}  // namespace hsmreq::farm
