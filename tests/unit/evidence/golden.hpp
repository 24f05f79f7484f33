// The documents kept in tests/data/evidence, compared in full.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace hsmreq::evidence {

/// The file's text; "" when it is missing, which equals no document.
inline std::string golden(const std::string& name) {
    std::ifstream file(std::string(HSMREQ_TEST_DATA "/evidence/") + name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace hsmreq::evidence
