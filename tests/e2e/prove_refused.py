"""Proofs that fail: what is wrong, which code it ends with, and that nothing is written."""

import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness
import issuing
import prove_case
from renewal_case import key_id

SERVER = "basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = {usage}\n"
NAMES = "subjectAltName = {names}\n"
EXPIRED = {"begins": "200101000000Z", "ends": "200201000000Z"}


class Certificates(prove_case.ProveCase):
    def test_what_a_client_would_not_believe(self):
        farm = self.trusting(requests={"web": ["web.example.com", "meet.example.com"]})
        self.assert_code(self.request(farm), 0)
        stranger = issuing.Issuer(self.folder / "stranger", name="Another root")
        middle = issuing.Issuer(self.folder / "middle", above=self.issuer, name="Test issuer")
        both = NAMES.format(names="DNS:web.example.com, DNS:meet.example.com")
        good = SERVER.format(usage="serverAuth")
        rows = [
            ("a name missing", ["meet.example.com"],
             {"extensions": good + NAMES.format(names="DNS:web.example.com")}),
            ("the asked name missing", ["web.example.com"],
             {"extensions": good + NAMES.format(names="DNS:meet.example.com")}),
            ("a name in the subject alone", ["web.example.com", "meet.example.com"],
             {"extensions": good + NAMES.format(names="DNS:other.example.com")}),
            ("another root", ["TLS 1.2", "unable to get local issuer"], {"issuer": stranger}),
            ("an intermediate that is not there", ["TLS 1.2", "unable to get local issuer"], {"issuer": middle}),
            ("expired", ["TLS 1.2", "expired"], EXPIRED),
            ("not yet valid", ["TLS 1.2", "not yet valid"], {"begins": "400101000000Z", "ends": "400201000000Z"}),
            ("not for servers", ["TLS 1.2", "purpose"],
             {"extensions": SERVER.format(usage="clientAuth") + both}),
        ]  # fmt: skip
        for case, words, options in rows:
            with self.subTest(case):
                self.install(**options)
                outcome = self.refused(farm, 8, *words)
                self.assertEqual(self.proofs(outcome), [("web", "rp01", 1, "failed")])
        self.install(extensions=good + both)
        self.assert_code(self.prove(farm), 0)

    def test_a_certificate_of_another_key(self):
        farm = self.trusting(requests={"web": ["web.example.com"], "meet": ["web.example.com"]})
        self.assert_code(self.request(farm), 0)
        self.install(of="meet.rp01")
        outcome = self.refused(farm, 8, "another key", more=["--only", "web"])
        self.assertEqual(outcome.error()["finding"], "cert.key-mismatch")
        self.assertEqual(outcome.json()["items"][0]["certificate"]["place"], "web.rp01.pem")

    def test_no_certificate(self):
        farm = self.trusting()
        self.assert_code(self.request(farm), 0)
        self.refused(farm, 5, "no certificate", "hsmreq install", "--interim")

    def test_no_key(self):
        farm = self.ready()
        self.tokens.make_token("other")
        empty = self.write("other.toml", pathlib.Path(farm).read_text().replace("token=rp01", "token=other"))
        outcome = self.refused(empty, 5, "web.rp01.pem exists")
        self.assertEqual(outcome.error()["finding"], "key.missing")
        (self.out / "web.rp01.pem").unlink()
        outcome = self.refused(empty, 5, "no key of request web")
        self.assertEqual(outcome.error()["finding"], "key.missing")

    def test_two_keys_under_one_id(self):
        farm = self.ready()
        self.hand().generate(key_id())
        outcome = self.refused(farm, 5, "same CKA_ID")
        self.assertEqual(outcome.error()["finding"], "key.ambiguous")

    def test_a_file_that_is_no_certificate(self):
        farm = self.ready()
        (self.out / "web.rp01.pem").write_text("nonsense")
        self.refused(farm, 3, "no certificate")

    def test_the_others_are_proved_unless_told_to_stop(self):
        names = ("a", "b", "c")
        farm = self.trusting(requests={name: [f"{name}.example.com"] for name in names})
        self.assert_code(self.request(farm), 0)
        for name in names:
            self.install(f"{name}.rp01", **(EXPIRED if name == "b" else {}))
        outcome = self.prove(farm, "--json")
        self.assert_one_error_object(outcome, 8)
        self.assertEqual([state for *_, state in self.proofs(outcome)], ["proved", "failed", "proved"])
        self.assertIn("c.rp01.prove.evidence.json", self.names())
        outcome = self.prove(farm, "--json", "--fail-fast")
        self.assert_one_error_object(outcome, 8)
        self.assertEqual([state for *_, state in self.proofs(outcome)], ["proved", "failed", "failed"])
        self.assertIn("--fail-fast", outcome.json()["items"][2]["error"]["message"])


class Input(prove_case.ProveCase):
    def test_names_that_the_plan_has_not(self):
        farm = self.ready()
        for flags in (["--only", "wbe"], ["--only", "web/rp09"], ["--member", "rp09"]):
            with self.subTest(flags):
                self.assert_one_error_object(self.prove(farm, "--json", *flags), 2)

    def test_roots_that_can_not_be_read(self):
        farm = self.ready()
        self.issuer.root.rename(self.folder / "elsewhere")
        outcome = self.prove(farm, "--json", fault="")
        self.assert_one_error_object(outcome, 3)
        self.assertFalse(self.trace.exists())

    def test_a_plan_that_the_rules_refuse(self):
        farm = self.trusting(requests={"web": ["web_1.example.com"]})
        outcome = self.prove(farm, "--json", fault="")
        self.assert_one_error_object(outcome, 4)
        self.assertFalse(self.trace.exists())

    def test_an_output_directory_that_can_not_be_written(self):
        farm = self.ready()
        moved = self.folder / "moved"
        self.out.rename(moved)
        self.out.write_text("a file")
        self.assert_one_error_object(self.prove(farm, "--json"), 9)

    def test_a_dry_run_without_an_output_directory(self):
        farm = self.ready()
        shutil.rmtree(self.out)
        self.assert_one_error_object(self.prove(farm, "--json", "--dry-run"), 5)
        self.assertFalse(self.out.exists())


class Pins(prove_case.ProveCase):
    def test_a_wrong_pin_is_sent_once_and_libp11_never_sees_it(self):
        farm = self.ready()
        wrong = self.folder / "wrong"
        wrong.write_text("99999999")
        wrong.chmod(0o600)
        outcome = self.refused(farm, 6, "CKR_PIN_INCORRECT", more=["--pin-source", f"file:{wrong}"], fault="")
        self.assertEqual((self.calls("C_Login"), self.calls("C_Initialize")), (1, 1))
        self.assertNotIn("99999999", repr(outcome))

    def test_a_token_that_refuses_the_second_login(self):
        farm = self.ready()
        outcome = self.refused(farm, 6, "C_Login", "CKR_PIN_INCORRECT", fault="C_Login#2=return:a0")
        self.assertEqual(outcome.error()["function"], "C_Login")
        self.assertEqual((self.calls("C_Login"), self.calls("C_Finalize")), (2, 2))


class Faults(prove_case.ProveCase):
    def test_a_signature_with_a_wrong_bit(self):
        for algorithm in ("ec-p256", "rsa-2048"):
            with self.subTest(algorithm):
                self.out = self.folder / algorithm
                farm = self.ready(algorithm=algorithm, name=algorithm, file=f"{algorithm}.toml")
                self.refused(farm, 8, "TLS 1.2", "bad signature", fault="C_Sign=flip")
                self.refused(farm, 8, "TLS 1.3", "bad signature", fault="C_Sign#2=flip")

    def test_a_decryption_that_fails(self):
        farm = self.ready(algorithm="rsa-2048")
        outcome = self.refused(farm, 7, "C_Decrypt", "CKR_DEVICE_ERROR", fault="C_Decrypt=return:30")
        self.assertEqual(outcome.error()["rv"], "CKR_DEVICE_ERROR")
        self.refused(farm, 7, "C_DecryptInit", "CKR_KEY_FUNCTION_NOT_PERMITTED", fault="C_DecryptInit=return:68")
        self.refused(farm, 7, "C_DecryptInit", "CKR_MECHANISM_INVALID", fault="C_DecryptInit=return:70")

    def test_a_signature_that_the_token_refuses(self):
        farm = self.ready()
        outcome = self.refused(farm, 7, "C_Sign", "CKR_DEVICE_ERROR", fault="C_Sign=return:30")
        self.assertEqual((outcome.error()["function"], outcome.error()["rv"]), ("C_Sign", "CKR_DEVICE_ERROR"))

    def test_a_read_that_fails_within_libp11_accuses_no_certificate(self):
        farm = self.ready()
        self.assert_code(self.prove(farm, fault=""), 0)
        calls = self.calls()
        libp11 = len(calls) - calls[::-1].index("C_Initialize")
        reads = ("C_FindObjectsInit", "C_FindObjects", "C_FindObjectsFinal", "C_GetAttributeValue")
        codes = set()
        for place in [i for i in range(libp11, len(calls)) if calls[i] in reads]:
            fault = f"{calls[place]}#{calls[: place + 1].count(calls[place])}=return:30"
            with self.subTest(fault):
                outcome = self.prove(farm, "--json", fault=fault)
                self.assertIn(outcome.code, (0, 5, 7), outcome)
                codes.add(outcome.code)
        self.assertIn(7, codes)

    def test_a_session_that_is_lost_is_opened_again(self):
        farm = self.ready()
        self.assert_code(self.prove(farm, fault="C_FindObjectsInit#1=return:b3"), 0)
        self.assertEqual((self.calls("C_Login"), self.calls("C_Initialize")), (2, 2))

    def test_a_token_with_one_session_to_give(self):
        farm = self.ready()
        self.assert_code(self.prove(farm, fault="C_OpenSession#2=return:b1"), 0)
        self.assertEqual(self.calls("C_OpenSession"), 3)

    def test_after_the_token_is_gone_its_other_keys_are_not_tried(self):
        farm = self.trusting(requests={name: [f"{name}.example.com"] for name in "ab"})
        self.assert_code(self.request(farm), 0)
        for name in "ab":
            self.install(f"{name}.rp01")
        self.refused(farm, 7, "CKR_DEVICE_ERROR", fault="C_Sign=return:30")
        self.assertEqual(self.calls("C_Sign"), 1)

    def test_calls_that_do_not_come_back(self):
        farm = self.ready(algorithm="rsa-2048")
        rows = [("C_Decrypt=hang:60", "C_Decrypt"), ("C_Initialize#2=hang:60", "C_Initialize"),
                ("C_Login#2=hang:60", "C_Login"), ("C_Sign=hang:60", "C_Sign"),
                ("C_Finalize#2=hang:60", "C_Finalize")]  # fmt: skip
        for fault, function in rows:
            with self.subTest(fault):
                outcome = self.prove(farm, "--json", "--timeout", "1", fault=fault)
                self.assert_one_error_object(outcome, 7)
                self.assertIn(f"{function} did not come back", outcome.error()["message"])
                self.assert_valid(outcome.stdout, "prove")

    def test_libp11_waits_for_ever_where_a_session_fails_and_we_do_not(self):
        farm = self.ready()
        outcome = self.prove(farm, "--json", "--timeout", "2", fault="C_OpenSession#3=return:30")
        self.assert_one_error_object(outcome, 7)
        self.assertIn("C_OpenSession or C_Login did not come back", outcome.error()["message"])

    def test_a_token_without_the_mechanism_for_tls_1_3(self):
        farm = self.ready(algorithm="rsa-2048")
        outcome = self.refused(farm, 7, "no TLS 1.3", "CKM_RSA_X_509", "libp11", fault="C_GetMechanismList=hide:3")
        self.assertEqual([h["protocol"] for h in outcome.json()["items"][0]["handshakes"]], ["TLSv1.2"])

    def test_an_ed25519_key_and_what_it_hides(self):
        farm = self.trusting(algorithm="ed25519", name="ed")
        self.assert_code(self.request(farm, "--allow-ed25519"), 0)
        self.install()
        outcome = self.refused(farm, 7, "Ed25519", "0.4.17", more=["--allow-ed25519"])
        self.assertEqual(outcome.error()["finding"], "key.ed25519-libp11")
        self.out = self.folder / "beside"
        farm = self.ready()
        self.refused(farm, 7, "libp11 can't list the token's keys", "Ed25519")


if __name__ == "__main__":
    harness.main()
