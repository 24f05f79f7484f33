#include "farm/schema.hpp"

#include <set>

#include "base/text.hpp"
#include "farm/sections.hpp"
#include "farm/words.hpp"

namespace hsmreq::farm {
namespace {

/// Longer words resemble nothing, and comparing them would take long.
constexpr std::size_t comparable_length = 40;

std::string nearest_name(std::string_view word, const KeyNames& known) {
    if (word.size() > comparable_length) return {};
    std::vector<std::string_view> names;
    for (const auto& key : known) names.push_back(key.name);
    return nearest(word, names);
}

/// The sections in which a key of that name stands: "[certificate], [[request]]"; "" when there is none.
std::string homes_of(std::string_view name, const KeyNames& keys, const std::string& section) {
    std::string homes;
    for (const auto& key : keys) {
        if (key.name == name && !section.empty()) homes += (homes.empty() ? "" : ", ") + ('[' + section + ']');
        if (key.inner == nullptr) continue;
        const auto inner = homes_of(name, key.inner(),
                                    section.empty() ? std::string(key.name) : section + '.' + std::string(key.name));
        if (!inner.empty()) homes += (homes.empty() ? "" : ", ") + inner;
    }
    return homes;
}

std::string list_of(const KeyNames& known) {
    std::string text;
    for (const auto& key : known) text += (text.empty() ? "" : ", ") + std::string(key.name);
    return text;
}

std::string hint_for_unknown(std::string_view name, const KeyNames& known) {
    if (const auto hint = hint_for_foreign_word(name); !hint.empty()) return std::string(hint);
    if (const auto meant = nearest_name(name, known); !meant.empty()) return "Did you mean " + meant + '?';
    if (const auto homes = homes_of(name, file_key_names(), ""); !homes.empty()) return "It is a key of " + homes + '.';
    return "Known here: " + list_of(known) + '.';
}

std::string listed(std::span<const std::string_view> words) {
    std::string text;
    for (const auto word : words) text += (text.empty() ? "\"" : ", \"") + std::string(word) + '"';
    return text;
}

}  // namespace

void read_text(const Field& field, std::string& target, Check check) {
    if (!field.expect(Kind::string)) return;
    auto complaint = no_control_characters(field.value.text);
    if (!complaint) complaint = check(field.value.text);
    if (complaint)
        field.complain(std::move(*complaint));
    else
        target = field.value.text;
}

void read_list(const Field& field, std::vector<std::string>& target, Check check, Repeats repeats) {
    if (!field.expect(Kind::list)) return;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < field.value.items.size(); ++i) {
        const auto item = field.item(i);
        read_text(item, target.emplace_back(), check);
        if (repeats == Repeats::refused && !target.back().empty() && !seen.insert(to_lower(target.back())).second)
            item.complain({backquoted(target.back()) + " stands twice", "Keep one of them."});
    }
}

void refuse_word(const Field& field, std::span<const std::string_view> words) {
    if (field.reader.full()) return field.complain({});
    const std::string allowed = "Allowed: " + listed(words) + '.';
    if (field.value.kind != Kind::string) {
        field.complain({"expected a word in quotes, found " + std::string(described(field.value.kind)), allowed});
        return;
    }
    const auto meant = field.value.text.size() > comparable_length ? "" : nearest(field.value.text, words);
    field.complain({backquoted(field.value.text) + " is none of the values that it can have",
                    (meant.empty() ? "" : "Did you mean \"" + meant + "\"? ") + allowed});
}

void refuse_unknown_key(const Field& table, const Entry& entry, const KeyNames& known) {
    if (table.reader.full()) return table.complain({});
    if (const auto meant = nearest_name(entry.key, known); !meant.empty())
        table.reader.note_meant(table.path.empty() ? meant : table.path + '.' + meant);
    const bool tables =
        entry.value.kind == Kind::list && !entry.value.items.empty() && entry.value.items.front().kind == Kind::table;
    const bool section = entry.value.kind == Kind::table || tables;
    auto what = section ? "unknown section " + backquoted(entry.key) : "unknown key " + backquoted(entry.key);
    if (!table.path.empty())
        what += " in " + header(table.path);
    else if (!section)
        what += " before the first section";
    table.reader.complain(entry.at, table.path, {std::move(what), hint_for_unknown(entry.key, known)});
}

void refuse_missing_key(const Field& table, std::string_view name, std::string_view example) {
    if (table.reader.meant(table.path.empty() ? std::string(name) : table.path + '.' + std::string(name))) return;
    const auto what = table.path.empty() ? "the section " + header(name) + " is missing"
                                         : backquoted(name) + " is missing in " + header(table.path);
    table.reader.complain(table.key, table.path, {what, "Write: " + std::string(example) + '.'});
}

bool expect_tables(const Field& field) {
    const auto headers = "[[" + header(field.path).substr(1) + ']';
    const auto complain = [&](std::string what) {
        field.reader.complain(
            field.key, field.path,
            {std::move(what), "There may be several of them: write " + headers + " with double brackets."});
        return false;
    };
    if (field.value.kind == Kind::table) return complain(header(field.path) + " with single brackets");
    if (field.value.kind != Kind::list)
        return complain("expected a list of sections, found " + std::string(described(field.value.kind)));
    const auto& items = field.value.items;
    if (!std::ranges::all_of(items, [](const Value& item) { return item.kind == Kind::table; }))
        return complain("expected a list of sections, found a list of values");
    return true;
}

}  // namespace hsmreq::farm
