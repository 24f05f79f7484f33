// A session that only reads: what it shows without a login, and that nothing can be changed through it.
#include "integration/faulty_token.hpp"

namespace hsmreq::token {
namespace {

class ReadingSession : public test::FaultyToken {
protected:
    /// A pair is on the token; module and login are gone again.
    void leave_pair() {
        ASSERT_TRUE(open("").ok());
        ASSERT_TRUE(make(wanted()).ok());
        ASSERT_TRUE(find().ok());
        auto opened = token_->open_reading_session();
        ASSERT_TRUE(opened.ok()) << opened.error().what;
        session_ = std::move(*opened);
    }

    Result<FoundObjects> find_by(const std::string& text) {
        const auto uri = Uri::parse(text, UriKind::object);
        if (!uri) return uri.error();
        return find_all_by_uri(*session_, *uri);
    }
};

TEST_F(ReadingSession, ShowsPublicObjectsAloneWithoutALogin) {
    leave_pair();
    const long logins = faults_.calls("C_Login");
    const auto found = find_by_id(*session_, id_);
    ASSERT_TRUE(found.ok()) << found.error().what;
    EXPECT_EQ(found->public_keys.size(), 1U);
    EXPECT_TRUE(found->private_keys.empty());
    EXPECT_TRUE(read_public_key(*session_, found->public_keys.front()).ok());
    EXPECT_EQ(faults_.calls("C_Login"), logins);
}

TEST_F(ReadingSession, ShowsPrivateObjectsWhereSomebodyLoggedIn) {
    leave_pair();
    ASSERT_TRUE(login().ok());
    const auto found = find_by_id(*session_, id_);
    ASSERT_TRUE(found.ok()) << found.error().what;
    EXPECT_EQ(found->private_keys.size(), 1U);
}

TEST_F(ReadingSession, ChangesNothing) {
    leave_pair();
    const auto found = find_by_id(*session_, id_);
    ASSERT_TRUE(found.ok());
    const auto destroyed = destroy(*session_, found->public_keys.front());
    ASSERT_FALSE(destroyed.ok());
    EXPECT_EQ(destroyed.error().fault->name, "CKR_SESSION_READ_ONLY");
    EXPECT_FALSE(generate_key_pair(*session_, wanted()).ok());
    EXPECT_EQ(find_by_id(*session_, id_)->public_keys.size(), 1U);
}

TEST_F(ReadingSession, FindsByLabelAndIdWhateverTheClass) {
    leave_pair();
    for (const char* text : {"pkcs11:object=integration.test", "pkcs11:object=integration.test;type=private"}) {
        const auto found = find_by(text);
        ASSERT_TRUE(found.ok()) << found.error().what;
        EXPECT_EQ(found->public_keys.size(), 1U) << text;
    }
    EXPECT_TRUE(find_by("pkcs11:object=another")->empty());
    EXPECT_TRUE(find_by("pkcs11:object=integration.test;id=%01")->empty());
}

TEST_F(ReadingSession, OfATokenThatIsGoneIsAnError) {
    test::FaultRules::set("C_OpenSession=return:30");
    ASSERT_TRUE(find().ok());
    const auto opened = token_->open_reading_session();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, ExitCode::token);
    EXPECT_EQ(opened.error().fault->name, "CKR_DEVICE_ERROR");
}

}  // namespace
}  // namespace hsmreq::token
