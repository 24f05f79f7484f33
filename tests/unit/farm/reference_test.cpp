// docs/farm-file.md and the schema hold the same keys, the same words, and the same defaults.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "farm/sections.hpp"
#include "support.hpp"

namespace hsmreq::farm {
namespace {

using Words = std::set<std::string>;

/// A row's cells behind the keys it is about.
struct Documented {
    std::string values;
    std::string fallback;
};

Words in_code_style(const std::string& cell) {
    static const std::regex code("`([^`]+)`");
    Words words;
    for (std::sregex_iterator match(cell.begin(), cell.end(), code), end; match != end; ++match)
        words.insert((*match)[1]);
    return words;
}

/// The page's rows by key; one row may be about several.
std::map<std::string, Documented> documented() {
    static const std::regex row(R"(\| (`.*?`) \| (.*?) \| (.*?) \| .*)");
    std::istringstream page(content_of(HSMREQ_SOURCE_DIR "/docs/farm-file.md"));
    std::map<std::string, Documented> rows;
    for (std::string line; std::getline(page, line);) {
        std::smatch cells;
        if (!std::regex_match(line, cells, row)) continue;
        for (const auto& key : in_code_style(cells[1]))
            EXPECT_TRUE(rows.emplace(key, Documented{cells[2], cells[3]}).second) << key << " stands twice";
    }
    return rows;
}

void collect(const KeyNames& names, const std::string& above, Words& keys) {
    for (const auto& name : names) {
        const auto path = above + std::string(name.name);
        if (name.inner == nullptr)
            keys.insert(path);
        else
            collect(name.inner(), path + '.', keys);
    }
}

template <class E>
Words words() {
    Words all;
    for (const auto& row : named<E>) all.emplace(row.name);
    return all;
}

struct WordKey {
    std::string key;
    Words words;
    std::string fallback;  ///< "" when it has none, or one that a word does not say
};

template <class E>
WordKey word_key(std::string key, std::optional<E> fallback = std::nullopt) {
    return {std::move(key), words<E>(), fallback ? std::string(to_name(*fallback)) : ""};
}

std::vector<WordKey> word_keys() {
    const CertificateSettings certificate;
    const KeySettings key;
    const Member member;
    return {
        word_key<Product>("farm.product"),
        word_key<CertificateAuthority>("farm.ca"),
        word_key("mobility.autodiscover_over", std::optional(Mobility{}.over)),
        word_key("edge.server_keys", std::optional(Edge{}.server_keys)),
        word_key("certificate.layout", std::optional(certificate.layout)),
        word_key("certificate.shared_names", std::optional(certificate.shared_names)),
        word_key("certificate.default_extensions", std::optional(certificate.default_extensions)),
        word_key("certificate.file_format", std::optional(certificate.file_format)),
        word_key<KeyUsageBit>("certificate.key_usage"),
        word_key("key.algorithm", std::optional(key.algorithm)),
        word_key("key.hash", std::optional(key.hash)),
        word_key<KeyPurpose>("key.purpose"),
        word_key("key.private_key", std::optional(key.private_key)),
        word_key("key.sharing", std::optional(key.sharing)),
        word_key("member.role", std::optional(member.role)),
        word_key("member.receives", std::optional(member.receives)),
        word_key<ServerKind>("member.server"),
    };
}

/// Every default that the page gives as a value.
std::map<std::string, std::string> defaults() {
    const auto farm = parse_text(small_farm);
    if (!farm) return {};
    std::map<std::string, std::string> all{
        {"pool.listen", farm->pools[0].listen},
        {"exchange.on_this_certificate", farm->exchange.on_this_certificate ? "true" : "false"},
        {"edge.pooled", Edge{}.pooled ? "true" : "false"},
        {"certificate.name", farm->certificate.name},
        {"certificate.file_name", farm->certificate.file_name},
        {"key.label", farm->key.label},
        {"token.pin_source", farm->members[0].pin_source},
    };
    for (const auto& key : word_keys())
        if (!key.fallback.empty()) all.emplace(key.key, key.fallback);
    return all;
}

TEST(Reference, HasEveryKeyAndNoOther) {
    Words keys;
    collect(file_key_names(), "", keys);
    Words on_page;
    for (const auto& [key, row] : documented()) on_page.insert(key);
    EXPECT_EQ(on_page, keys);
}

TEST(Reference, HasTheWordsOfEveryEnumeration) {
    const auto rows = documented();
    for (const auto& key : word_keys()) {
        ASSERT_TRUE(rows.contains(key.key)) << key.key;
        EXPECT_EQ(in_code_style(rows.at(key.key).values), key.words) << key.key;
    }
}

TEST(Reference, HasTheDefaultsOfTheProgram) {
    static const std::regex value("`([^`]+)`");
    std::map<std::string, std::string> on_page;
    for (const auto& [key, row] : documented())
        if (std::smatch match; std::regex_match(row.fallback, match, value)) on_page.emplace(key, match[1]);
    EXPECT_EQ(on_page, defaults());
}

TEST(Reference, MarksWhatIsRequired) {
    const auto rows = documented();
    for (const std::string key : {"farm.name", "farm.product", "farm.ca", "pool.external_web_fqdn", "edge.access_fqdn",
                                  "director.external_web_fqdn", "simple_urls.site.name", "member.name", "request.name",
                                  "rules.accept.finding", "rules.accept.reason"})
        EXPECT_EQ(rows.at(key).fallback, "required") << key;
}

}  // namespace
}  // namespace hsmreq::farm
