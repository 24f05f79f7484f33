// Requests that no tool of ours would write, octet by octet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/x509/samples.hpp"
#include "x509/der_rules.hpp"

namespace hsmreq::x509 {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const Bytes names_oid{0x55, 0x1d, 0x11};
const Bytes key_usage_oid{0x55, 0x1d, 0x0f};
const Bytes purposes_oid{0x55, 0x1d, 0x25};

RequestInspection inspected(const Bytes& attributes) {
    const auto request = inspect_request(signed_info(info_start() + attributes));
    EXPECT_TRUE(request) << request.error().what;
    EXPECT_TRUE(request->signature_valid);
    EXPECT_EQ(ERR_peek_error(), 0U);
    return *request;
}

RequestInspection with_extension(const Bytes& identifier, const Bytes& value) {
    return inspected(extension_request(extension(identifier, value)));
}

struct Malformed {
    const char* name;
    Bytes identifier;
    Bytes value;
    const char* problem;
};

TEST(Inspection, NamesWhatIsWrongInsideExtensions) {
    const Malformed cases[] = {
        {"names are no SEQUENCE", names_oid, {0x04, 0x01, 0x00}, "subjectAltName could not be decoded"},
        {"octets behind the names", names_oid, {0x30, 0x03, 0x82, 0x01, 'a', 0x00}, "could not be decoded"},
        {"no names", names_oid, {0x30, 0x00}, "subjectAltName is empty"},
        {"no octets at all", names_oid, {}, "could not be decoded"},
        {"nul in a name", names_oid, {0x30, 0x05, 0x82, 0x03, 'a', 0x00, 'b'}, "a\\x00b"},
        {"space in a name", names_oid, {0x30, 0x05, 0x82, 0x03, 'a', ' ', 'b'}, "belong in no name"},
        {"empty name", names_oid, {0x30, 0x02, 0x82, 0x00}, "an empty name"},
        {"name beyond ASCII", names_oid, {0x30, 0x04, 0x82, 0x02, 0xc3, 0xbc}, "belong in no name"},
        {"address of 5 octets", names_oid, {0x30, 0x07, 0x87, 0x05, 1, 2, 3, 4, 5}, "address of 5 octets"},
        {"empty usage", key_usage_oid, {0x03, 0x01, 0x00}, "keyUsage is empty"},
        {"unknown usage bit", key_usage_oid, {0x03, 0x03, 0x00, 0x80, 0x01}, "no standard defines"},
        {"usage is an INTEGER", key_usage_oid, {0x02, 0x01, 0x05}, "keyUsage could not be decoded"},
        {"no purposes", purposes_oid, {0x30, 0x00}, "extendedKeyUsage is empty"},
        {"purpose cut short", purposes_oid, {0x30, 0x03, 0x06, 0x05, 0x2b}, "could not be decoded"},
    };
    for (const auto& one : cases)
        EXPECT_THAT(with_extension(one.identifier, one.value).problems, Contains(HasSubstr(one.problem))) << one.name;
}

TEST(Inspection, AnIdentifierOfAThousandOctetsIsNoPurpose) {
    Bytes arcs(1000, 0x81);
    arcs.back() = 1;
    const auto request = with_extension(purposes_oid, element(0x30, element(0x06, arcs)));
    EXPECT_THAT(request.problems, Contains("extendedKeyUsage could not be decoded"));
    EXPECT_FALSE(request.extended_key_usage);
}

TEST(Inspection, AnExtensionWithAnIdentifierOfAThousandOctetsIsNamedAndNotShown) {
    Bytes arcs(1000, 0x81);
    arcs.back() = 1;
    const auto request = with_extension(arcs, {0x05, 0x00});
    EXPECT_THAT(request.problems, Contains(HasSubstr("an extension's identifier is too long")));
    EXPECT_THAT(request.extensions, IsEmpty());
}

TEST(Inspection, NamesEveryKindOfName) {
    const Bytes directory = element(
        0xa4, element(0x30, element(0x31, element(0x30, Bytes{0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'x'}))));
    const Bytes other = element(0xa0, element(0x06, {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x14, 0x02, 0x03}) +
                                          element(0xa0, element(0x0c, text_bytes("u@example"))));
    const auto request = with_extension(
        names_oid, element(0x30, element(0x81, text_bytes("a@b.example")) + element(0x82, text_bytes("b.example")) +
                                     directory + element(0x86, text_bytes("https://b.example/")) +
                                     element(0x87, Bytes(16, 0)) + element(0x88, {0x2a, 0x03}) + other));
    std::vector<std::string> names;
    for (const auto& name : request.subject_alternative_names) names.push_back(name.type + " " + name.value);
    EXPECT_THAT(names,
                testing::ElementsAre("email a@b.example", "dns b.example", "directory CN=x", "uri https://b.example/",
                                     "ip ::", "registered-id 1.2.3", "other 1.3.6.1.4.1.311.20.2.3:u@example"));
    EXPECT_THAT(request.problems, IsEmpty());
}

TEST(Inspection, NamesWhatIsWrongWithAttributes) {
    const Bytes type{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e};
    const Bytes usage = extension(key_usage_oid, {0x03, 0x02, 0x07, 0x80});
    const Bytes one = element(0x30, type + element(0x31, element(0x30, usage)));
    EXPECT_THAT(inspected({}).problems, Contains(HasSubstr("attributes are absent")));
    EXPECT_THAT(inspected(element(0xa0, one + one)).problems,
                Contains("attribute extensionRequest appears more than once"));
    EXPECT_THAT(inspected(element(0xa0, one + one)).problems, Contains(HasSubstr("keyUsage appears more than once")));
    EXPECT_THAT(inspected(element(0xa0, element(0x30, type + element(0x31, {})))).problems,
                Contains("attribute extensionRequest has no value"));
    EXPECT_THAT(inspected(element(0xa0, element(0x30, type + element(0x31, {0x05, 0x00})))).problems,
                Contains("extensionRequest could not be decoded"));
    EXPECT_THAT(inspected(element(0xa0, one)).problems, IsEmpty());
}

TEST(Inspection, AnotherVersionIsNamed) {
    Bytes info = info_start() + Bytes{0xa0, 0x00};
    info[2] = 2;
    const auto request = inspect_request(signed_info(info)).value();
    EXPECT_EQ(request.version, 2);
    EXPECT_THAT(request.problems, Contains("the version is 2, not 0"));
}

TEST(Inspection, ALengthLongerThanNeededIsNoDer) {
    const Bytes usual = extension_request(extension(key_usage_oid, {0x03, 0x02, 0x07, 0x80}));
    ASSERT_LT(usual[1], 0x80);
    const auto request = inspected(Bytes{0xa0, 0x81} + Bytes(usual.begin() + 1, usual.end()));
    EXPECT_THAT(request.problems, testing::ElementsAre("the encoding is not DER: a length is longer than needed"));
}

TEST(Inspection, ProblemsBeyondFiftyAreCounted) {
    Bytes names;
    for (int i = 0; i < 200; ++i) names = names + Bytes{0x82, 0x01, ' '};
    const auto request = with_extension(names_oid, element(0x30, names));
    EXPECT_EQ(request.subject_alternative_names.size(), 200U);
    ASSERT_EQ(request.problems.size(), 51U);
    EXPECT_EQ(request.problems.back(), "150 further problems");
}

TEST(Inspection, AMebibyteOfNestedElementsEndsInAnError) {
    Bytes der;
    for (int i = 0; i < 2000; ++i) der = element(0x30, der);
    EXPECT_FALSE(inspect_request(der));
    EXPECT_FALSE(inspect_request(Bytes(std::size_t{1} << 20U, 0x30)));
}

TEST(DerRules, HoldWhatIsDer) {
    EXPECT_EQ(der_violation(signed_request(sample_plan())), "");
    EXPECT_EQ(der_violation(Bytes{0x30, 0x00}), "");
    EXPECT_EQ(der_violation(Bytes{0xbf, 0x1f, 0x02, 0x05, 0x00}), "");
}

TEST(DerRules, NameWhatIsNot) {
    const std::pair<Bytes, const char*> cases[] = {
        {{}, "missing"},
        {{0x05}, "header"},
        {{0x05, 0x00, 0x00}, "follow"},
        {{0x30, 0x02, 0x05}, "longer than what holds it"},
        {{0x30, 0x03, 0x05, 0x01, 0x00}, "NULL"},
        {{0x30, 0x03, 0x02, 0x02, 0x05, 0x05}, "longer than what holds it"},
        {{0x30, 0x80, 0x00, 0x00}, "indefinite"},
        {{0x30, 0x81, 0x00}, "longer than needed"},
        {{0x04, 0x82, 0x00, 0x01, 0x00}, "longer than needed"},
        {{0x04, 0x85, 0x01, 0, 0, 0, 0, 0}, "longer than the file"},
        {{0x04, 0x84, 0x01, 0, 0}, "header"},
        {{0x1f, 0x1e, 0x00}, "tag"},
        {{0x1f, 0x80, 0x01, 0x00}, "tag"},
        {{0x1f, 0xff}, "tag"},
        {{0x00, 0x00}, "reserved"},
        {{0x01, 0x01, 0x01}, "BOOLEAN"},
        {{0x02, 0x00}, "INTEGER"},
        {{0x02, 0x02, 0x00, 0x7f}, "INTEGER"},
        {{0x02, 0x02, 0xff, 0x80}, "INTEGER"},
        {{0x03, 0x00}, "BIT STRING"},
        {{0x03, 0x02, 0x08, 0x00}, "BIT STRING"},
        {{0x03, 0x02, 0x01, 0x01}, "BIT STRING"},
        {{0x03, 0x01, 0x01}, "BIT STRING"},
        {{0x06, 0x00}, "OBJECT IDENTIFIER"},
        {{0x06, 0x02, 0x2a, 0x80}, "OBJECT IDENTIFIER"},
        {{0x06, 0x02, 0x80, 0x01}, "OBJECT IDENTIFIER"},
        {{0x24, 0x03, 0x04, 0x01, 0x00}, "in pieces"},
        {{0x10, 0x00}, "primitive"},
    };
    for (const auto& [der, violation] : cases) EXPECT_THAT(der_violation(der), HasSubstr(violation));
}

}  // namespace
}  // namespace hsmreq::x509
