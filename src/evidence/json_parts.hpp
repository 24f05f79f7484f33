// The pieces that several documents share. Conventions: docs/json.md.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/finding.hpp"
#include "hsmreq/plan.hpp"
#include "hsmreq/result.hpp"
#include "hsmreq/run.hpp"

namespace hsmreq::evidence {

/// Keeps its members in the order they were put in.
using Json = nlohmann::ordered_json;

/// Any string that comes from outside: null when empty, {"hex": ...} when it is not UTF-8.
Json text(std::string_view value);

/// Binary data in hexadecimal; null when there is none.
Json hexadecimal(BytesView value);

/// The word of an enumerator, as the farm file writes it.
template <class E>
std::string word(E value) {
    return std::string(to_name(value));
}

/// One element of a JSON array for each element of `values`.
template <class T, class F>
auto list(const std::vector<T>& values, F element) {
    auto array = std::invoke_result_t<F, const T&>::array();
    for (const auto& value : values) array.push_back(element(value));
    return array;
}

Json texts(const std::vector<std::string>& values);
Json findings(const std::vector<Finding>& all);

/// The object under "error". Null when there is no error.
Json error_object(const std::optional<Error>& error);

/// A key usage or extended key usage extension; dotted OIDs become words where there is one.
Json usage(bool critical, const std::vector<std::string>& values);

/// The common name and the fields of a subject.
Json planned_subject(const Subject& planned);

/// One planned request, alike in plan and evidence.
Json planned_request(const RequestPlan& request);

/// A document about a run, begun: its schema and its header, in this order.
Json run_document(const char* schema, const RunHeader& run);

/// Indented by two, ASCII only, with a final newline.
std::string serialize(const Json& document);

/// A document of ours read back: an object nested no deeper than ours are. Nothing for any other bytes.
std::optional<Json> parse_document(BytesView bytes);

/// The string at a JSON pointer (RFC 6901) such as "/subject/0/name"; nothing when no string is there.
std::optional<std::string> string_at(const Json& document, const char* pointer);

}  // namespace hsmreq::evidence
