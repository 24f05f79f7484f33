// What an administrator has answered so far, and what an imported file suggests.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hsmreq::workflow {

using Words = std::vector<std::string>;

/// Keyed by Question::key. Answers have been checked before they come here.
class Answers {
public:
    void give(std::string_view key, Words words) { given_.insert_or_assign(std::string(key), std::move(words)); }
    /// A default that was accepted, or what an imported file says: taken where nothing is given.
    void suggest(std::string_view key, Words words) { suggested_.insert_or_assign(std::string(key), std::move(words)); }

    [[nodiscard]] bool is_given(std::string_view key) const { return given_.contains(key); }
    [[nodiscard]] bool is_suggested(std::string_view key) const { return suggested_.contains(key); }
    /// The answer, else the suggestion, else nothing.
    [[nodiscard]] Words list(std::string_view key) const {
        if (const auto found = given_.find(key); found != given_.end()) return found->second;
        if (const auto found = suggested_.find(key); found != suggested_.end()) return found->second;
        return {};
    }
    /// The first of them; "" when there is none.
    [[nodiscard]] std::string text(std::string_view key) const {
        const auto words = list(key);
        return words.empty() ? std::string{} : words.front();
    }

private:
    using Table = std::map<std::string, Words, std::less<>>;
    Table given_;
    Table suggested_;
};

}  // namespace hsmreq::workflow
