#include "plan/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace hsmreq::plan {
namespace {

constexpr std::size_t longest_shown = 100;

/// The path of what encloses a key: an entry's list, a key's table; "" at the top. Dots inside quotes do not separate.
std::string_view enclosing(std::string_view key) {
    bool quoted_part = false;
    for (auto i = key.size(); i-- > 0;) {
        if (key[i] == '"') quoted_part = !quoted_part;
        if (!quoted_part && (key[i] == '.' || key[i] == '[')) return key.substr(0, i);
    }
    return {};
}

std::optional<unsigned> line_of(const Farm& farm, const std::string& key) {
    const auto found = farm.lines.find(key);
    return found == farm.lines.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::string place_text(const Farm& farm, std::string_view key) {
    for (std::string_view part = key; !part.empty(); part = enclosing(part)) {
        auto line = line_of(farm, std::string(part));
        if (!line && part == "simple_urls.meet") line = line_of(farm, "simple_urls.meet_pattern");
        if (line) return fmt::format("{}, line {}", printable(key), *line);
    }
    return printable(key);
}

std::string setting_key(const Draft& draft, const DraftRequest& request, std::string_view setting) {
    if (request.section.empty()) return std::string(setting);
    auto own = fmt::format("{}.{}", request.section, setting);
    const bool inherited = !line_of(draft.farm, own) && line_of(draft.farm, std::string(setting));
    return inherited ? std::string(setting) : own;
}

std::string member_key(const Farm& farm, const Member& member, std::string_view setting) {
    return fmt::format("member[{}].{}", &member - farm.members.data(), setting);
}

std::string Quoted::operator()(std::string_view value) const {
    if (value.size() <= longest_shown) return '"' + printable(value) + '"';
    auto end = longest_shown;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xc0U) == 0x80U) --end;
    return '"' + printable(value.substr(0, end)) + "...\"";
}

std::string title(const Draft& draft, const RequestPlan& request) {
    return fmt::format("{} {}", draft.issued ? "Certificate" : "Request", quoted(request.name));
}

std::vector<Rule> all_rules() {
    std::vector<Rule> all;
    for (const auto segment : {rules(), inspection_rules(), run_rules()})
        all.insert(all.end(), segment.begin(), segment.end());
    return all;
}

Finding make_finding(std::string_view id, const std::string& where, std::initializer_list<std::string_view> words) {
    Finding finding;
    finding.id = id;
    finding.where = where;
    for (const auto segment : {rules(), inspection_rules(), run_rules()}) {
        const auto row = std::ranges::find(segment, id, &Rule::id);
        if (row == segment.end()) continue;
        finding.severity = row->severity;
        finding.message = fill_in(row->message, words);
        finding.fix = row->content_fix.empty() ? row->fix : row->content_fix;
        finding.source = row->source;
        return finding;
    }
    finding.message = "The rule's text is missing";
    finding.fix = "Report this as a defect of hsmreq.";
    finding.source = "hsmreq";
    return finding;
}

Error make_error(std::string_view id, ExitCode code, const std::string& where,
                 std::initializer_list<std::string_view> words) {
    auto finding = make_finding(id, where, words);
    return {.code = code,
            .what = std::move(finding.message),
            .where = where,
            .hint = std::move(finding.fix),
            .finding = std::move(finding.id)};
}

Error with_hint(Error error, std::string hint) {
    error.hint = std::move(hint);
    return error;
}

Finding& Reporter::report(const Place& place, std::initializer_list<std::string_view> words) {
    Finding finding;
    finding.id = rule_.id;
    finding.severity = rule_.severity;
    finding.message = fill_in(rule_.message, words);
    finding.where = draft_.content_file.empty() ? place_text(draft_.farm, place.key) : draft_.content_file;
    finding.fix = draft_.content_file.empty() ? rule_.fix : rule_.content_fix;
    finding.source = rule_.source;
    finding.name = place.name;
    return out_.emplace_back(std::move(finding));
}

std::vector<Finding> judge(const Draft& draft) {
    std::vector<Finding> findings;
    for (const auto& rule : rules()) {
        if (!draft.content_file.empty() && rule.content_fix.empty()) continue;
        Reporter reporter(draft, rule, findings);
        rule.check(draft, reporter);
    }
    return findings;
}

}  // namespace hsmreq::plan
