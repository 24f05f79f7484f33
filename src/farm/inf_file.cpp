#include "farm/inf_file.hpp"

#include <array>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "farm/source.hpp"

namespace hsmreq::farm {
namespace {

constexpr unsigned nesting_limit = 8;
constexpr unsigned most_joined_lines = 100;
constexpr std::size_t longest_line = std::size_t{64} << 10;
constexpr std::size_t expansion_limit = std::size_t{4} << 20;

/// Names of wincrypt.h that people use as tokens without defining them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> well_known_tokens{{
    {"szoid_subject_alternative_name2", "2.5.29.17"},
    {"szoid_subject_alternative_name", "2.5.29.17"},
    {"szoid_key_usage", "2.5.29.15"},
    {"szoid_enhanced_key_usage", "2.5.29.37"},
    {"szoid_pkix_kp", "1.3.6.1.5.5.7.3"},
    {"szoid_pkix_kp_server_auth", "1.3.6.1.5.5.7.3.1"},
    {"szoid_pkix_kp_client_auth", "1.3.6.1.5.5.7.3.2"},
    {"szoid_enroll_certtype_extension", "1.3.6.1.4.1.311.20.2"},
}};

constexpr std::string_view blank = " \t\r\v\f";

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(blank);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

Error bad_line(const std::string& file, unsigned line, Complaint complaint) {
    return {.code = ExitCode::input,
            .what = std::move(complaint.what),
            .where = file + ':' + std::to_string(line),
            .hint = std::move(complaint.hint)};
}

/// Web pages turn quotes into these.
std::size_t quote_length(std::string_view text) {
    if (text.starts_with('"')) return 1;
    for (const std::string_view quote : {"“", "”", "„"})
        if (text.starts_with(quote)) return quote.size();
    return 0;
}

/// One line's text without comment and quotes. Blanks outside of quotes go at both ends, those inside stay.
class Unquoter {
public:
    /// Where the comment begins and the first '=' outside of quotes is. False when a quote stays open.
    bool scan(std::string_view line) {
        bool quoted = false;
        for (std::size_t i = 0; i < line.size(); ++i) {
            if (const auto length = quote_length(line.substr(i)); length != 0) {
                quoted = !quoted;
                i += length - 1;
            } else if (!quoted && line[i] == ';') {
                end = i;
                return true;
            } else if (!quoted && line[i] == '=' && equals == line.npos) {
                equals = i;
            }
        }
        end = line.size();
        return !quoted;
    }

    /// A doubled quote inside quotes is one quote, a tab a blank.
    static std::string unquoted(std::string_view text) {
        std::string plain;
        bool quoted = false;
        text = trimmed(text);
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto length = quote_length(text.substr(i));
            if (length == 0) {
                plain += text[i] == '\t' ? ' ' : text[i];
                continue;
            }
            i += length - 1;
            if (quoted && quote_length(text.substr(i + 1)) != 0) {
                i += quote_length(text.substr(i + 1));
                plain += '"';
                continue;
            }
            quoted = !quoted;
        }
        return plain;
    }

    std::size_t end = 0;
    std::size_t equals = std::string_view::npos;
};

using Strings = std::map<std::string, std::string, std::less<>>;

class Expander {
public:
    Expander(const Strings& strings, const std::string& file) : strings_(strings), file_(file) {}

    Result<std::string> expand(std::string_view text, unsigned line, unsigned depth = 0) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto end = text[i] == '%' ? text.find('%', i + 1) : text.npos;
            if (end == text.npos) {
                // Nothing closes after this: the rest stands as it is.
                const auto next = text[i] == '%' ? text.npos : text.find('%', i);
                out += text.substr(i, next == text.npos ? next : next - i);
                if (next == text.npos) break;
                i = next - 1;
                continue;
            }
            TRY_ASSIGN(const bool replaced, replace(text.substr(i + 1, end - i - 1), {line, depth}, out));
            if (replaced)
                i = end;
            else
                out += '%';
        }
        spent_ += out.size();
        if (spent_ > expansion_limit)
            return bad_line(file_, line,
                            {"the tokens of [Strings] expand to more than 4 MiB", "Write the values out."});
        return out;
    }

private:
    struct Where {
        unsigned line;
        unsigned depth;
    };

    /// Appends what the token stands for; false when it stands for nothing.
    Result<bool> replace(std::string_view token, Where where, std::string& out) {
        constexpr std::size_t longest_name = 256;
        if (token.empty()) {
            out += '%';
            return true;
        }
        if (token.size() > longest_name) return false;
        const auto name = to_lower(trimmed(token));
        if (const auto found = strings_.find(name); found != strings_.end()) {
            if (where.depth >= nesting_limit)
                return bad_line(file_, where.line,
                                {"the tokens of [Strings] name each other without end", "Write the values out."});
            TRY_ASSIGN(const auto value, expand(found->second, where.line, where.depth + 1));
            out += value;
            return true;
        }
        for (const auto& [known, value] : well_known_tokens)
            if (known == name) {
                out += value;
                return true;
            }
        return false;
    }

    const Strings& strings_;
    const std::string& file_;
    std::size_t spent_ = 0;
};

class Parser {
public:
    explicit Parser(const std::string& file) : file_(file) {}

    Status line(std::string_view text, unsigned number) {
        if (joined_.empty()) first_line_ = number;
        if (number - first_line_ > most_joined_lines)
            return bad_line(file_, first_line_, {"a value over more than 100 lines", "Use _continue_ lines."});
        Unquoter scan;
        joined_ += text;
        // A line that ends in a backslash outside of quotes goes on in the next one.
        const bool closed = scan.scan(joined_);
        const auto content = trimmed(std::string_view(joined_).substr(0, closed ? scan.end : joined_.size()));
        if (joined_.size() > longest_line)
            return bad_line(file_, first_line_, {"a line of more than 64 KiB", "Is it a certreq policy file?"});
        if (closed && content.ends_with('\\')) {
            joined_ = std::string(content.substr(0, content.size() - 1)) + ' ';
            return {};
        }
        const auto length = content.size();
        if (!closed) return bad_line(file_, first_line_, {"a quote that is not closed", "End the value with a quote."});
        const auto whole = std::exchange(joined_, {});
        const auto indent = whole.find_first_not_of(blank);
        if (length == 0) return {};
        return entry(std::string_view(whole).substr(indent, length),
                     scan.equals == whole.npos ? whole.npos : scan.equals - indent);
    }

    Status finish() { return joined_.empty() ? Status{} : line("", first_line_); }

    Result<std::vector<InfEntry>> expanded() {
        Strings strings;
        for (const auto& entry : entries_)
            if (entry.section == "strings") strings[entry.name] = entry.value();
        std::erase_if(entries_, [](const InfEntry& entry) { return entry.section == "strings"; });
        Expander expander(strings, file_);
        for (auto& entry : entries_) {
            TRY_ASSIGN(entry.key, expander.expand(entry.key, entry.line));
            entry.name = to_lower(entry.key);
            for (auto& value : entry.values) {
                TRY_ASSIGN(value, expander.expand(value, entry.line));
            }
        }
        return std::move(entries_);
    }

private:
    Status entry(std::string_view text, std::size_t equals) {
        if (text.starts_with('[')) {
            const auto end = text.find(']');
            if (end == text.npos) return bad_line(file_, first_line_, {"a section without ]", "Write [NewRequest]."});
            title_ = trimmed(text.substr(1, end - 1));
            section_ = to_lower(title_);
            continues_ = false;
            return {};
        }
        if (section_.empty())
            return bad_line(file_, first_line_,
                            {"a line outside of any section",
                             "A certreq policy file begins with [Version] or [NewRequest]; is it one?"});
        return equals == text.npos || equals >= text.size() ? lone_word(text) : assignment(text, equals);
    }

    Status lone_word(std::string_view text) {
        add(Unquoter::unquoted(text), {});
        return {};
    }

    Status assignment(std::string_view text, std::size_t equals) {
        auto key = Unquoter::unquoted(text.substr(0, equals));
        auto value = Unquoter::unquoted(text.substr(equals + 1));
        if (to_lower(key) != "_continue_") {
            add(std::move(key), std::move(value));
            return {};
        }
        if (!continues_)
            return bad_line(file_, first_line_,
                            {"_continue_ with no line above it to continue",
                             "It stands right below the line it continues, such as 2.5.29.17 = \"{text}\"."});
        entries_.back().values.push_back(std::move(value));
        return {};
    }

    void add(std::string key, std::string value) {
        std::string name = to_lower(key);
        entries_.push_back({section_, title_, std::move(key), std::move(name), {std::move(value)}, first_line_});
        continues_ = true;
    }

    const std::string& file_;
    std::vector<InfEntry> entries_;
    std::string section_;
    std::string title_;
    std::string joined_;
    unsigned first_line_ = 1;
    bool continues_ = false;  // whether a `_continue_` may come now
};

}  // namespace

std::string InfEntry::value() const {
    std::string text;
    for (const auto& part : values) text += part;
    return text;
}

Result<std::vector<InfEntry>> parse_inf(std::string_view text, const std::string& file) {
    Parser parser(file);
    unsigned number = 0;
    while (!text.empty()) {
        const auto end = text.find_first_of("\r\n");
        TRY(parser.line(text.substr(0, end), ++number));
        if (end == text.npos) break;
        text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    TRY(parser.finish());
    return parser.expanded();
}

}  // namespace hsmreq::farm
