// From what somebody wrote to an answer.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "base/try.hpp"
#include "workflow/init_questions.hpp"

namespace hsmreq::workflow {
namespace {

struct Synonym {
    std::string_view key;
    std::string_view word;
    std::string_view answer;
};

/// What the wizard shows, and what people write for it.
constexpr std::array<Synonym, 22> synonyms{{
    {"private-key", "no", "non-exportable"},
    {"private-key", "n", "non-exportable"},
    {"private-key", "false", "non-exportable"},
    {"private-key", "yes", "exportable"},
    {"private-key", "y", "exportable"},
    {"private-key", "true", "exportable"},
    {"algorithm", "2048", "rsa-2048"},
    {"algorithm", "3072", "rsa-3072"},
    {"algorithm", "4096", "rsa-4096"},
    {"algorithm", "p-256", "ec-p256"},
    {"algorithm", "p-384", "ec-p384"},
    {"algorithm", "p-521", "ec-p521"},
    {"file-format", "base 64", "base64"},
    {"file-format", "pem", "base64"},
    {"file-format", "der", "binary"},
    {"key-usage", "nonrepudiation", "nonRepudiation"},
    {"autodiscover", "yes", "https"},
    {"autodiscover", "none", "no"},
    {"sharing", "per member", "per-member"},
    {"product", "lync", "lync-server-2013"},
    {"product", "lync 2013", "lync-server-2013"},
    {"ca", "letsencrypt", "lets-encrypt"},
}};

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

Error refused(const Question& question, Complaint complaint) {
    return {.code = ExitCode::usage,
            .what = std::move(complaint.what),
            .where = "--" + std::string(question.key),
            .hint = std::move(complaint.hint)};
}

std::string choices_text(const Question& question) {
    std::string text;
    for (const auto choice : question.choices) text += (text.empty() ? "" : ", ") + std::string(choice);
    return text;
}

/// The choice that is meant: itself in whatever case, a synonym, or the only one that begins so.
std::string chosen(const Question& question, std::string_view written) {
    const auto word = to_lower(written);
    for (const auto& row : synonyms)
        if (row.key == question.key && row.word == word) return std::string(row.answer);
    std::string_view found;
    for (const auto choice : question.choices) {
        const auto lower = to_lower(choice);
        if (lower == word) return std::string(choice);
        if (!lower.starts_with(word)) continue;
        if (!found.empty()) return {};
        found = choice;
    }
    return std::string(found);
}

Result<std::string> one_answer(const Question& question, std::string_view written) {
    if (question.choices.empty()) {
        if (question.check != nullptr)
            if (auto complaint = question.check(written)) return refused(question, std::move(*complaint));
        return std::string(written);
    }
    auto answer = chosen(question, written);
    if (!answer.empty()) return answer;
    const auto meant = written.size() > 40 ? std::string{} : nearest(written, question.choices);
    return refused(question, {fmt::format("\"{}\" is none of the choices", printable(written)),
                              (meant.empty() ? "" : fmt::format("Did you mean {}? ", meant)) + "Choose one of " +
                                  choices_text(question) + "."});
}

Words split(std::string_view text, std::string_view separators) {
    Words parts;
    while (!text.empty()) {
        const auto end = text.find_first_of(separators);
        if (const auto part = trimmed(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
        if (end == text.npos) break;
        text.remove_prefix(end + 1);
    }
    return parts;
}

}  // namespace

const Question* find_question(std::string_view key) {
    const auto all = init_questions();
    const auto found = std::ranges::find(all, key, &Question::key);
    return found == all.end() ? nullptr : &*found;
}

bool applies(const Question& question, const Answers& answers) {
    return question.applies == nullptr || question.applies(answers);
}

Status refuse_needless(const Question& question, const Answers& answers) {
    if (question.harmless || applies(question, answers) || !answers.is_given(question.key)) return {};
    return refused(question, {fmt::format("a farm for {} has no place for this", answers.text("product")),
                              "Leave it out, or choose another product."});
}

Words suggestion(const Question& question, const Answers& answers) {
    if (answers.is_suggested(question.key)) return answers.list(question.key);
    return question.usual == nullptr ? Words{} : question.usual(answers);
}

Result<Words> interpret(const Question& question, const Words& written) {
    Words answers;
    std::set<std::string> seen;
    for (const auto& line : written) {
        const auto text = trimmed(line);
        const bool is_list = !question.separators.empty();
        const auto parts = is_list ? split(text, question.separators) : Words{std::string(text)};
        for (const auto& part : parts) {
            if (part.empty() || part == "-") continue;
            TRY_ASSIGN(auto answer, one_answer(question, part));
            if (seen.insert(answer).second) answers.push_back(std::move(answer));
        }
    }
    if (answers.empty() && question.required) return refused(question, {"an answer is needed here", {}});
    return answers;
}

}  // namespace hsmreq::workflow
