#include "token/quirks.hpp"

#include <fnmatch.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "token/module.hpp"
#include "token/quirk_profiles.hpp"

namespace hsmreq::token {
namespace {

/// A profile with the patterns that decide whom it is for; an empty pattern matches everything.
struct Entry {
    QuirkProfile profile;
    std::string manufacturer;
    std::string model;
    std::string library;
};

constexpr std::array<std::string_view, 3> never_omitted = {"CKA_EXTRACTABLE", "CKA_SENSITIVE", "CKA_PRIVATE"};

std::vector<std::string> words(const toml::table& table, std::string_view section, std::string_view key) {
    std::vector<std::string> result;
    if (const auto* list = table[section][key].as_array())
        for (const auto& element : *list)
            if (const auto word = element.value<std::string>()) result.push_back(*word);
    return result;
}

std::vector<std::string> omitted(const toml::table& table, std::string_view key) {
    auto result = words(table, "templates", key);
    std::erase_if(result, [](const std::string& attribute) {
        return std::find(never_omitted.begin(), never_omitted.end(), attribute) != never_omitted.end();
    });
    return result;
}

Entry read(const QuirkProfileText& text) {
    Entry entry;
    entry.profile.name = text.family;
    const toml::table table = toml::parse(text.toml);
    entry.manufacturer = table["match"]["manufacturer"].value_or(std::string());
    entry.model = table["match"]["model"].value_or(std::string());
    entry.library = table["match"]["library"].value_or(std::string());
    entry.profile.omit_private = omitted(table, "omit_private");
    entry.profile.omit_public = omitted(table, "omit_public");
    entry.profile.omit_certificate = omitted(table, "omit_certificate");
    entry.profile.cannot_wrap = words(table, "wrapping", "cannot_wrap");
    entry.profile.one_session_at_a_time = table["sessions"]["one_at_a_time"].value_or(false);
    for (const auto section : {"templates", "wrapping", "sessions"})
        for (auto& source : words(table, section, "sources")) entry.profile.sources.push_back(std::move(source));
    return entry;
}

/// A profile that does not parse is left out; a test of the built-in ones keeps that from happening.
std::vector<Entry> read_all() {
    std::vector<Entry> entries;
    for (const auto& text : quirk_profile_texts()) {
        try {
            entries.push_back(read(text));
        } catch (const toml::parse_error&) {
            continue;
        }
    }
    return entries;
}

bool matches(const std::string& pattern, const std::string& value) {
    return pattern.empty() || ::fnmatch(pattern.c_str(), value.c_str(), 0) == 0;
}

}  // namespace

bool omits(const QuirkProfile* profile, std::vector<std::string> QuirkProfile::*kind, std::string_view attribute) {
    return profile != nullptr && std::ranges::find(profile->*kind, attribute) != (profile->*kind).end();
}

const QuirkProfile* find_quirk_profile(const ModuleInfo& module, const TokenInfo& token) {
    static const std::vector<Entry> entries = read_all();
    for (const auto& entry : entries)
        if (matches(entry.manufacturer, token.manufacturer) && matches(entry.model, token.model) &&
            matches(entry.library, module.description))
            return &entry.profile;
    return nullptr;
}

}  // namespace hsmreq::token
