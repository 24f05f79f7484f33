"""What `request` does with what it finds under a key's CKA_ID: every row of the table, on fresh tokens."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import request_case
from cryptoki import key_id

ID = key_id("small", "web", "rp01")
STEM = "web.rp01"


class CompletePair(request_case.RequestCase):
    def refused(self, finding, policy="non-exportable", algorithm="ec-p256", **by_hand):
        self.hand().generate(ID, **by_hand)
        outcome = self.request(self.farm(policy=policy, algorithm=algorithm), "--json")
        self.assert_finding(outcome, 4, finding)
        self.assertEqual(self.names(), ["summary.json"])
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))
        return outcome.error()

    def test_one_made_as_the_policy_asks_is_adopted(self):
        self.hand().generate(ID)
        outcome = self.request(self.farm(), "--json")
        self.assert_code(outcome, 0)
        item = self.item(outcome)
        self.assertEqual((item["state"], item["origin"]), ("recreated", "adopted"))
        self.assertEqual(self.evidence(STEM)["key"]["origin"], "adopted")
        farms.openssl_request(self.out / f"{STEM}.csr")
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_rsa_made_as_the_policy_asks_is_adopted(self):
        self.hand().generate(ID, algorithm="rsa-2048", private={"DECRYPT": True})
        self.assert_code(self.request(self.farm(algorithm="rsa-2048")), 0)
        farms.certtool_request(self.out / f"{STEM}.csr")

    def test_each_loose_attribute_is_refused_by_name(self):
        rows = [
            ({"EXTRACTABLE": True}, {}, "CKA_EXTRACTABLE of the private key"),
            ({"SENSITIVE": False}, {}, "CKA_SENSITIVE of the private key"),
            ({"MODIFIABLE": True}, {}, "CKA_MODIFIABLE of the private key"),
            ({"COPYABLE": True}, {}, "CKA_COPYABLE of the private key"),
            ({"DERIVE": True}, {}, "CKA_DERIVE of the private key"),
            ({"UNWRAP": True}, {}, "CKA_UNWRAP of the private key"),
            ({"DECRYPT": True}, {}, "CKA_DECRYPT of the private key"),
            ({"SIGN": False}, {}, "CKA_SIGN of the private key"),
            ({}, {"WRAP": True}, "CKA_WRAP of the public key"),
            ({}, {"ENCRYPT": True}, "CKA_ENCRYPT of the public key"),
        ]
        farm = self.farm()
        for private, public, words in rows:
            with self.subTest(words):
                self.hand().generate(ID, private=private, public=public)
                outcome = self.request(farm, "--json")
                self.assert_finding(outcome, 4, "policy.attribute-differs")
                self.assertIn(words, outcome.error()["message"])
                self.assertEqual(self.names(), ["summary.json"])
                self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1), "an older key stays")
                self.hand().destroy("private", ID)
                self.hand().destroy("public", ID)

    def test_another_algorithm_is_refused(self):
        error = self.refused("policy.attribute-differs", algorithm="ec-p384")
        self.assertIn("the key is ec-p256, the farm asks for ec-p384", error["message"])

    def test_one_that_was_exportable_once_is_not_generated_in_token(self):
        # A key that came from outside has CKA_LOCAL false: p11tool writes one whose other attributes are right.
        key = self.folder / "key.der"
        farms.tool("sh", "-c", 'openssl ecparam -genkey -name prime256v1 -noout | openssl pkey -outform DER -out "$1"',
                   "sh", key)  # fmt: skip
        identity = [ID[i : i + 2] for i in range(0, len(ID), 2)]
        for kind in ("privkey", "pubkey"):
            source = key
            if kind == "pubkey":
                source = self.folder / "public.der"
                farms.tool("openssl", "pkey", "-inform", "DER", "-in", key, "-pubout", "-outform", "DER", "-out", source)
            farms.tool("pkcs11-tool", "--module", self.tokens.module, "--token-label", "rp01", "--login", "--pin",
                       self.tokens.pin, "--write-object", source, "--type", kind, "--id", "".join(identity),
                       "--usage-sign", "--sensitive", env=self.tokens.env)  # fmt: skip
        # The other attributes of such an import differ too; what is told first is up to the order of checks.
        outcome = self.request(self.farm(), "--json")
        self.assert_one_error_object(outcome, 4)
        self.assertIn(outcome.error()["finding"], ("policy.attribute-differs", "policy.not-generated-in-token"))
        self.assertEqual(self.names(), ["summary.json"])

    def test_not_generated_in_the_token_is_refused_when_the_token_says_so(self):
        rows = [("163,00", "CKA_LOCAL"), ("165,00", "CKA_ALWAYS_SENSITIVE"), ("164,00", "CKA_NEVER_EXTRACTABLE")]
        self.hand().generate(ID)
        for attribute, name in rows:
            with self.subTest(name):
                outcome = self.request(self.farm(), "--json", fault=f"C_GetAttributeValue=read:{attribute}")
                self.assert_finding(outcome, 4, "policy.not-generated-in-token")
                self.assertIn(name, outcome.error()["message"])
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_an_exportable_key_need_not_be_never_extractable(self):
        self.hand().generate(ID, private={"EXTRACTABLE": True})
        self.assert_code(self.request(self.farm(policy="exportable")), 0)


class HalfAPair(request_case.RequestCase):
    def test_public_only_is_removed_and_made_again(self):
        self.hand().generate(ID)
        self.hand().destroy("private", ID)
        outcome = self.request(self.farm(), "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.item(outcome)["origin"], "generated")
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_public_only_beside_our_request_is_a_missing_key(self):
        self.assert_code(self.request(self.farm()), 0)
        before = self.contents()
        self.hand().destroy("private", ID)
        outcome = self.request(self.farm(), "--json")
        self.assert_finding(outcome, 5, "key.missing")
        self.assertEqual(self.contents(), before)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 1), "nothing was removed or made")

    def test_private_only_rsa_is_rebuilt_from_its_own_values(self):
        farm = self.farm(algorithm="rsa-2048")
        self.hand().generate(ID, algorithm="rsa-2048", private={"DECRYPT": True})
        self.hand().destroy("public", ID)
        self.assert_code(self.request(farm), 0)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))
        farms.openssl_request(self.out / f"{STEM}.csr")

    def test_private_only_ec_is_rebuilt_from_our_request(self):
        self.assert_code(self.request(self.farm()), 0)
        before = self.contents()
        self.hand().destroy("public", ID)
        hide = "C_GetAttributeValue=unknown:181"
        broken = self.request(self.farm(), "--json", fault=hide)
        # The fault hides the point of the rebuilt object too, so only the real module can finish.
        self.assertNotEqual(broken.code, 0)
        outcome = self.request(self.farm(), "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.item(outcome)["state"], "unchanged")
        self.assertEqual(self.contents(), before)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_private_only_without_values_is_incomplete_until_repair(self):
        self.hand().generate(ID)
        self.hand().destroy("public", ID)
        hide = "C_GetAttributeValue#1=unknown:181;C_GetAttributeValue#2=unknown:181"
        outcome = self.request(self.farm(), "--json", fault=hide)
        self.assert_finding(outcome, 5, "key.incomplete")
        self.assertIn("--repair", outcome.error()["hint"])
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 0), "nothing was removed")
        repaired = self.request(self.farm(), "--json", "--repair", fault=hide)
        self.assert_code(repaired, 0)
        self.assertEqual(self.item(repaired)["origin"], "generated")
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))


class SeveralOrNone(request_case.RequestCase):
    def test_two_pairs_are_ambiguous_and_both_are_named(self):
        for _ in range(2):
            self.hand().generate(ID)
        outcome = self.request(self.farm(), "--json", "--repair", "--replace")
        self.assert_finding(outcome, 5, "key.ambiguous")
        import re

        self.assertEqual(len(set(re.findall(r"\b[0-9a-f]{64}\b", outcome.error()["message"]))), 2, outcome)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (2, 2))

    def test_nothing_but_our_request_is_missing_until_replace(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        old = self.public_key(STEM)
        before = self.contents()
        self.hand().destroy("private", ID)
        self.hand().destroy("public", ID)
        for kept in ("both", "evidence only"):
            with self.subTest(kept):
                outcome = self.request(farm, "--json")
                self.assert_finding(outcome, 5, "key.missing")
                self.assertIn("--replace", outcome.error()["hint"])
                self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))
                self.assertEqual({**self.contents(), f"{STEM}.csr": before[f"{STEM}.csr"]}, before)
                if kept == "both":
                    saved = (self.out / f"{STEM}.csr").read_bytes()
                    (self.out / f"{STEM}.csr").unlink()
        (self.out / f"{STEM}.csr").write_bytes(saved)
        outcome = self.request(farm, "--json", "--replace")
        self.assert_code(outcome, 0)
        item = self.item(outcome)
        self.assertEqual((item["state"], item["origin"]), ("replaced", "generated"))
        self.assertNotEqual(self.public_key(STEM), old)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))
        self.assertEqual(self.states(self.request(farm, "--json")), [("web", "rp01", "unchanged")])

    def test_another_key_than_our_request_s_is_changed_whatever_the_flags(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.hand().destroy("private", ID)
        self.hand().destroy("public", ID)
        self.hand().generate(ID)
        before = self.contents()
        for flags in ([], ["--replace"], ["--repair"]):
            with self.subTest(flags):
                outcome = self.request(farm, "--json", *flags)
                self.assert_finding(outcome, 8, "key.changed")
                self.assertEqual(self.contents(), before)
                self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))


if __name__ == "__main__":
    harness.main()
