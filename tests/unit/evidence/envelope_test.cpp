#include "evidence/envelope.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace hsmreq::evidence {
namespace {

Bytes bytes_of(std::string_view text) {
    const BytesView view = as_bytes(text);
    return {view.begin(), view.end()};
}

// The example of the DSSE specification, protocol.md.
TEST(Envelope, SignsWhatTheSpecificationsExampleSigns) {
    const Envelope envelope{"http://example.com/HelloWorld", bytes_of("hello world"), {}};
    EXPECT_EQ(as_text(to_be_signed(envelope)), "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(Envelope, CountsBytesAndNotCharacters) {
    const Envelope envelope{"t", bytes_of("\xc3\xa9"), {}};
    EXPECT_EQ(as_text(to_be_signed(envelope)), "DSSEv1 1 t 2 \xc3\xa9");
}

TEST(Envelope, IsReadBackAsItWasWritten) {
    const Envelope envelope{std::string(statement_payload_type), bytes_of("{}"), {{"ab", {0, 255}}, {"", {1}}}};
    const Bytes json = to_json(envelope);
    ASSERT_TRUE(looks_like_envelope(json));
    const auto read = read_envelope(json);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->payload_type, envelope.payload_type);
    EXPECT_EQ(read->payload, envelope.payload);
    ASSERT_EQ(read->signatures.size(), 2U);
    EXPECT_EQ(read->signatures[0].keyid, "ab");
    EXPECT_EQ(read->signatures[0].value, (Bytes{0, 255}));
    EXPECT_EQ(read->signatures[1].keyid, "");
}

TEST(Envelope, ReadsTheAlphabetForUrlsToo) {
    const auto read =
        read_envelope(as_bytes(R"({"payloadType": "t", "payload": "-_8=", "signatures": [{"sig": "-_8="}]})"));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->payload, (Bytes{0xfb, 0xff}));
    EXPECT_EQ(read->signatures[0].value, (Bytes{0xfb, 0xff}));
}

TEST(Envelope, RefusesWhatIsNone) {
    const char* texts[] = {
        "",
        "[]",
        R"({"payloadType": "t", "payload": "e30=", "signatures": []})",
        R"({"payloadType": "t", "payload": "e30=", "signatures": [{}]})",
        R"({"payloadType": "t", "payload": "e30=", "signatures": [{"sig": "?"}]})",
        R"({"payloadType": "t", "payload": "e30", "signatures": [{"sig": "e30="}]})",
        R"({"payloadType": 1, "payload": "e30=", "signatures": [{"sig": "e30="}]})",
    };
    for (const char* text : texts) {
        const auto read = read_envelope(as_bytes(text));
        ASSERT_FALSE(read.ok()) << text;
        EXPECT_EQ(read.error().code, ExitCode::input);
    }
}

TEST(Envelope, IsNamedAfterItsStatement) {
    EXPECT_EQ(envelope_name("web.rp01.g2.evidence.json"), "web.rp01.g2.evidence.dsse.json");
    EXPECT_EQ(envelope_name("web.rp02.copy.evidence.json"), "web.rp02.copy.evidence.dsse.json");
    EXPECT_EQ(statement_name("web.evidence.dsse.json"), "web.evidence.json");
    EXPECT_EQ(envelope_name("summary.json"), "");
    EXPECT_EQ(statement_name("web.evidence.json"), "");
}

}  // namespace
}  // namespace hsmreq::evidence
