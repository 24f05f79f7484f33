#include "farm/reader.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace hsmreq::farm {
namespace {

/// More errors than anybody reads; a file with more is no farm file.
constexpr std::size_t errors_kept = 1000;
constexpr std::size_t errors_shown = 100;
constexpr std::size_t quote_limit = 60;

std::string without_indexes(std::string_view path) {
    std::string result;
    bool inside = false;
    for (const char c : path) {
        if (c == '[') inside = true;
        if (!inside) result += c;
        if (c == ']') inside = false;
    }
    return result;
}

Complaint wrong_kind(const Field& field, Kind expected) {
    const auto found = field.value.kind;
    Complaint complaint{"expected " + std::string(described(expected)) + ", found " + std::string(described(found)),
                        ""};
    if (expected == Kind::string && found == Kind::list)
        complaint.hint = "One value stands here, in double quotes.";
    else if (expected == Kind::string)
        complaint.hint = "Put the value in double quotes.";
    if (field.path.ends_with("pin_source"))
        complaint.hint =
            "Write where the PIN comes from: \"prompt\", \"env:NAME\", \"file:PATH\", \"fd:N\", \"credential:NAME\" or "
            "\"none\".";
    if (expected == Kind::list) complaint.hint = "Put the value in brackets, even when it is alone: [\"…\"].";
    if (expected == Kind::boolean) complaint.hint = "Write true or false, without quotes.";
    if (expected == Kind::table && found == Kind::list)
        complaint.hint = "This section stands once: write " + header(field.path) + " with single brackets.";
    else if (expected == Kind::table)
        complaint.hint = "Write it as a section: " + header(field.path) + ".";
    return complaint;
}

}  // namespace

const Place* Reader::find(const std::string& path) const {
    const auto found = places_.find(path);
    return found == places_.end() ? nullptr : &found->second;
}

Position Reader::position(std::string path) const {
    for (;;) {
        if (const auto* place = find(path)) return place->value->at;
        const auto end = path.find_last_of(".[");
        if (end == std::string::npos) return {};
        path.resize(end);
    }
}

void Reader::complain(Position at, std::string path, Complaint complaint) {
    if (!full())
        complaints_.push_back({at, std::move(path), std::move(complaint)});
    else
        ++dropped_;
}

void Reader::complain_about(const std::string& path, Complaint complaint) {
    complaint.what = printable(path) + ": " + complaint.what;
    complain(position(path), path, std::move(complaint));
}

bool Reader::full() const {
    return complaints_.size() >= errors_kept;
}

bool Reader::failed(std::string_view path) const {
    return std::ranges::any_of(complaints_, [&](const Located& located) {
        const std::string_view other = located.path;
        return other.starts_with(path) &&
               (other.size() == path.size() || other[path.size()] == '.' || other[path.size()] == '[');
    });
}

bool Reader::complained_at(Position at) const {
    return std::ranges::find(complaints_, at, &Located::at) != complaints_.end();
}

Error Reader::error() {
    std::ranges::stable_sort(complaints_, {}, &Located::at);
    const auto shown = std::min(complaints_.size(), errors_shown);
    auto first = source_.error(complaints_.front().at, complaints_.front().complaint);
    for (std::size_t i = 1; i < shown; ++i)
        first.also.push_back(source_.error(complaints_[i].at, complaints_[i].complaint));
    if (const auto left = complaints_.size() - shown + dropped_; left > 0)
        first.also.push_back({.code = ExitCode::input,
                              .what = std::to_string(left) + " further errors",
                              .where = source_.file(),
                              .hint = "Mend the first ones and run again."});
    return first;
}

Field Field::entry(const Entry& entry) const {
    const auto part = path_part(entry.key);
    Field field{reader, path.empty() ? part : path + '.' + part, entry.at, entry.value};
    reader.record(field.path, {entry.at, &entry.value});
    return field;
}

Field Field::item(std::size_t index) const {
    const Value& item = value.items[index];
    Field field{reader, path + '[' + std::to_string(index) + ']', item.at, item};
    reader.record(field.path, {item.at, &item});
    return field;
}

bool Field::expect(Kind kind) const {
    if (value.kind == kind) return true;
    complain(wrong_kind(*this, kind));
    return false;
}

std::string path_part(std::string_view key) {
    const bool bare = !key.empty() && std::ranges::all_of(key, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-';
    });
    return bare ? std::string(key) : '"' + std::string(key) + '"';
}

std::string header(std::string_view path) {
    const auto name = without_indexes(path);
    return path.ends_with(']') ? "[[" + name + "]]" : '[' + name + ']';
}

std::string section_of(std::string_view path) {
    const auto end = path.rfind('.');
    return end == std::string_view::npos ? "" : header(path.substr(0, end));
}

std::string backquoted(std::string_view text) {
    std::string result = "`";
    std::size_t count = 0;
    for (const auto point : code_points(text.substr(0, 4 * quote_limit))) {
        if (++count > quote_limit) break;
        result += printable(point);
    }
    return result + (count > quote_limit || text.size() > 4 * quote_limit ? "…`" : "`");
}

}  // namespace hsmreq::farm
