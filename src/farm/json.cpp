#include "farm/json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace hsmreq::farm {
namespace {

constexpr std::size_t depth_limit = 64;

using Json = nlohmann::ordered_json;

/// Builds the plain values as the parser goes and stops at the first fault.
class Builder : public nlohmann::json_sax<Json> {
public:
    bool null() override { return put({}); }
    bool boolean(bool value) override { return put(scalar(JsonValue::Kind::truth, value ? "true" : "false")); }
    bool number_integer(number_integer_t value) override { return put_number(std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) override { return put_number(std::to_string(value)); }
    bool number_float(number_float_t, const string_t& text) override { return put_number(text); }
    bool string(string_t& value) override { return put(scalar(JsonValue::Kind::text, std::move(value))); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(JsonValue::Kind::object); }
    bool start_array(std::size_t) override { return open(JsonValue::Kind::array); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        open_.back()->items.emplace_back().name = std::move(name);
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        fault = position == 0 ? 0 : position - 1;
        return false;
    }

    JsonValue root;
    std::size_t fault = 0;  ///< byte of the first syntax error
    bool too_deep = false;

private:
    static JsonValue scalar(JsonValue::Kind kind, std::string text) {
        JsonValue value;
        value.kind = kind;
        value.text = std::move(text);
        return value;
    }

    bool put_number(std::string text) { return put(scalar(JsonValue::Kind::number, std::move(text))); }

    bool put(JsonValue value) {
        auto& target = place();
        value.name = std::move(target.name);
        target = std::move(value);
        return true;
    }

    JsonValue& place() {
        if (open_.empty()) return root;
        auto& parent = *open_.back();
        return parent.kind == JsonValue::Kind::array ? parent.items.emplace_back() : parent.items.back();
    }

    /// The parent can't grow while its child is open, so the pointers stay good.
    bool open(JsonValue::Kind kind) {
        too_deep = open_.size() >= depth_limit;
        if (too_deep) return false;
        auto& value = place();
        value.kind = kind;
        open_.push_back(&value);
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    std::vector<JsonValue*> open_;
};

std::string position_of(std::string_view text, std::size_t byte) {
    const auto before = text.substr(0, std::min(byte, text.size()));
    const auto line = std::ranges::count(before, '\n') + 1;
    const auto start = before.rfind('\n');
    const auto column = before.size() - (start == before.npos ? 0 : start + 1) + 1;
    return std::to_string(line) + ':' + std::to_string(column);
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view wanted) const {
    if (kind != Kind::object) return nullptr;
    const auto lower = to_lower(wanted);
    const auto found = std::ranges::find_if(items, [&](const JsonValue& one) { return to_lower(one.name) == lower; });
    return found == items.end() ? nullptr : &*found;
}

Result<JsonValue> parse_json(std::string_view text, const std::string& file) {
    Builder builder;
    if (Json::sax_parse(text.begin(), text.end(), &builder)) return std::move(builder.root);
    if (builder.too_deep)
        return Error{.code = ExitCode::input,
                     .what = "JSON that nests deeper than 64 levels",
                     .where = file,
                     .hint = "Export the topology with the commands of docs/init.md."};
    return Error{.code = ExitCode::input,
                 .what = "this is no JSON",
                 .where = file + ':' + position_of(text, builder.fault),
                 .hint = "Export the topology with the commands of docs/init.md, which end in ConvertTo-Json."};
}

}  // namespace hsmreq::farm
