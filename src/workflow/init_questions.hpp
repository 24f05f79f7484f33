// The questions of `hsmreq init`, in the order in which the Windows wizard asks them: one row each, read by the
// conversation, the flags and their help.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "hsmreq/result.hpp"
#include "workflow/init_answers.hpp"

namespace hsmreq::workflow {

/// What is wrong with an answer, and what would do.
struct Complaint {
    std::string what;
    std::string hint;
};

struct Question {
    std::string_view group{};        ///< the wizard's tab, a heading above its questions
    std::string_view key{};          ///< the flag's name without its dashes
    std::string_view value{};        ///< what the value is called in the help
    std::string_view title{};        ///< the question, short
    std::string_view explanation{};  ///< one or two sentences for somebody who has not read the documents
    std::string_view separators{};   ///< of a list; "" for a single answer
    bool asked = true;               ///< false: by flag or imported file only
    bool required = false;
    bool harmless = false;                        ///< a flag may answer it even when it is not asked
    bool (*applies)(const Answers&) = nullptr;    ///< null for always
    Words (*usual)(const Answers&) = nullptr;     ///< the default that follows from the answers before; null for none
    std::span<const std::string_view> choices{};  ///< the words that can be answered; a unique beginning will do
    std::optional<Complaint> (*check)(std::string_view) = nullptr;
};

std::span<const Question> init_questions();
/// Null for a key that no question has.
const Question* find_question(std::string_view key);

bool applies(const Question& question, const Answers& answers);
/// ExitCode::usage for an answer that was given although the other answers leave no place for it.
Status refuse_needless(const Question& question, const Answers& answers);
/// What is taken when nothing is answered: the imported file's word, else the usual one.
Words suggestion(const Question& question, const Answers& answers);

/// Answers as somebody wrote them: lists are split, beginnings of choices completed, "-" stands for none.
/// Errors: ExitCode::usage.
Result<Words> interpret(const Question& question, const Words& written);

}  // namespace hsmreq::workflow
