#include "token/pin.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ostream>

#include "support/softhsm.hpp"

namespace hsmreq::token {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Kind = PinSource::Kind;
using test::TemporaryFolder;

struct ParseCase {
    const char* text;
    Kind kind;
    const char* argument;
};
void PrintTo(const ParseCase& given, std::ostream* stream) {
    *stream << given.text;
}
class PinSourceText : public ::testing::TestWithParam<ParseCase> {};

TEST_P(PinSourceText, IsReadAndWrittenAlike) {
    const auto source = parse_pin_source(GetParam().text);
    ASSERT_TRUE(source.ok()) << source.error().what;
    EXPECT_EQ(*source, (PinSource{GetParam().kind, GetParam().argument}));
    EXPECT_EQ(to_text(*source), GetParam().text);
}

constexpr ParseCase parse_cases[] = {
    {"prompt", Kind::prompt, ""},
    {"none", Kind::protected_path, ""},
    {"env:HSM_PIN_1", Kind::environment, "HSM_PIN_1"},
    {"file:/run/pin", Kind::file, "/run/pin"},
    {"file:relative/pin", Kind::file, "relative/pin"},
    {"fd:3", Kind::descriptor, "3"},
    {"credential:hsm.pin", Kind::credential, "hsm.pin"},
};
INSTANTIATE_TEST_SUITE_P(Table, PinSourceText, ::testing::ValuesIn(parse_cases));

class NoPinSource : public ::testing::TestWithParam<const char*> {};

TEST_P(NoPinSource, IsRefusedWithoutRepeatingIt) {
    const auto source = parse_pin_source(GetParam());
    ASSERT_FALSE(source.ok());
    EXPECT_EQ(source.error().code, ExitCode::input);
    EXPECT_THAT(source.error().what + source.error().hint, Not(HasSubstr("4711")));
}

INSTANTIATE_TEST_SUITE_P(Table, NoPinSource,
                         ::testing::Values("", "4711", "Prompt", "prompt:", "prompt 4711", "none4711", "env:",
                                           "env:4711", "env:A-4711", "env:A=4711", "file:", "fd:", "fd:-1", "fd:4711x",
                                           "fd: 4711", "fd:99999999999", "credential:", "credential:../4711",
                                           "credential:..", "pin:4711", "FILE:/4711"));

std::string text_of(const PinReading& reading) {
    return reading.pin ? std::string(as_text(reading.pin->reveal())) : "(none)";
}

Result<PinReading> read(const std::string& text, const PinPrompt& prompt = nullptr) {
    auto source = parse_pin_source(text);
    if (!source) return source.error();
    return read_pin(*source, prompt, "rp01");
}

struct ContentCase {
    const char* name;
    std::string content;
    std::string pin;  ///< "" when it is refused
    bool warns;
};
void PrintTo(const ContentCase& given, std::ostream* stream) {
    *stream << given.name;
}

/// What a file holds, and the PIN that comes of it; the same from every source that is read.
class PinContent : public ::testing::TestWithParam<ContentCase> {
protected:
    static void expect(const Result<PinReading>& reading) {
        const auto& given = GetParam();
        if (given.pin.empty()) {
            ASSERT_FALSE(reading.ok());
            EXPECT_EQ(reading.error().code, ExitCode::login);
            EXPECT_THAT(reading.error().what + reading.error().hint, Not(HasSubstr("4711")));
            return;
        }
        ASSERT_TRUE(reading.ok()) << reading.error().what;
        EXPECT_EQ(text_of(*reading), given.pin);
        EXPECT_EQ(!reading->warning.empty(), given.warns) << reading->warning;
        EXPECT_THAT(reading->warning, Not(HasSubstr("4711")));
    }
    TemporaryFolder folder_;
};

TEST_P(PinContent, OfAFile) {
    const auto path = folder_.write("pin", GetParam().content);
    ::chmod(path.c_str(), 0600);
    expect(read("file:" + path));
}

TEST_P(PinContent, OfADescriptor) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const auto& content = GetParam().content;
    ASSERT_EQ(::write(ends[1], content.data(), content.size()), static_cast<ssize_t>(content.size()));
    ::close(ends[1]);
    expect(read("fd:" + std::to_string(ends[0])));
    ::close(ends[0]);
}

TEST_P(PinContent, OfACredential) {
    const auto path = folder_.write("hsm-pin", GetParam().content);
    ::chmod(path.c_str(), 0440);  // as systemd's own, which lets the service in by an ACL
    ::setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
    expect(read("credential:hsm-pin"));
}

const ContentCase content_cases[] = {
    {"Plain", "4711", "4711", false},
    {"OneNewline", "4711\n", "4711", false},
    {"WindowsNewline", "4711\r\n", "4711", false},
    {"TwoNewlines", "4711\n\n", "4711\n", true},
    {"TrailingSpace", "4711 \n", "4711 ", true},
    {"LeadingSpaceStays", " 4711", " 4711", false},
    {"InnerNewlineStays", "47\n4711", "47\n4711", false},
    {"Utf8", "p\xc3\xa4ss4711", "p\xc3\xa4ss4711", false},
    {"Empty", "", "", false},
    {"NewlineAlone", "\n", "", false},
    {"ByteOrderMark",
     "\xef\xbb\xbf"
     "4711",
     "", false},
    {"Utf16",
     std::string("\xff\xfe"
                 "4\0"
                 "7\0"
                 "1\0"
                 "1\0",
                 10),
     "", false},
    {"TooLong", std::string(2000, '1') + "4711", "", false},
};
INSTANTIATE_TEST_SUITE_P(Table, PinContent, ::testing::ValuesIn(content_cases),
                         [](const auto& row) { return std::string(row.param.name); });

class PinFile : public ::testing::Test {
protected:
    std::string make(mode_t mode) {
        auto path = folder_.write("pin", "4711\n");
        ::chmod(path.c_str(), mode);
        return path;
    }
    static void expect_refused(const Result<PinReading>& reading, const char* why) {
        ASSERT_FALSE(reading.ok());
        EXPECT_EQ(reading.error().code, ExitCode::login);
        EXPECT_THAT(reading.error().what, HasSubstr(why));
    }
    TemporaryFolder folder_;
};

TEST_F(PinFile, OpenToAnyoneElseIsRefused) {
    for (const mode_t mode : {0640U, 0620U, 0610U, 0604U, 0602U, 0601U, 0644U, 0666U})
        expect_refused(read("file:" + make(mode)), "open to others");
}

TEST_F(PinFile, OfTheCallerAloneIsTaken) {
    for (const mode_t mode : {0600U, 0400U, 0700U}) {
        const auto reading = read("file:" + make(mode));
        ASSERT_TRUE(reading.ok()) << reading.error().what;
        EXPECT_EQ(text_of(*reading), "4711");
    }
}

TEST_F(PinFile, MayBeReachedByALink) {
    const auto target = make(0600);
    std::filesystem::create_symlink(target, folder_ / "link");
    const auto reading = read("file:" + (folder_ / "link"));
    ASSERT_TRUE(reading.ok()) << reading.error().what;
    EXPECT_EQ(text_of(*reading), "4711");
}

TEST_F(PinFile, BehindALinkIsJudgedByItself) {
    std::filesystem::create_symlink(make(0644), folder_ / "link");
    expect_refused(read("file:" + (folder_ / "link")), "open to others");
}

TEST_F(PinFile, ThatIsNoRegularFileIsRefusedAtOnce) {
    ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
    expect_refused(read("file:" + (folder_ / "fifo")), "not a regular file");
    expect_refused(read("file:" + folder_.path()), "not a regular file");
    expect_refused(read("file:/dev/null"), "not a regular file");
}

TEST_F(PinFile, ThatIsMissingIsNamed) {
    const auto reading = read("file:" + (folder_ / "absent"));
    expect_refused(reading, "can't be opened");
    EXPECT_THAT(reading.error().where, HasSubstr("absent"));
}

TEST_F(PinFile, OfSomebodyElseIsRefused) {
    // Only root can give a file away; everyone else has one of root's that no one else can read to try.
    if (::geteuid() == 0) {
        const auto path = make(0600);
        ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
        expect_refused(read("file:" + path), "another user");
    } else {
        expect_refused(read("file:/etc/shadow"), "can't be opened");
    }
}

TEST_F(PinFile, CredentialIsNeverReachedByALink) {
    std::filesystem::create_symlink(make(0600), folder_ / "link");
    ::setenv("CREDENTIALS_DIRECTORY", folder_.path().c_str(), 1);
    expect_refused(read("credential:link"), "can't be opened");
}

TEST_F(PinFile, CredentialNeedsTheFolderOfSystemd) {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    expect_refused(read("credential:pin"), "CREDENTIALS_DIRECTORY");
}

TEST(PinVariable, IsWipedAndStillThereForTheNextToken) {
    char variable[] = "HSMREQ_TEST_PIN=4711\n";
    ASSERT_EQ(::putenv(variable), 0);
    for (int member = 0; member < 2; ++member) {
        const auto reading = read("env:HSMREQ_TEST_PIN");
        ASSERT_TRUE(reading.ok()) << reading.error().what;
        EXPECT_EQ(text_of(*reading), "4711");
        EXPECT_EQ(std::getenv("HSMREQ_TEST_PIN"), nullptr);
        EXPECT_EQ(std::string(variable + 16, 5), std::string(5, '\0')) << "the bytes that /proc shows";
    }
}

TEST(PinVariable, ThatIsNotSetIsNamed) {
    const auto reading = read("env:HSMREQ_TEST_NOT_SET");
    ASSERT_FALSE(reading.ok());
    EXPECT_EQ(reading.error().code, ExitCode::login);
    EXPECT_THAT(reading.error().where, HasSubstr("HSMREQ_TEST_NOT_SET"));
}

TEST(PinDescriptor, GivesItsPinToEveryTokenThatNamesIt) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ASSERT_EQ(::write(ends[1], "4711\n", 5), 5);
    ::close(ends[1]);
    for (int member = 0; member < 2; ++member) {
        const auto reading = read("fd:" + std::to_string(ends[0]));
        ASSERT_TRUE(reading.ok()) << reading.error().what;
        EXPECT_EQ(text_of(*reading), "4711");
    }
    ::close(ends[0]);
}

TEST(PinDescriptor, ThatIsClosedIsRefused) {
    const auto reading = read("fd:987");
    ASSERT_FALSE(reading.ok());
    EXPECT_EQ(reading.error().code, ExitCode::login);
}

TEST(PinPrompt, IsAskedForTheToken) {
    std::string asked;
    const auto reading = read("prompt", [&](const std::string& label) -> Result<Secret> {
        asked = label;
        return test::secret("4711");
    });
    ASSERT_TRUE(reading.ok()) << reading.error().what;
    EXPECT_EQ(text_of(*reading), "4711");
    EXPECT_EQ(asked, "rp01");
}

TEST(PinPrompt, WithoutATerminalIsALoginError) {
    const auto reading = read("prompt");
    ASSERT_FALSE(reading.ok());
    EXPECT_EQ(reading.error().code, ExitCode::login);
    EXPECT_THAT(reading.error().hint, HasSubstr("--pin-source"));
}

TEST(PinPrompt, AnsweredWithNothingIsRefused) {
    const auto reading = read("prompt", [](const std::string&) -> Result<Secret> { return test::secret(""); });
    ASSERT_FALSE(reading.ok());
    EXPECT_EQ(reading.error().code, ExitCode::login);
}

TEST(ProtectedPath, ReadsNothing) {
    const auto reading = read("none", [](const std::string&) -> Result<Secret> { return test::secret("4711"); });
    ASSERT_TRUE(reading.ok()) << reading.error().what;
    EXPECT_FALSE(reading->pin.has_value());
}

}  // namespace
}  // namespace hsmreq::token
