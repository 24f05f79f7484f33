// The rules: one list, each row a finding. It has three segments: what farm files are judged by, with the checks; what
// files are judged by, and what a run finds in the tokens, whose checks live where those are read.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/finding.hpp"
#include "hsmreq/result.hpp"
#include "plan/draft.hpp"

namespace hsmreq::plan {

class Reporter;

struct Rule {
    std::string_view id;
    Severity severity;
    std::string_view message;  ///< every "{}" is filled in by the check
    std::string_view fix;
    std::string_view source;  ///< document and clause
    std::string_view date;    ///< the day from which it holds, "" when it always does
    /// Judges farm files; null in the other segments.
    void (*check)(const Draft&, Reporter&) = nullptr;
    /// What to do about a request or certificate that breaks it; "" when it judges farm files alone.
    std::string_view content_fix = {};
    /// When the severity is another than the row's; "" when it never is.
    std::string_view otherwise = {};
};

/// The segment for farm files, in the order in which findings are listed. An id that judges other things as well has
/// its row here.
std::span<const Rule> rules();

/// The segment for keys, requests and certificates that are there already.
std::span<const Rule> inspection_rules();

/// The segment for what a run finds in the tokens and in the output directory.
std::span<const Rule> run_rules();

/// The whole list: every id once.
std::vector<Rule> all_rules();

/// The finding of the row `id`, its message filled in with `words` in order. An id without a row is a mistake in the
/// program: the finding is then an error that says so.
Finding make_finding(std::string_view id, const std::string& where, std::initializer_list<std::string_view> words);

/// The same row as the error that ends a run or an item: the message says what, the fix is the hint.
Error make_error(std::string_view id, ExitCode code, const std::string& where,
                 std::initializer_list<std::string_view> words);

/// Another hint than the row's, where the circumstances call for one.
Error with_hint(Error error, std::string hint);

/// Where in the farm file a finding belongs, and what it is about.
struct Place {
    std::string key;   ///< key path
    std::string name;  ///< see Finding::name
};

/// What a rule's check reports to: turns words and a place into the rule's finding.
class Reporter {
public:
    Reporter(const Draft& draft, const Rule& rule, std::vector<Finding>& out) : draft_(draft), rule_(rule), out_(out) {}

    /// `words` fill in the rule's message in order. Returns the finding, for a check that knows better than the row.
    Finding& report(const Place& place, std::initializer_list<std::string_view> words);

private:
    const Draft& draft_;
    const Rule& rule_;
    std::vector<Finding>& out_;
};

/// Judges the draft by every rule; one of a request or certificate by those that hold for it too.
std::vector<Finding> judge(const Draft& draft);

/// Marks what `[[rules.accept]]` accepts on `date`, and says where an entry does not act and why. Once for each
/// finding.
void apply_waivers(const Rules& rules, Date date, std::vector<Finding>& findings);

/// "pool[0].external_web_fqdn, line 12"; the line of the nearest enclosing key when the key has none of its own.
std::string place_text(const Farm& farm, std::string_view key);

/// "Request "web"", or what else the draft is of.
std::string title(const Draft& draft, const RequestPlan& request);

/// The key path of a request's setting: its own, else the inherited one, whichever is written in the file.
std::string setting_key(const Draft& draft, const DraftRequest& request, std::string_view setting);

/// The key path of a member's setting.
std::string member_key(const Farm& farm, const Member& member, std::string_view setting);

/// A value in quotes, fit for a terminal and not longer than a line. An object and not a function, because std::quoted
/// would be looked up as well where <chrono> brings it (GCC 14).
struct Quoted {
    std::string operator()(std::string_view value) const;
};
inline constexpr Quoted quoted;

}  // namespace hsmreq::plan
