// What `inspect` found in one file.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "evidence/statement.hpp"
#include "hsmreq/finding.hpp"
#include "hsmreq/inf.hpp"
#include "hsmreq/inspect.hpp"
#include "hsmreq/names.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::evidence {

enum class InspectedType { unread, request, certificates, statement, envelope, inf };

/// The way from one certificate of the file towards a root.
struct InspectedChain {
    std::vector<std::size_t> order;  ///< indexes into InspectedFile::certificates, the leaf first
    std::string root;                ///< subject of the trusted root that it ends in, "" when it reaches none
    bool holds = false;
};

/// A statement's subject and what is known about the file of that name beside it.
struct InspectedSubject {
    StatementSubject stated;
    std::string found_sha256;  ///< "" when there is nothing to compare with
};

struct InspectedSignature {
    std::string keyid;
    std::optional<bool> verified;  ///< absent when no key was given
};

/// The envelope that a statement is in, or that lies beside it.
struct InspectedEnvelope {
    std::string file;  ///< its name beside the statement; "" when it is the inspected file
    std::vector<InspectedSignature> signatures;
};

/// The farm's request that the file was compared with.
struct ComparedRequest {
    std::string farm;
    std::string request;
    bool chosen_by_names = false;  ///< nobody named it
};

struct InspectedFile {
    std::string file;
    InspectedType type = InspectedType::unread;
    std::optional<RequestInspection> request = std::nullopt;
    std::vector<CertificateInspection> certificates = {};
    std::vector<InspectedChain> chains = {};
    std::optional<Statement> statement = std::nullopt;
    std::vector<InspectedSubject> subjects = {};  ///< of the statement
    std::optional<InspectedEnvelope> envelope = std::nullopt;
    std::optional<InfInspection> inf = std::nullopt;
    std::optional<ComparedRequest> compared = std::nullopt;
    std::vector<Finding> findings = {};
    std::optional<Error> error = std::nullopt;
};

}  // namespace hsmreq::evidence

namespace hsmreq {

template <>
inline constexpr std::array<Named<evidence::InspectedType>, 6> named<evidence::InspectedType>{{
    {evidence::InspectedType::unread, ""},
    {evidence::InspectedType::request, "certification-request"},
    {evidence::InspectedType::certificates, "certificates"},
    {evidence::InspectedType::statement, "evidence"},
    {evidence::InspectedType::envelope, "signed-evidence"},
    {evidence::InspectedType::inf, "inf"},
}};

}  // namespace hsmreq
