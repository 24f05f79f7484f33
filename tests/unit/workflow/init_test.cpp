// Answers as people write them, and what becomes of them.
#include "workflow/init.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"

namespace hsmreq::workflow {
namespace {

struct Written {
    const char* key;
    Words written;
    std::string read;  ///< joined by blanks; "!" and the message when it is refused
};

std::string read_answer(const Written& one) {
    const auto words = interpret(*find_question(one.key), one.written);
    return words ? join(*words, " ") : "!" + words.error().what;
}

class Interpreted : public testing::TestWithParam<Written> {};

TEST_P(Interpreted, AsItIsMeant) {
    EXPECT_EQ(read_answer(GetParam()), GetParam().read);
}

INSTANTIATE_TEST_SUITE_P(
    Init, Interpreted,
    testing::Values(Written{"friendly-name", {"  A name, with comma  "}, "A name, with comma"},
                    Written{"friendly-name", {"-"}, ""},
                    Written{"sip-domain", {"a.com, b.com\tc.com"}, "a.com b.com c.com"},
                    Written{"sip-domain", {"a.com", "b.com", "a.com"}, "a.com b.com"},
                    Written{"sip-domain", {"-"}, "!an answer is needed here"},
                    Written{
                        "token-uri", {"a=pkcs11:token=x,y b=pkcs11:token=z"}, "a=pkcs11:token=x,y b=pkcs11:token=z"},
                    Written{"product", {"l"}, "lync-server-2013"}, Written{"product", {"Generic"}, "generic"},
                    Written{"product", {"skype"}, "!\"skype\" is none of the choices"},
                    Written{"product", {"skype-for-business-2019"}, "skype-for-business-2019"},
                    Written{"algorithm", {"2048"}, "rsa-2048"}, Written{"algorithm", {"P-384"}, "ec-p384"},
                    Written{"algorithm", {"rsa"}, "!\"rsa\" is none of the choices"},
                    Written{"private-key", {"No"}, "non-exportable"}, Written{"private-key", {"exp"}, "exportable"},
                    Written{"key-usage", {"digitalsignature,keyE"}, "digitalSignature keyEncipherment"},
                    Written{"file-format", {"PEM"}, "base64"},
                    Written{"pool", {"web.a.com=pool.a.local:4443"}, "web.a.com=pool.a.local:4443"},
                    Written{"pool", {"web.a.com=https://pool"}, "!`https://pool` is not host[:port]"},
                    Written{"meet", {"a.com=https://meet.a.com"}, "a.com=https://meet.a.com"},
                    Written{"meet", {"https://lync.a.com/?x=https://b"}, "https://lync.a.com/?x=https://b"},
                    Written{"country", {"D1"}, "!`D1` is not a country code"}));

InitResult farm_of(std::vector<std::pair<std::string_view, Words>> given) {
    InitOptions options;
    options.given = std::move(given);
    auto session = begin_init(options);
    EXPECT_TRUE(session) << (session ? "" : session.error().what);
    if (!session) return {};
    auto result = finish_init(*session, options);
    EXPECT_TRUE(result) << (result ? "" : result.error().what);
    return result ? std::move(result).value() : InitResult{};
}

TEST(Init, MeetingUrlsFindTheirSipDomains) {
    const auto result = farm_of({{"common-name", {"web.contoso.com"}},
                                 {"sip-domain", {"contoso.com", "eu.contoso.com", "fabrikam.com"}},
                                 {"meet",
                                  {"https://meet.eu.contoso.com", "https://lync.contoso.com/fabrikam.com/meet",
                                   "https://lync.contoso.com/Meet"}}});
    for (const auto* line : {"\"eu.contoso.com\" = [\"https://meet.eu.contoso.com\"]",
                             "\"fabrikam.com\"   = [\"https://lync.contoso.com/fabrikam.com/meet\"]",
                             "\"contoso.com\"    = [\"https://lync.contoso.com/Meet\"]"})
        EXPECT_THAT(result.text, testing::HasSubstr(line));
}

TEST(Init, DefaultsFollowFromTheAnswersBefore) {
    const auto result =
        farm_of({{"common-name", {"lyncweb.fabrikam.com"}}, {"member", {"a", "b"}}, {"private-key", {"exportable"}}});
    for (const auto* line :
         {"name        = \"fabrikam\"", "\"fabrikam.com\" = [\"https://meet.fabrikam.com\"]",
          "dialin = [\"https://dialin.fabrikam.com\"]", "sharing     = \"shared\"", "uri  = \"pkcs11:token=b\""})
        EXPECT_THAT(result.text, testing::HasSubstr(line));
    EXPECT_EQ(result.plan.items.size(), 1U);
}

TEST(Init, EveryQuestionIsComplete) {
    for (const auto& question : init_questions()) {
        EXPECT_NE(question.title, "") << question.key;
        EXPECT_NE(question.value, "") << question.key;
        EXPECT_TRUE(question.check != nullptr || !question.choices.empty()) << question.key;
        EXPECT_EQ(find_question(question.key), &question);
    }
    EXPECT_EQ(find_question("weather"), nullptr);
}

}  // namespace
}  // namespace hsmreq::workflow
