// An evidence file read back, for people to look at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsmreq/bytes.hpp"
#include "hsmreq/result.hpp"

namespace hsmreq::evidence {

struct StatementSubject {
    std::string name;
    std::string sha256;
};

/// One attribute of the key: what was asked and read, and how far the statement reaches.
struct StatementClaim {
    std::string object;
    std::string attribute;
    std::string asked;
    std::string read;
    std::string verdict;
    std::string source;
};

/// What the statement says; text that it leaves out is "".
struct Statement {
    std::string predicate_type;              ///< "urn:hsmreq:evidence:1" and the like
    std::vector<StatementSubject> subjects;  ///< files, and the SubjectPublicKeyInfo
    std::string tool;                        ///< name and version
    std::string time;
    std::string operator_name;
    std::string host;
    std::string reason;
    std::string farm;
    std::string request;
    std::string member;
    std::string module;
    std::string token;
    std::string key_uri;
    std::string origin;
    std::string algorithm;
    std::string policy;
    std::string probe;
    std::string mechanism;
    std::vector<StatementClaim> claims;
    std::vector<std::string> checks;
};

/// True when the bytes are JSON, of whatever kind: nothing else that is inspected begins that way.
bool looks_like_json(BytesView file);

/// Reads the statement of an evidence file. Errors: ExitCode::input when the bytes are not one of ours.
Result<Statement> read_statement(BytesView json);

}  // namespace hsmreq::evidence
