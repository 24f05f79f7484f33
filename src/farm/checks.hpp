// What must hold between the keys of a farm file. What a rule about certificates or policy says is for the plan.
#pragma once

#include "farm/reader.hpp"
#include "farm/sections.hpp"

namespace hsmreq::farm {

/// Sections and keys that the product or the layout cannot use, and those that exclude each other.
void check_usable(Reader& reader, const Farm& farm);
/// What a farm of the product needs at least.
void check_complete(Reader& reader, const Farm& farm);
/// Equal names, and names that stand for nothing.
void check_references(Reader& reader, const Farm& farm);
/// Members, the key that signs evidence, and how their tokens are reached. Needs the draft settled.
void check_members(Reader& reader, const Draft& draft);
/// Settings of keys, their labels, and names of files.
void check_keys(Reader& reader, const Farm& farm);

}  // namespace hsmreq::farm
