#include "farm/parse.hpp"

#include "base/text.hpp"
#include "base/try.hpp"
#include "farm/checks.hpp"
#include "farm/document.hpp"
#include "farm/reader.hpp"
#include "farm/sections.hpp"
#include "farm/settle.hpp"
#include "farm/source.hpp"

namespace hsmreq::farm {
namespace {

/// Refuses what is no text: the place is that of the first byte at fault.
Status check_text(const Source& source) {
    for (unsigned number = 1; number <= source.line_count(); ++number) {
        const auto line = source.line(number);
        const bool has_nul = line.find('\0') != line.npos;
        if (!has_nul && is_utf8(line)) continue;
        Position at{number, 1};
        for (const auto point : code_points(line)) {
            if (point == std::string_view("\0", 1))
                return source.error(at, {"a NUL byte", "Is it a text file, saved as UTF-8 and not UTF-16?"});
            if (!is_utf8(point)) return source.error(at, {"a byte that is not UTF-8", "Save the file as UTF-8."});
            ++at.column;
        }
    }
    return {};
}

}  // namespace

Result<Farm> parse(std::string_view text, const std::string& file, const Validators& validators) {
    const Source source(text, file);
    TRY(check_text(source));
    TRY_ASSIGN(const Value document, read_document(source));
    Reader reader(source, validators);
    Draft draft;
    read_sections(reader, document, draft);
    settle(reader, draft);
    check_usable(reader, draft.farm);
    check_complete(reader, draft.farm);
    check_references(reader, draft.farm);
    check_members(reader, draft);
    check_keys(reader, draft.farm);
    if (reader.failed()) return reader.error();
    return std::move(draft.farm);
}

}  // namespace hsmreq::farm
