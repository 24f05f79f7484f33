#include "cli/interview.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"

namespace hsmreq::cli {
namespace {

using workflow::Question;
using workflow::Words;

constexpr std::string_view introduction =
    "This writes a farm file, asking what the Windows certificate wizard asks, in its order.\n"
    "Enter takes the answer in brackets, - stands for none, and lists are separated by commas.\n"
    "Ctrl-C leaves no file behind.\n";

/// The procedure's own warning, said where the choice is made.
constexpr std::string_view security_note =
    "  Security note: an exportable key can be copied, and whoever obtains a copy can pose as every machine that\n"
    "  uses the certificate. Take extra care of the machine that holds it and of every PFX file. With a key in\n"
    "  each machine's own token (non-exportable, the default) nothing has to be copied.\n";

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string indented(std::string_view text) {
    std::string lines = "  ";
    for (const char c : text) lines += c == '\n' ? std::string("\n  ") : std::string(1, c);
    return lines;
}

std::string choices_text(const Question& question) {
    std::vector<std::string> words(question.choices.begin(), question.choices.end());
    return join(words, ", ");
}

std::string suggestion_text(const Question& question, const Words& suggested) {
    return printable(join(suggested, question.separators.find(',') == std::string_view::npos ? " " : ", "));
}

bool asks_for_exportable_key(const Question& question, const Words& answer) {
    return question.key == "private-key" && !answer.empty() && answer.front() == "exportable";
}

}  // namespace

Interview::Interview(Mode mode, const OutputFlags& flags) : mode_(mode), style_(flags.color, STDERR_FILENO) {}

void Interview::show(const Question& question) {
    std::string text;
    if (question.group != group_) text += fmt::format("\n{}\n", style_.heading(question.group));
    group_ = question.group;
    text += fmt::format("\n{}\n", question.title);
    if (!question.explanation.empty()) text += indented(question.explanation) + '\n';
    if (!question.choices.empty()) text += fmt::format("  One of: {}\n", choices_text(question));
    write_stderr(text);
}

void Interview::show_prompt(const Question& question, const Words& suggested) {
    const auto shown = suggestion_text(question, suggested);
    if (shown.empty())
        write_stderr(question.required ? "  : " : "  [none]: ");
    else
        write_stderr(fmt::format("  [{}]: ", shown));
}

void Interview::show_refusal(const Error& error) const {
    write_stderr(fmt::format("  {} {}\n", style_.severity(Severity::error, "That won't do:"), printable(error.what)));
    if (!error.hint.empty()) write_stderr(fmt::format("  {}\n", printable(error.hint)));
}

Error Interview::refused(Error error) const {
    if (mode_ == Mode::pipe) error.where = fmt::format("standard input, line {}, for {}", lines_.number(), error.where);
    return error;
}

Status Interview::ask(const Question& question, workflow::Import& session) {
    auto& answers = session.answers;
    const auto suggested = workflow::suggestion(question, answers);
    if (mode_ == Mode::terminal) show(question);
    for (;;) {
        if (mode_ == Mode::terminal) show_prompt(question, suggested);
        TRY_ASSIGN(const auto line, lines_.next());
        if (!line && mode_ == Mode::terminal)
            return Error{.code = ExitCode::usage,
                         .what = fmt::format("the answers end before \"{}\"; no file was written", question.title),
                         .hint = "run it again and answer to the end, or give the answers as flags"};
        ended_ = !line;
        const bool silent = !line || trimmed(*line).empty();
        if (silent && (!suggested.empty() || !question.required || ended_)) {
            answers.suggest(question.key, suggested);
            return {};
        }
        auto answer = workflow::interpret(question, {*line});
        if (answer) {
            if (mode_ == Mode::terminal && asks_for_exportable_key(question, *answer))
                write_stderr(std::string(security_note));
            if (*answer == suggested)
                answers.suggest(question.key, std::move(*answer));
            else
                answers.give(question.key, std::move(*answer));
            return {};
        }
        if (mode_ != Mode::terminal) return refused(std::move(answer).error());
        show_refusal(answer.error());
    }
}

Status Interview::ask_all(workflow::Import& session) {
    if (mode_ == Mode::terminal) write_stderr(introduction);
    for (const auto& question : workflow::init_questions()) {
        TRY(workflow::refuse_needless(question, session.answers));
        if (session.answers.is_given(question.key) || !workflow::applies(question, session.answers)) continue;
        if (mode_ == Mode::none || ended_ || !question.asked)
            session.answers.suggest(question.key, workflow::suggestion(question, session.answers));
        else
            TRY(ask(question, session));
    }
    return {};
}

Result<bool> Interview::ask_again(const Error& error, workflow::Import& session) {
    const auto* question =
        error.where.starts_with("--") ? workflow::find_question(std::string_view(error.where).substr(2)) : nullptr;
    if (mode_ != Mode::terminal || question == nullptr || !workflow::applies(*question, session.answers)) return false;
    write_stderr("\n");
    show_refusal(error);
    session.answers.suggest(question->key, session.answers.list(question->key));
    TRY(ask(*question, session));
    return true;
}

}  // namespace hsmreq::cli
