#include "support.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "base/text.hpp"

namespace hsmreq::farm {
namespace {

Status check_uri(std::string_view text) {
    if (!text.starts_with("pkcs11:"))
        return Error{.code = ExitCode::input,
                     .what = "not a PKCS#11 URI: " + std::string(text),
                     .where = "",
                     .hint = "It begins with pkcs11:."};
    if (to_lower(text).find("pin-value") != std::string::npos ||
        to_lower(text).find("pin%2dvalue") != std::string::npos)
        return Error{.code = ExitCode::input, .what = "pin-value is refused", .where = "", .hint = "Use pin_source."};
    return {};
}

Status check_pin_source(std::string_view text) {
    static const std::regex known("prompt|none|env:[A-Za-z_][A-Za-z0-9_]*|file:.+|fd:[0-9]+|credential:.+");
    if (std::regex_match(text.begin(), text.end(), known)) return {};
    return Error{.code = ExitCode::input,
                 .what = "unknown PIN source `" + std::string(text) + '`',
                 .where = "",
                 .hint = "Known: prompt, env:NAME, file:PATH, fd:N, credential:NAME, none."};
}

void append(std::string& text, const Error& error) {
    text += "error: " + error.what + " (" + error.where + ")\n";
    if (!error.excerpt.empty()) text += error.excerpt + '\n';
    if (!error.hint.empty()) text += "hint: " + error.hint + '\n';
}

}  // namespace

const Validators& test_validators() {
    static const Validators validators{check_uri, check_uri, check_uri, check_pin_source};
    return validators;
}

std::string outcome(const Result<Farm>& result) {
    if (result) return "accepted\n";
    std::string text;
    append(text, result.error());
    for (const auto& error : result.error().also) {
        EXPECT_EQ(error.code, ExitCode::input);
        append(text, error);
    }
    EXPECT_EQ(result.error().code, ExitCode::input);
    return text;
}

Result<Farm> parse_text(std::string_view text) {
    return parse(text, "farm.toml", test_validators());
}

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.is_open()) << path;
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

}  // namespace hsmreq::farm
