"""[evidence] key: keys that can't sign, tokens that don't, and what they leave unmade."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import signing_case
from cryptoki import key_id


class Refusing(signing_case.SigningCase):
    def test_no_key(self):
        self.assert_finding(self.request(self.signed_farm(), "--json"), 5, "evidence.key-missing")
        self.assert_nothing_made()

    def test_no_token(self):
        outcome = self.request(self.signed_farm("pkcs11:token=gone;object=ev"), "--json")
        self.assert_one_error_object(outcome, 5)
        self.assertIn("evidence.key", outcome.error()["message"])
        self.assert_nothing_made()

    def test_two_keys(self):
        self.make_evidence_key(identity="0a")
        self.make_evidence_key(identity="0b")
        self.assert_finding(self.request(self.signed_farm(), "--json"), 5, "evidence.key-ambiguous")
        self.assert_nothing_made()

    def test_a_wrong_pin(self):
        self.make_evidence_key()
        wrong = self.folder / "wrong"
        wrong.write_text("00000000")
        wrong.chmod(0o600)
        farm = self.signed_farm(more=f'pin_source = "file:{wrong}"\n')
        outcome = self.request(farm, "--json", fault="")
        self.assert_one_error_object(outcome, 6)
        self.assertIn("evidence.key", outcome.error()["message"])
        self.assertEqual(self.calls("C_Login"), 2)
        self.assertNotIn("C_GenerateKeyPair", self.calls())
        self.assert_nothing_made()

    def test_a_key_that_may_not_sign(self):
        self.hand("log").generate("0a", label="ev", private={"SIGN": False})
        self.assert_finding(self.request(self.signed_farm(), "--json"), 4, "evidence.key-unusable")
        self.assert_nothing_made()

    def test_a_key_without_a_readable_public_key(self):
        self.make_evidence_key()
        self.tool("--delete-object", "--type", "pubkey", "--label", "ev")
        self.assert_finding(self.request(self.signed_farm(), "--json"), 4, "evidence.key-unusable")
        self.assert_nothing_made()

    def test_the_key_of_a_certificate_by_its_id(self):
        self.assert_code(self.request(self.farm()), 0)
        farm = self.signed_farm(f"pkcs11:token=rp01;id=%{'%'.join(chunks(key_id('small', 'web', 'rp01')))}")
        before = self.contents()
        self.assert_finding(self.request(farm, "--json"), 4, "evidence.key-of-certificate")
        self.assertEqual(self.contents(), before)

    def test_the_key_of_a_certificate_by_its_public_key(self):
        self.make_evidence_key("old", token="rp01")
        farm = self.signed_farm("pkcs11:token=rp01;object=old",
                                request='[request.key]\nuri = "pkcs11:object=old"\n', policy="exportable")  # fmt: skip
        self.assert_finding(self.request(farm, "--json"), 4, "evidence.key-of-certificate")
        self.assertEqual(self.names(), ["summary.json"])

    def test_a_uri_that_names_no_object(self):
        outcome = self.request(self.signed_farm("pkcs11:token=log"))
        self.assert_code(outcome, 3)
        self.assertIn("evidence.key names a token and no key in it", outcome.stderr)

    def test_a_token_that_signs_wrongly(self):
        self.make_evidence_key()
        for number, names in ((1, []), (3, [])):  # the trial before any key is made; the statement's own
            with self.subTest(signature=number):
                outcome = self.request(self.signed_farm(), "--json", fault=f"C_Sign#{number}=flip")
                self.assert_one_error_object(outcome, 8)
                self.assertIn("evidence key's signature", outcome.error()["message"])
                self.assertEqual([n for n in self.names() if n != "summary.json"], names)
        self.assert_code(self.request(self.signed_farm()), 0)
        self.assert_signed("web.rp01", self.read_public_key())
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_a_token_that_goes_in_the_middle(self):
        self.make_evidence_key()
        requests = {name: [f"{name}.example.com"] for name in ("one", "two", "three")}
        farm = self.signed_farm(requests=requests)
        # Signatures: trial, request one, its evidence, request two, its evidence.
        outcome = self.request(farm, "--json", fault="C_Sign#5=return:30")
        self.assert_one_error_object(outcome, 7)
        self.assertEqual([state for _, _, state in self.states(outcome)], ["created", "failed", "failed"])
        self.assertEqual([n for n in self.names() if n.startswith(("two", "three"))], [])
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (2, 2))  # nothing is made whose evidence can't be signed
        self.assert_code(self.request(farm), 0)
        for name in requests:
            self.assert_signed(f"{name}.rp01", self.read_public_key())

    def test_a_lost_session_is_opened_again(self):
        self.make_evidence_key()
        for number, fault in enumerate(("C_Sign#3=return:b3", "C_SignInit#3=return:b3", "C_SignInit#3=return:60")):
            with self.subTest(fault):
                farm = self.signed_farm(requests={f"web{number}": ["web.example.com"]})
                self.assert_code(self.request(farm, "--accept-new-keys", fault=fault), 0)
                self.assert_signed(f"web{number}.rp01", self.read_public_key())

    def test_a_signature_that_never_comes_ends_the_run(self):
        self.make_evidence_key()
        for fault in ("C_Sign#1=hang:300", "C_Sign#3=hang:300"):
            with self.subTest(fault):
                outcome = self.request(self.signed_farm(), "--json", "--timeout", "1", fault=fault)
                self.assert_one_error_object(outcome, 7)
                self.assertEqual(outcome.error()["function"], "C_Sign")
                self.assertIn("token log", outcome.error()["message"])
        self.assert_code(self.request(self.signed_farm()), 0)
        self.assert_signed("web.rp01", self.read_public_key())


def chunks(identity):
    return [identity[i : i + 2] for i in range(0, len(identity), 2)]


if __name__ == "__main__":
    harness.main()
