#include "cli/flags.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hsmreq::cli {
namespace {

/// The title, and the words that can be answered where the line holds them.
std::string question_help(const workflow::Question& question) {
    constexpr std::size_t line = 48;
    const auto text = fmt::format("{}: {}", question.title, fmt::join(question.choices, ", "));
    return question.choices.empty() || text.size() > line ? std::string(question.title) : text;
}

/// A question of init as a flag; owns the texts that the row refers to.
struct QuestionFlag {
    const workflow::Question* question;
    std::string name;
    std::string help;

    [[nodiscard]] Flag flag() const {
        return {.name = name,
                .value = question->value,
                .help = help,
                .commands = bit(Command::init),
                .repeatable = !question->separators.empty(),
                .question = question->key};
    }
};

const std::vector<QuestionFlag>& question_flags() {
    static const std::vector<QuestionFlag> all = [] {
        std::vector<QuestionFlag> rows;
        for (const auto& question : workflow::init_questions())
            rows.push_back({&question, fmt::format("--{}", question.key), question_help(question)});
        return rows;
    }();
    return all;
}

}  // namespace

std::span<const Flag> flags() {
    static const std::vector<Flag> all = [] {
        std::vector<Flag> rows;
        std::transform(question_flags().begin(), question_flags().end(), std::back_inserter(rows),
                       [](const QuestionFlag& one) { return one.flag(); });
        rows.insert(rows.end(), plain_flags().begin(), plain_flags().end());
        return rows;
    }();
    return all;
}

const Flag* find_flag(std::string_view name) {
    for (const auto& flag : flags())
        if (flag.name == name) return &flag;
    return nullptr;
}

const CommandFacts* find_command(std::string_view name) {
    for (const auto& command : commands)
        if (command.name == name) return &command;
    return nullptr;
}

const CommandFacts& facts(Command command) {
    for (const auto& row : commands)
        if (row.id == command) return row;
    return commands.front();
}

}  // namespace hsmreq::cli
