#include "evidence/documents.hpp"

#include <gmock/gmock.h>

#include "base/text.hpp"
#include "unit/evidence/golden.hpp"
#include "unit/evidence/samples.hpp"

namespace hsmreq::evidence {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Documents, PlanIsWrittenInFull) {
    EXPECT_EQ(plan_document(samples::plan()), golden("plan.json"));
}

TEST(Documents, RequestSummaryIsWrittenInFull) {
    EXPECT_EQ(request_document(samples::summary()), golden("request.json"));
}

TEST(Documents, InspectedFilesAreWrittenInFull) {
    EXPECT_EQ(inspect_document(samples::inspected_files()), golden("inspect.json"));
}

TEST(Documents, WrittenFarmIsWrittenInFull) {
    EXPECT_EQ(samples::init_text(), golden("init.json"));
}

TEST(Documents, FarmThatWentNowhereHasNoFile) {
    EXPECT_THAT(init_document({"", "[farm]\n"}, {}, {}), HasSubstr("\"file\": null,\n      \"written\": false"));
}

TEST(Documents, ErrorIsWrittenInFull) {
    auto error = samples::token_error();
    error.also = {{.code = ExitCode::input, .what = "second", .where = "farm.toml:3:1", .hint = "", .finding = "x.y"}};
    EXPECT_EQ(error_document(error), golden("error.json"));
}

TEST(Documents, EmptyPlanHasEmptyListsAndNulls) {
    const auto json = plan_document({});
    EXPECT_THAT(json, HasSubstr("\"farm\": null"));
    EXPECT_THAT(json, HasSubstr("\"requests\": []"));
    EXPECT_THAT(json, HasSubstr("\"findings\": []"));
}

TEST(Documents, OriginOfAKeyThatWasThereIsAdopted) {
    auto summary = samples::summary();
    summary.items[0].generated = false;
    EXPECT_THAT(request_document(summary), HasSubstr("\"origin\": \"adopted\""));
}

TEST(Documents, KeyOfAnUnknownFamilyHasNoFamily) {
    auto files = samples::inspected_files();
    files[0].request->public_key = {};
    files[0].request->public_key_algorithm = "ED448";
    EXPECT_THAT(inspect_document(files), HasSubstr("\"algorithm\": \"ED448\",\n        \"family\": null,"));
}

struct NastyText {
    std::string name;
    std::string text;
    std::string json;
};

class NastyTexts : public testing::TestWithParam<NastyText> {};

TEST_P(NastyTexts, IsEncodedWithoutLossInAscii) {
    const auto json = error_document({.code = ExitCode::input, .what = GetParam().text, .where = "", .hint = ""});
    EXPECT_THAT(json, HasSubstr("\"message\": " + GetParam().json + ",\n"));
    for (const char c : json) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << static_cast<int>(c);
}

INSTANTIATE_TEST_SUITE_P(
    Documents, NastyTexts,
    testing::Values(NastyText{"Empty", "", "null"}, NastyText{"Quote", "a\"b\\c", R"("a\"b\\c")"},
                    NastyText{"Nul", std::string("a\0b", 3), R"("a\u0000b")"},
                    NastyText{"Control", "\x1b[2J\r\n\t\x7f", R"("\u001b[2J\r\n\t\u007f")"},
                    NastyText{"RightToLeftOverride", "a\u202eb", R"("a\u202eb")"},
                    NastyText{"OutsideTheBasicPlane", "\U0001f511", R"("\ud83d\udd11")"},
                    NastyText{"Latin1", "M\xfcnchen", "{\n      \"hex\": \"4dfc6e6368656e\"\n    }"},
                    NastyText{"LoneSurrogate", "\xed\xa0\x80", "{\n      \"hex\": \"eda080\"\n    }"},
                    NastyText{"OverlongSlash", "\xc0\xaf", "{\n      \"hex\": \"c0af\"\n    }"},
                    NastyText{"BeyondUnicode", "\xf4\x90\x80\x80", "{\n      \"hex\": \"f4908080\"\n    }"},
                    NastyText{"CutSequence", "a\xe2\x82", "{\n      \"hex\": \"61e282\"\n    }"}),
    [](const auto& test) { return test.param.name; });

TEST(Documents, BytesThatAreNotTextAppearInHexadecimalWhereverTheyStand) {
    auto summary = samples::summary();
    summary.items[0].csr_file = "\xff.csr";
    summary.items[0].findings[0].where = "\xfe";
    summary.output_directory = "\xfd";
    const auto json = request_document(summary);
    EXPECT_THAT(json, HasSubstr("\"hex\": \"ff2e637372\""));
    EXPECT_THAT(json, HasSubstr("\"hex\": \"fe\""));
    EXPECT_THAT(json, HasSubstr("\"hex\": \"fd\""));
    EXPECT_THAT(json, Not(HasSubstr("\\ufffd")));
}

TEST(ReadRequestDocument, GivesBackWhatWasWritten) {
    const auto former = read_request_document(as_bytes(request_document(samples::summary())));
    ASSERT_TRUE(former.ok());
    EXPECT_EQ(former->farm, "contoso");
    ASSERT_EQ(former->items.size(), 2U);
    EXPECT_EQ(former->items[0].request, "reverse-proxy");
    EXPECT_EQ(former->items[0].member, "rp01");
    EXPECT_EQ(former->items[1].request, "bare");
    EXPECT_EQ(former->items[1].member, "");
}

class ForeignSummaries : public testing::TestWithParam<std::string> {};

TEST_P(ForeignSummaries, AreAnErrorOfInput) {
    const auto former = read_request_document(as_bytes(GetParam()));
    ASSERT_FALSE(former.ok());
    EXPECT_EQ(former.error().code, ExitCode::input);
    EXPECT_FALSE(former.error().hint.empty());
}

INSTANTIATE_TEST_SUITE_P(ReadRequestDocument, ForeignSummaries,
                         testing::Values("", "{", "[]", "null", "{}", "\xff\xfe", std::string(1U << 20U, '['),
                                         std::string(1U << 20U, '{'), R"({"schema": 1})",
                                         R"({"schema": "hsmreq.plan/1", "farm": "f", "items": []})",
                                         R"({"schema": "hsmreq.request/1", "items": []})",
                                         R"({"schema": "hsmreq.request/1", "farm": null, "items": []})",
                                         R"({"schema": "hsmreq.request/1", "farm": "f"})",
                                         R"({"schema": "hsmreq.request/1", "farm": "f", "items": {}})",
                                         R"({"schema": "hsmreq.request/1", "farm": "f", "items": [7]})",
                                         R"({"schema": "hsmreq.request/1", "farm": "f", "items": [{"member": "m"}]})",
                                         R"({"schema": "hsmreq.request/1", "farm": "f", "items": []} trailing)"));

}  // namespace
}  // namespace hsmreq::evidence
