// The whole farm file as a table of sections.
#pragma once

#include "farm/reader.hpp"
#include "farm/schema.hpp"
#include "hsmreq/farm.hpp"

namespace hsmreq::farm {

/// The farm while it is being read.
struct Draft {
    Farm farm;
    Member token;  ///< the keys of [token]
};

/// Reads every section; what is wrong goes to the reader.
void read_sections(Reader& reader, const Value& document, Draft& draft);

/// Every key that a farm file may have, sections within sections included.
KeyNames file_key_names();

}  // namespace hsmreq::farm
