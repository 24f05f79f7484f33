#include "token/uri.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "base/text.hpp"
#include "token/module.hpp"

namespace hsmreq::token {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ModuleInfo sample_module() {
    ModuleInfo module;
    module.manufacturer = "Example Corp";
    module.description = "Example library";
    module.library_version = "2.6";
    return module;
}

TokenInfo sample_token() {
    TokenInfo token;
    token.slot_id = 7;
    token.slot_description = "Reader 1";
    token.slot_manufacturer = "Reader maker";
    token.label = "rp 01";
    token.manufacturer = "Token maker";
    token.model = "Model X";
    token.serial = "0815";
    return token;
}

struct MatchCase {
    const char* name;
    const char* uri;
    bool matches;
};
void PrintTo(const MatchCase& given, std::ostream* stream) {
    *stream << given.uri;
}
class TokenUri : public ::testing::TestWithParam<MatchCase> {};

TEST_P(TokenUri, MatchesTheTokenThatItsAttributesName) {
    const auto uri = Uri::parse(GetParam().uri, UriKind::token);
    ASSERT_TRUE(uri.ok()) << uri.error().what;
    EXPECT_EQ(uri->matches(sample_module(), sample_token()), GetParam().matches);
}

constexpr MatchCase match_cases[] = {
    {"Empty", "pkcs11:", true},
    {"Label", "pkcs11:token=rp%2001", true},
    {"SchemeInCapitals", "PKCS11:token=rp%2001", true},
    {"EveryByteEncoded", "pkcs11:token=%72%70%20%30%31", true},
    {"HexDigitsInBothCases", "pkcs11:manufacturer=Token%20ma%6Ber;model=Model%20%58", true},
    {"OtherLabel", "pkcs11:token=rp%2002", false},
    {"LabelIsCaseSensitive", "pkcs11:token=RP%2001", false},
    {"PrefixOfTheLabel", "pkcs11:token=rp", false},
    {"Serial", "pkcs11:serial=0815", true},
    {"SerialIsText", "pkcs11:serial=815", false},
    {"AllOfTheToken", "pkcs11:token=rp%2001;manufacturer=Token%20maker;serial=0815;model=Model%20X", true},
    {"OneOfSeveralDiffers", "pkcs11:token=rp%2001;manufacturer=Token%20maker;serial=0815;model=Model%20Y", false},
    {"Slot", "pkcs11:slot-id=7", true},
    {"OtherSlot", "pkcs11:slot-id=8", false},
    {"SlotDescription", "pkcs11:slot-description=Reader%201;slot-manufacturer=Reader%20maker", true},
    {"OtherSlotDescription", "pkcs11:slot-description=Reader%202", false},
    {"Library", "pkcs11:library-manufacturer=Example%20Corp;library-description=Example%20library", true},
    {"OtherLibrary", "pkcs11:library-manufacturer=Example", false},
    {"LibraryVersion", "pkcs11:library-version=2.6", true},
    {"OtherLibraryVersion", "pkcs11:library-version=2.5", false},
    {"PinSourceDoesNotMatter", "pkcs11:serial=0815?pin-source=file:/run/pin", true},
};
INSTANTIATE_TEST_SUITE_P(Table, TokenUri, ::testing::ValuesIn(match_cases),
                         [](const auto& row) { return std::string(row.param.name); });

struct RefusalCase {
    const char* name;
    UriKind kind;
    std::string uri;
    const char* names;  ///< what the message must speak of
};
void PrintTo(const RefusalCase& given, std::ostream* stream) {
    *stream << given.uri;
}
class MalformedUri : public ::testing::TestWithParam<RefusalCase> {};

TEST_P(MalformedUri, IsRefusedWithTheAttributeNamed) {
    const auto uri = Uri::parse(GetParam().uri, GetParam().kind);
    ASSERT_FALSE(uri.ok());
    EXPECT_EQ(uri.error().code, ExitCode::input);
    EXPECT_THAT(uri.error().what, HasSubstr(GetParam().names));
    EXPECT_EQ(uri.error().where, "PKCS#11 URI");
    EXPECT_FALSE(uri.error().hint.empty());
}

constexpr auto on_token = UriKind::token;
constexpr auto on_object = UriKind::object;
const RefusalCase refusal_cases[] = {
    {"Nothing", on_token, "", "begins with"},
    {"OtherScheme", on_token, "http://example.org/", "begins with"},
    {"SchemeAlone", on_token, "pkcs11", "begins with"},
    {"Misspelt", on_token, "pkcs11:tokn=a", "\"tokn\" is not known"},
    {"NameInCapitals", on_token, "pkcs11:TOKEN=a", "\"TOKEN\" is not known"},
    {"VendorAttribute", on_token, "pkcs11:token=a;x-vendor=b", "\"x-vendor\""},
    {"Twice", on_token, "pkcs11:token=a;token=a", "token is given twice"},
    {"TwiceInTheQuery", on_token, "pkcs11:token=a?pin-source=/p&pin-source=/p", "pin-source is given twice"},
    {"EmptyValue", on_token, "pkcs11:token=", "token has no value"},
    {"NoValue", on_token, "pkcs11:token", "token has no value"},
    {"EmptyAttribute", on_token, "pkcs11:token=a;;serial=1", "not known"},
    {"TrailingSemicolon", on_token, "pkcs11:token=a;", "ends in \";\""},
    {"EmptyQuery", on_token, "pkcs11:token=a?", "nothing follows"},
    {"TrailingAmpersand", on_token, "pkcs11:token=a?pin-source=/p&", "ends in \"&\""},
    {"Space", on_token, "pkcs11:token=my token", "space or control"},
    {"NewLine", on_token, "pkcs11:token=a\n", "space or control"},
    {"ZeroByte", on_token, std::string("pkcs11:token=a\0b", 16), "space or control"},
    {"EncodedZeroByte", on_token, "pkcs11:token=a%00", "zero byte"},
    {"HalfAnEncoding", on_token, "pkcs11:token=a%2", "percent-encoded"},
    {"NoHexDigits", on_token, "pkcs11:token=a%zz", "percent-encoded"},
    {"LabelTooLong", on_token, "pkcs11:token=" + std::string(33, 'a'), "malformed"},
    {"VersionWithLetters", on_token, "pkcs11:library-version=2.x", "library-version"},
    {"SlotWithLetters", on_token, "pkcs11:slot-id=0x1", "slot-id"},
    {"NegativeSlot", on_token, "pkcs11:slot-id=-1", "slot-id"},
    {"SlotThatMeansNone", on_token, "pkcs11:slot-id=18446744073709551615", "slot-id"},
    {"SlotThatOverflows", on_token, "pkcs11:slot-id=18446744073709551616", "slot-id"},
    {"PinSourceInThePath", on_token, "pkcs11:token=a;pin-source=/p", "PIN"},
    {"TokenInTheQuery", on_token, "pkcs11:?token=a", "not known"},
    {"ModuleName", on_token, "pkcs11:token=a?module-name=softhsm2", "module-name is not accepted"},
    {"ModulePath", on_token, "pkcs11:token=a?module-path=/x.so", "module-path is not accepted"},
    {"ObjectOfAToken", on_token, "pkcs11:token=a;object=b", "names an object"},
    {"IdOfAToken", on_token, "pkcs11:token=a;id=%01", "names an object"},
    {"PublicKey", on_object, "pkcs11:object=a;type=public", "type=private"},
    {"RelativePinSource", on_token, "pkcs11:token=a?pin-source=pin", "pin-source"},
    {"PinSourceCommand", on_token, "pkcs11:token=a?pin-source=%7C/usr/bin/pin", "pin-source"},
    {"PinSourceOnAnotherHost", on_token, "pkcs11:token=a?pin-source=file://server/pin", "pin-source"},
};
INSTANTIATE_TEST_SUITE_P(Table, MalformedUri, ::testing::ValuesIn(refusal_cases),
                         [](const auto& row) { return std::string(row.param.name); });

class PinInUri : public ::testing::TestWithParam<const char*> {};

TEST_P(PinInUri, IsRefusedAndNeverRepeated) {
    for (const UriKind kind : {UriKind::token, UriKind::object}) {
        const auto uri = Uri::parse(GetParam(), kind);
        ASSERT_FALSE(uri.ok());
        EXPECT_EQ(uri.error().code, ExitCode::input);
        for (const auto& text : {uri.error().what, uri.error().where, uri.error().hint, uri.error().excerpt})
            EXPECT_THAT(text, Not(HasSubstr("4711")));
    }
}

INSTANTIATE_TEST_SUITE_P(Table, PinInUri,
                         ::testing::Values("pkcs11:token=a?pin-value=4711", "pkcs11:token=a;pin-value=4711",
                                           "pkcs11:pin-value=4711", "pkcs11:token=a?PIN-VALUE=4711",
                                           "pkcs11:token=a?pin-source=/p&pin-value=4711",
                                           "pkcs11:token=a?pinvalue=4711", "pkcs11:token=a?pin%2dvalue=4711",
                                           "pkcs11:token=a?4711", "pkcs11:4711", "pkcs11:token=a?pin-source=4711",
                                           "4711", "pkcs11:token=a?pin-value=47 4711"));

struct SourceCase {
    const char* written;
    const char* translated;
};
void PrintTo(const SourceCase& given, std::ostream* stream) {
    *stream << given.written;
}
class PinSourceOfUri : public ::testing::TestWithParam<SourceCase> {};

TEST_P(PinSourceOfUri, IsAFile) {
    const auto uri = Uri::parse(std::string("pkcs11:token=a?pin-source=") + GetParam().written, UriKind::token);
    ASSERT_TRUE(uri.ok()) << uri.error().what;
    EXPECT_EQ(uri->pin_source(), GetParam().translated);
}

constexpr SourceCase source_cases[] = {
    {"/run/pin", "file:/run/pin"},
    {"file:/run/pin", "file:/run/pin"},
    {"file:///run/pin", "file:/run/pin"},
    {"file://localhost/run/pin", "file:/run/pin"},
    {"file:/run/my%20pin", "file:/run/my pin"},
    {"/run/a?b", "file:/run/a?b"},
};
INSTANTIATE_TEST_SUITE_P(Table, PinSourceOfUri, ::testing::ValuesIn(source_cases));

TEST(ObjectUri, HasLabelAndBinaryId) {
    const auto uri = Uri::parse("pkcs11:token=a;object=my%3bkey;id=%00%FF%3B%0a;type=private", UriKind::object);
    ASSERT_TRUE(uri.ok()) << uri.error().what;
    EXPECT_EQ(uri->object_label(), "my;key");
    EXPECT_EQ(uri->object_id(), (Bytes{0x00, 0xff, 0x3b, 0x0a}));
}

TEST(KeyUri, NamesTheKeyWhateverItsNamesHold) {
    TokenInfo token = sample_token();
    token.label = "a;b?c&d=e%f\xc3\xbc";
    const Bytes id{0x00, 0x3b, 0xff};
    const std::string text = key_uri(token, id, "k;?&=% \x01");
    const auto uri = Uri::parse(text, UriKind::object);
    ASSERT_TRUE(uri.ok()) << text << ": " << uri.error().what;
    EXPECT_TRUE(uri->matches(sample_module(), token));
    EXPECT_EQ(uri->object_id(), id);
    EXPECT_EQ(uri->object_label(), "k;?&=% \x01");
    EXPECT_THAT(text, HasSubstr("type=private"));
}

TEST(TokenIdentity, TellsTokensApartThatShareASerial) {
    TokenInfo first = sample_token();
    TokenInfo second = sample_token();
    EXPECT_EQ(first.identity(), second.identity());
    second.slot_id = 9;
    EXPECT_EQ(first.identity(), second.identity());
    second.label = "rp 02";
    EXPECT_NE(first.identity(), second.identity());
}

}  // namespace
}  // namespace hsmreq::token
