// The state of one reading: what was found where, and what is wrong.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "farm/document.hpp"
#include "farm/parse.hpp"
#include "farm/source.hpp"

namespace hsmreq::farm {

/// A known key that the file holds.
struct Place {
    Position key;
    const Value* value = nullptr;  ///< into the document
};

/// Collects places and complaints. Keeps references to what it is given.
class Reader {
public:
    Reader(const Source& source, const Validators& validators) : source_(source), validators_(validators) {}

    [[nodiscard]] const Validators& validators() const { return validators_; }
    [[nodiscard]] const std::string& file() const { return source_.file(); }

    void record(const std::string& path, Place place) { places_[path] = place; }
    /// The place of a key path; null when the file does not have it.
    [[nodiscard]] const Place* find(const std::string& path) const;
    [[nodiscard]] bool has(const std::string& path) const { return find(path) != nullptr; }
    /// Where the value of the path is; of the nearest table or list around it when it was not written.
    [[nodiscard]] Position position(std::string path) const;
    [[nodiscard]] const std::map<std::string, Place>& places() const { return places_; }

    /// `path` is the key at fault, "" for the whole file.
    void complain(Position at, std::string path, Complaint complaint);
    /// Complains at a known key's value, or where `position` finds its place, and names the key.
    void complain_about(const std::string& path, Complaint complaint);
    /// True when further complaints are only counted, so that hints need not be thought of any more.
    [[nodiscard]] bool full() const;
    /// True when something at or below the path was complained about.
    [[nodiscard]] bool failed(std::string_view path) const;
    [[nodiscard]] bool complained_at(Position at) const;
    /// A mistyped key stands for the known one of this path, which is then not missing as well.
    void note_meant(std::string path) { meant_.insert(std::move(path)); }
    [[nodiscard]] bool meant(const std::string& path) const { return meant_.contains(path); }
    [[nodiscard]] bool failed() const { return !complaints_.empty(); }
    /// The complaints as one error, in the file's order. At least one must have been made.
    [[nodiscard]] Error error();

private:
    struct Located {
        Position at;
        std::string path;
        Complaint complaint;
    };

    const Source& source_;
    const Validators& validators_;
    std::map<std::string, Place> places_;
    std::vector<Located> complaints_;
    std::set<std::string> meant_;
    std::size_t dropped_ = 0;
};

/// A value being read, with the way back to where it is.
struct Field {
    Reader& reader;
    std::string path;
    Position key;
    const Value& value;

    /// The field of a table's entry or a list's item; recorded as found.
    [[nodiscard]] Field entry(const Entry& entry) const;
    [[nodiscard]] Field item(std::size_t index) const;
    void complain(Complaint complaint) const { reader.complain_about(path, std::move(complaint)); }
    /// True when the value is of the kind; otherwise complains.
    [[nodiscard]] bool expect(Kind kind) const;
};

/// A key as it stands in a path: quoted where TOML wants it quoted.
std::string path_part(std::string_view key);

/// "pool[0].backend" to "[[pool]]", "key.hash" to "[key]": the section that a path lies in; "" for the top.
std::string section_of(std::string_view path);
/// A section's own header: "pool[0]" to "[[pool]]", "request[0].key" to "[request.key]".
std::string header(std::string_view path);

/// Text of the file for a message: printable, in backquotes, shortened.
std::string backquoted(std::string_view text);

}  // namespace hsmreq::farm
