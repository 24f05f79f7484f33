// One PIN, one try.
#include <ostream>

#include "integration/faulty_token.hpp"
#include "token/signing.hpp"
#include "token/state.hpp"

namespace hsmreq::token {
namespace {

using ::testing::HasSubstr;

class Login : public test::FaultyToken {
protected:
    void expect_refused(const Status& status, const char* what, long sent) const {
        ASSERT_FALSE(status.ok());
        EXPECT_EQ(status.error().code, ExitCode::login);
        EXPECT_THAT(status.error().what, HasSubstr(what));
        EXPECT_EQ(faults_.calls("C_Login"), sent);
    }
};

TEST_F(Login, WithAWrongPinIsTriedOnceHoweverOftenItIsAskedFor) {
    ASSERT_TRUE(find().ok());
    int prompts = 0;
    LoginOptions options;
    options.prompt = [&](const std::string&) -> Result<Secret> {
        ++prompts;
        return test::secret("wrong pin 4711");
    };
    for (int member = 0; member < 3; ++member) {
        const auto status = token_->login(options);
        ASSERT_FALSE(status.ok());
        EXPECT_EQ(status.error().code, ExitCode::login);
        EXPECT_EQ(status.error().fault->name, "CKR_PIN_INCORRECT");
    }
    EXPECT_EQ(faults_.calls("C_Login"), 1);
    EXPECT_EQ(prompts, 1);
}

TEST_F(Login, IsDoneOnceForAllMembersOfAToken) {
    ASSERT_TRUE(find().ok());
    for (int member = 0; member < 3; ++member) EXPECT_TRUE(login().ok());
    EXPECT_EQ(faults_.calls("C_Login"), 1);
}

TEST_F(Login, BeforeTheFinalTryNeedsConsent) {
    test::FaultRules::set("C_GetTokenInfo=raise-flags:20000");
    ASSERT_TRUE(find().ok());
    expect_refused(login(), "one more wrong PIN would lock", 0);
    const auto allowed = login(test::SoftHsm::pin, true);
    EXPECT_TRUE(allowed.ok()) << allowed.error().what;
    EXPECT_EQ(faults_.calls("C_Login"), 1);
}

TEST_F(Login, ToALockedTokenIsNotTried) {
    test::FaultRules::set("C_GetTokenInfo=raise-flags:40000");
    ASSERT_TRUE(find().ok());
    expect_refused(login(test::SoftHsm::pin, true), "locked", 0);
}

TEST_F(Login, ToATokenWithoutAPinIsNotTried) {
    test::FaultRules::set("C_GetTokenInfo=lower-flags:8");
    ASSERT_TRUE(find().ok());
    expect_refused(login(), "has not been set", 0);
}

TEST_F(Login, ToAnUninitialisedTokenIsNotTried) {
    test::FaultRules::set("C_GetTokenInfo=lower-flags:400");
    ASSERT_TRUE(find().ok());
    expect_refused(login(), "not initialised", 0);
}

TEST_F(Login, WithAPinOfImpossibleLengthIsNotTried) {
    ASSERT_TRUE(find().ok());
    expect_refused(login("123"), "the PIN was not sent", 0);
}

TEST_F(Login, WithoutAProtectedPathCanNotLeaveThePinToTheToken) {
    ASSERT_TRUE(find().ok());
    LoginOptions options;
    options.source.kind = PinSource::Kind::protected_path;
    const auto status = token_->login(options);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ExitCode::login);
    EXPECT_EQ(faults_.calls("C_Login"), 0);
}

TEST_F(Login, ThatFailsForTheDevicesSakeIsATokenError) {
    test::FaultRules::set("C_Login=return:30");
    ASSERT_TRUE(find().ok());
    const auto status = login();
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ExitCode::token);
    EXPECT_FALSE(login().ok());
    EXPECT_EQ(faults_.calls("C_Login"), 1) << "whatever the answer, the PIN has been sent";
}

TEST_F(Login, ThatSomebodyElseDidIsFine) {
    test::FaultRules::set("C_Login=return:100");
    ASSERT_TRUE(find().ok());
    EXPECT_TRUE(login().ok());
}

/// How a module shows that it takes the login to one token for one to all.
struct SharedLoginCase {
    const char* name;
    const char* rule;
    long sent;  ///< PINs, of both tokens
};

void PrintTo(const SharedLoginCase& given, std::ostream* stream) {
    *stream << given.name;
}

constexpr SharedLoginCase shared_login_cases[] = {
    {"ByTheSessionsState", "C_GetSessionInfo#2=state:3;C_GetSessionInfo#3=state:3", 1},
    {"ByTheAnswerToThePin", "C_Login#2=return:100", 2},
};

class SharedLogin : public test::FaultyToken, public ::testing::WithParamInterface<SharedLoginCase> {};

TEST_P(SharedLogin, IsNotTakenForTheSecondTokensOwn) {
    softhsm_.add_token("rp02");
    test::FaultRules::set(GetParam().rule);
    ASSERT_TRUE(find().ok());
    ASSERT_TRUE(login().ok());
    const auto uri = Uri::parse("pkcs11:token=rp02", UriKind::token);
    ASSERT_TRUE(uri.ok());
    auto second = module_->find_token(*uri);
    ASSERT_TRUE(second.ok()) << second.error().what;
    for (int member = 0; member < 2; ++member) {
        const auto refused = (*second)->login(test::login_with(test::SoftHsm::pin));
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().code, ExitCode::token);
        EXPECT_THAT(refused.error().what, HasSubstr("takes the login to token rp01"));
        EXPECT_THAT(refused.error().where, HasSubstr("rp02"));
        EXPECT_THAT(refused.error().hint, HasSubstr("--member"));
    }
    EXPECT_EQ(faults_.calls("C_Login"), GetParam().sent);
    EXPECT_TRUE(login().ok()) << "the first token is as good as before";
}

INSTANTIATE_TEST_SUITE_P(Table, SharedLogin, ::testing::ValuesIn(shared_login_cases),
                         [](const auto& given) { return given.param.name; });

TEST_F(Login, ToTwoTokensOfOneModuleIsDoneForEach) {
    softhsm_.add_token("rp02");
    ASSERT_TRUE(find().ok());
    ASSERT_TRUE(login().ok());
    auto second = module_->find_token(Uri::parse("pkcs11:token=rp02", UriKind::token).value());
    ASSERT_TRUE(second.ok());
    EXPECT_TRUE((*second)->login(test::login_with(test::SoftHsm::pin)).ok());
    EXPECT_EQ(faults_.calls("C_Login"), 2);
}

class Reopening : public test::FaultyToken {};

TEST_F(Reopening, KeepsTheLoginOfTheTokensOwnSession) {
    ASSERT_TRUE(open("").ok());
    ASSERT_TRUE(session_->reopen().ok());
    EXPECT_EQ(faults_.calls("C_Login"), 1);
    EXPECT_TRUE(make(wanted()).ok());
}

/// Takes the login away, as a token does that was reset.
void log_out(Token& token) {
    ASSERT_EQ(token.state().caller.ask(CRYPTOKI(C_Logout), token.state().login_session), CKR_OK);
}

TEST_F(Reopening, LogsInAgainWithThePinThatWasRight) {
    ASSERT_TRUE(open("").ok());
    log_out(*token_);
    ASSERT_TRUE(session_->reopen().ok());
    EXPECT_EQ(faults_.calls("C_Login"), 2);
    EXPECT_TRUE(make(wanted()).ok());
}

TEST_F(Reopening, NeverRepeatsAPinThatHasBecomeWrong) {
    ASSERT_TRUE(open("C_Login#2=return:a0").ok());
    log_out(*token_);
    for (int i = 0; i < 3; ++i) {
        const auto status = session_->reopen();
        ASSERT_FALSE(status.ok());
        EXPECT_EQ(status.error().code, ExitCode::login);
    }
    EXPECT_EQ(faults_.calls("C_Login"), 2);
}

TEST_F(Reopening, SendsNoPinThatWasNeverRead) {
    ASSERT_TRUE(find().ok());
    CK_SESSION_HANDLE other = 0;
    const Caller& caller = token_->state().caller;
    ASSERT_EQ(caller.ask(CRYPTOKI(C_OpenSession), token_->info().slot_id, CK_FLAGS{CKF_SERIAL_SESSION | CKF_RW_SESSION},
                         nullptr, nullptr, &other),
              CKR_OK);
    std::string pin = test::SoftHsm::pin;
    ASSERT_EQ(caller.ask(CRYPTOKI(C_Login), other, CK_USER_TYPE{CKU_USER}, reinterpret_cast<CK_UTF8CHAR*>(pin.data()),
                         CK_ULONG{pin.size()}),
              CKR_OK);
    ASSERT_TRUE(login("never asked for").ok());
    auto opened = token_->open_session();
    ASSERT_TRUE(opened.ok());
    log_out(*token_);
    const auto status = (*opened)->reopen();
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ExitCode::login);
    EXPECT_EQ(faults_.calls("C_Login"), 1) << "the other user's";
}

TEST_F(Reopening, TakesTheOnlySessionOfATokenThatHasOne) {
    ASSERT_TRUE(open("C_OpenSession#2=return:b1;C_OpenSession#3=return:b1").ok());
    EXPECT_EQ(session_->state().handle, token_->state().login_session);
    EXPECT_TRUE(make(wanted()).ok());
    const auto second = token_->open_session();
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, ExitCode::token);
    EXPECT_EQ(second.error().fault->name, "CKR_SESSION_COUNT");
    ASSERT_TRUE(session_->reopen().ok());
    EXPECT_EQ(faults_.calls("C_Login"), 2) << "the login went with the only session";
    const auto found = find_by_id(*session_, id_);
    ASSERT_TRUE(found.ok()) << found.error().what;
    EXPECT_EQ(found->private_keys.size(), 1U);
}

class AlwaysAuthenticate : public test::FaultyToken {};

TEST_F(AlwaysAuthenticate, LogsInForEachSignature) {
    ASSERT_TRUE(open("C_GetAttributeValue=read:202,01;C_Login#2=return:0;C_Login#3=return:0").ok());
    const auto pair = make(wanted());
    ASSERT_TRUE(pair.ok());
    const auto mechanism = choose_signature_mechanism(*token_, KeyAlgorithm::ec_p256, Hash::sha256);
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(sign(*session_, *pair, *mechanism, as_bytes("message")).ok());
    EXPECT_EQ(faults_.calls("C_Login"), 3);
}

TEST_F(AlwaysAuthenticate, StopsAtTheFirstRefusal) {
    ASSERT_TRUE(open("C_GetAttributeValue=read:202,01;C_Login#2=return:a0").ok());
    const auto pair = make(wanted());
    ASSERT_TRUE(pair.ok());
    const auto mechanism = choose_signature_mechanism(*token_, KeyAlgorithm::ec_p256, Hash::sha256);
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(session_->reopen().ok());
        const auto signature = sign(*session_, *pair, *mechanism, as_bytes("message"));
        ASSERT_FALSE(signature.ok());
        EXPECT_EQ(signature.error().code, ExitCode::login);
    }
    EXPECT_EQ(faults_.calls("C_Login"), 2);
    EXPECT_EQ(faults_.calls("C_Sign"), 0);
}

TEST_F(Login, InALaterPhaseTakesThePinThatWasRightAndAsksNobody) {
    PinCache pins;
    auto options = test::login_with(test::SoftHsm::pin);
    options.pins = &pins;
    ASSERT_TRUE(find().ok());
    ASSERT_TRUE(token_->login(options).ok());
    ASSERT_TRUE(find().ok());
    options.prompt = {};
    EXPECT_TRUE(token_->login(options).ok());
    EXPECT_EQ(faults_.calls("C_Login"), 2);
}

TEST_F(Login, InALaterPhaseIsNotTriedWhereAnEarlierOneWasRefused) {
    PinCache pins;
    auto options = test::login_with("wrong pin 4711");
    options.pins = &pins;
    ASSERT_TRUE(find().ok());
    EXPECT_FALSE(token_->login(options).ok());
    ASSERT_TRUE(find().ok());
    options.prompt = test::login_with(test::SoftHsm::pin).prompt;
    const auto again = token_->login(options);
    expect_refused(again ? Status() : Status(again.error()), "CKR_PIN_INCORRECT", 1);
}

}  // namespace
}  // namespace hsmreq::token
