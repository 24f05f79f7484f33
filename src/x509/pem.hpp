// Text encodings of DER (RFC 7468), as people's programs and editors leave them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hsmreq/bytes.hpp"

namespace hsmreq::x509 {

struct PemBlock {
    std::string label;
    std::string base64;   ///< without white space; empty where the label is not wanted
    bool closed = false;  ///< the end line is there and has the same label
};

/// The blocks of a text in ASCII, UTF-8 or UTF-16 (what Windows editors save), LF or CRLF, with anything around them.
/// Only those whose label `wanted` picks keep their base64: nothing else in the file is any of our business.
std::vector<PemBlock> find_pem_blocks(std::string_view file, bool (*wanted)(std::string_view label));

/// One block of that label, with LF at the end of each line; empty on failure.
Bytes write_pem_block(const char* label, BytesView der);

/// True when the file is one DER SEQUENCE and nothing else.
bool is_one_der_sequence(BytesView file);

}  // namespace hsmreq::x509
