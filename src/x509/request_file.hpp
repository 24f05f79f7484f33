// A file that should hold one certification request, down to the request's DER.
#pragma once

#include <cstddef>
#include <string>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::x509 {

inline constexpr std::size_t request_file_limit = std::size_t{1} << 20;

struct RequestFile {
    std::string pem_label;  ///< "" for DER
    Bytes der;
};

/// PEM in ASCII, UTF-8 or UTF-16 (what Windows editors save), LF or CRLF, with text around it; or DER.
/// Errors: ExitCode::input saying what the file is instead, where that can be told; with the finding csr.malformed when
/// the file says of itself that it is a request. Never shows content.
Result<RequestFile> read_request_file(BytesView file);

/// True when the octets begin as every certification request does, whole or not: two SEQUENCEs, a version, a name.
bool begins_as_request(BytesView der);

/// What DER that is no request is instead ("a certificate"); "" when it is none of the known kinds.
std::string other_kind_of_der(BytesView der);

}  // namespace hsmreq::x509
