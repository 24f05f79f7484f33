#include "farm/document.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <exception>
#include <sstream>

#include "base/text.hpp"
#include "farm/nesting.hpp"

namespace hsmreq::farm {
namespace {

/// What people mean when the library says so.
struct SyntaxHint {
    std::string_view description;  ///< part of the library's words
    std::string_view hint;
};

constexpr SyntaxHint syntax_hints[] = {
    {"cannot redefine",
     "A key or section stands once; pools, members and requests are written [[pool]], [[member]], [[request]]."},
    {"could not determine value type", "Text stands in double quotes."},
    {"expected value", "A line is: key = value. Text stands in double quotes."},
    {"expected digit", "Text stands in double quotes."},
    {"expected '='", "A line is: key = value."},
    {"expected key", "A line is: key = value, or a section's header such as [key]."},
    {"expected a comment or whitespace",
     "One value stands after the equals sign; several stand in brackets: [\"a\", \"b\"]."},
    {"control characters", "Close the quotes on the same line."},
    {"unknown escape sequence", "A backslash begins an escape in double quotes; single quotes take the text as it is."},
    {"expected day", "The calendar has no such day; a date is YYYY-MM-DD."},
    {"expected month", "The calendar has no such month; a date is YYYY-MM-DD."},
    {"encountered end-of-file", "Something opened before is not closed: a bracket or a quote."},
    {"expected ']'", "Close the section's header with the brackets that opened it."},
};

Position position(const toml::source_position& at) {
    return {std::max(1U, static_cast<unsigned>(at.line)), std::max(1U, static_cast<unsigned>(at.column))};
}

Kind kind(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table:
            return Kind::table;
        case toml::node_type::array:
            return Kind::list;
        case toml::node_type::string:
            return Kind::string;
        case toml::node_type::integer:
            return Kind::integer;
        case toml::node_type::boolean:
            return Kind::boolean;
        case toml::node_type::date:
            return Kind::date;
        case toml::node_type::time:
        case toml::node_type::date_time:
            return Kind::time;
        default:
            return Kind::number;
    }
}

Value convert(const toml::node& node) {
    Value value;
    value.kind = kind(node);
    value.at = position(node.source().begin);
    if (const auto* text = node.as_string()) value.text = text->get();
    if (const auto* boolean = node.as_boolean()) value.truth = boolean->get();
    if (const auto* date = node.as_date()) {
        std::ostringstream text;
        text << date->get();
        value.text = text.str();
    }
    if (const auto* array = node.as_array())
        for (const auto& item : *array) value.items.push_back(convert(item));
    if (const auto* table = node.as_table()) {
        for (const auto& [key, item] : *table)
            value.entries.push_back({std::string(key.str()), position(key.source().begin), convert(item)});
        std::ranges::stable_sort(value.entries, {}, &Entry::at);
    }
    return value;
}

Complaint syntax_complaint(const Source& source, Position at, std::string_view description) {
    constexpr std::string_view prefix = "Error while parsing ";
    if (description.starts_with(prefix)) description.remove_prefix(prefix.size());
    const auto line = source.line(at.line);
    // The library quotes parts of the line.
    Complaint complaint{"not valid TOML", "Text stands in double quotes, closed on the same line."};
    if (!source.has_secret(at.line)) complaint.what += ": " + printable(description);
    const auto row = std::ranges::find_if(
        syntax_hints, [&](const SyntaxHint& hint) { return description.find(hint.description) != description.npos; });
    if (row != std::end(syntax_hints)) complaint.hint = row->hint;
    for (const std::string_view curly : {"\u201c", "\u201d", "\u201e", "\u2018", "\u2019"})
        if (line.find(curly) != line.npos) complaint.hint = "Use straight quotes (\") instead of typographic ones.";
    return complaint;
}

}  // namespace

std::string_view described(Kind kind) {
    switch (kind) {
        case Kind::string:
            return "a string";
        case Kind::integer:
            return "a whole number";
        case Kind::number:
            return "a number";
        case Kind::boolean:
            return "true or false";
        case Kind::date:
            return "a date";
        case Kind::time:
            return "a time";
        case Kind::list:
            return "a list";
        case Kind::table:
            return "a table";
    }
    return "a value";
}

Result<Value> read_document(const Source& source) {
    if (const auto at = find_deep_nesting(source))
        return source.error(*at, {"nested too deeply", "No key of a farm file is that deep; see docs/farm-file.md."});
    try {
        const toml::table table = toml::parse(source.text());
        return convert(table);
    } catch (const toml::parse_error& error) {
        const auto at = position(error.source().begin);
        return source.error(at, syntax_complaint(source, at, error.description()));
    } catch (const std::exception&) {
        return source.error({}, {"the TOML library could not read the file", "Check that it is a text file."});
    }
}

}  // namespace hsmreq::farm
