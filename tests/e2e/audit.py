"""`audit`: keys made by hand and by the program, compared with the farm's policy; nothing is ever changed."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cryptoki
import farms
import harness
import issuing
import renewal_case
from renewal_case import key_id


class AuditCase(renewal_case.RenewalCase):
    def audit(self, farm, *more, **options):
        return self.run_command("audit", farm, *more, **options)

    def audit_token(self, *more, label="rp01"):
        return harness.run(["audit", "--token", f"pkcs11:token={label}", "--module", self.tokens.module, "--pin-source",
                            f"file:{self.tokens.pin_file}", *more], env=self.tokens.env)  # fmt: skip

    def told(self, outcome, code=0):
        """(state, finding ids) of each item; the token and the directory are as they were before."""
        self.assert_code(outcome, code)
        self.assert_valid(outcome.stdout, "audit")
        return [(item["state"], [f["id"] for f in item["findings"]]) for item in outcome.json()["items"]]

    def message(self, outcome, finding):
        return next(f["message"] for item in outcome.json()["items"] for f in item["findings"] if f["id"] == finding)

    def certificate(self, identity, label="rp01", subject="stray.example.com", token=True):
        """A certificate for a key that no token has."""
        farms.tool("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                   self.folder / "stray.key", "-subj", f"/CN={subject}", "-out", self.folder / "stray.csr")  # fmt: skip
        issuing.store(self.tokens, label, self.issuer.issue(self.folder / "stray.csr"), identity, subject)


class Farm(AuditCase):
    def test_keys_as_the_policy_asks_draw_nothing(self):
        farm = self.farm()
        self.generations(farm, 2)
        self.certify(2, token=False)
        held, files = self.held(), self.contents()
        outcome = self.audit(farm, "--json")
        self.assertEqual(self.told(outcome), [("kept", []), ("kept", [])])
        items = outcome.json()["items"]
        self.assertEqual([item["generation"] for item in items], [1, 2])
        self.assertEqual([item["key_id"] for item in items], [key_id(1), key_id(2)])
        self.assertEqual(items[0]["public_key_sha256"], issuing.public_key_sha256(self.out / "web.rp01.csr"))
        self.assertEqual((items[0]["algorithm"], len(items[0]["certificates"])), ("ec-p256", 1))
        self.assert_code(self.retire(farm, 1, "--yes"), 0)
        self.assertEqual(self.told(self.audit(farm, "--json")), [("retired", []), ("kept", [])])
        self.assertEqual({**self.held(), key_id(1): held[key_id(1)]}, held)
        self.assertEqual(self.contents(), {**files, **{n: c for n, c in self.contents().items() if "retired" in n}})

    def test_each_loose_attribute_is_named(self):
        rows = [
            ({"EXTRACTABLE": True}, {}, "CKA_EXTRACTABLE of the private key is true, not false"),
            ({"SENSITIVE": False}, {}, "CKA_SENSITIVE of the private key is false, not true"),
            ({"MODIFIABLE": True}, {}, "CKA_MODIFIABLE of the private key"),
            ({"DERIVE": True}, {}, "CKA_DERIVE of the private key"),
            ({"UNWRAP": True}, {}, "CKA_UNWRAP of the private key"),
            ({}, {"WRAP": True}, "CKA_WRAP of the public key"),
        ]
        for private, public, words in rows:
            with self.subTest(words):
                self.hand().generate(key_id(), private=private, public=public)
                outcome = self.audit(self.farm(), "--json")
                self.assertEqual(self.told(outcome),
                                 [("kept", ["audit.looser-than-policy", "audit.key-without-certificate"])])  # fmt: skip
                self.assertIn(words, self.message(outcome, "audit.looser-than-policy"))
                self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))
                for kind in ("private", "public"):
                    self.hand().destroy(kind, key_id())

    def test_a_key_of_another_kind_is_an_error(self):
        self.hand().generate(key_id(), algorithm="ec-p384")
        outcome = self.audit(self.farm(), "--json")
        self.assertEqual(self.told(outcome, 4),
                         [("kept", ["policy.attribute-differs", "audit.key-without-certificate"])])  # fmt: skip
        self.assertEqual(outcome.error()["code"], 4)

    def test_an_imported_key_is_looser(self):
        key, public = self.folder / "key.der", self.folder / "public.der"
        farms.tool("sh", "-c", 'openssl ecparam -genkey -name prime256v1 -noout | openssl pkey -outform DER -out "$1"',
                   "sh", key)  # fmt: skip
        farms.tool("openssl", "pkey", "-inform", "DER", "-in", key, "-pubout", "-outform", "DER", "-out", public)
        for kind, file in (("privkey", key), ("pubkey", public)):
            farms.tool("pkcs11-tool", "--module", self.tokens.module, "--token-label", "rp01", "--login", "--pin",
                       self.tokens.pin, "--write-object", file, "--type", kind, "--id", key_id(), "--usage-sign",
                       "--sensitive", env=self.tokens.env)  # fmt: skip
        outcome = self.audit(self.farm(), "--json")
        self.assertIn("CKA_LOCAL", self.message(outcome, "audit.looser-than-policy"))

    def test_states_that_a_cut_off_run_leaves(self):
        farm = self.farm()
        self.assertEqual(self.told(self.audit(farm, "--json")), [("missing", [])])
        self.hand().generate(key_id())
        self.hand().destroy("private", key_id())
        self.assertEqual(self.told(self.audit(farm, "--json"), 4), [("incomplete", ["key.incomplete"])])
        self.hand().destroy("public", key_id())
        for _ in range(2):
            self.hand().generate(key_id())
        self.assertEqual(self.told(self.audit(farm, "--json"), 4), [("ambiguous", ["key.ambiguous"])])
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (2, 2))

    def test_files_and_token_disagree(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        for kind in ("private", "public"):
            self.hand().destroy(kind, key_id())
        self.assertEqual(self.told(self.audit(farm, "--json"), 4), [("missing", ["key.missing"])])
        self.hand().generate(key_id())
        self.assertEqual(self.told(self.audit(farm, "--json"), 4),
                         [("kept", ["audit.key-without-certificate", "key.changed"])])  # fmt: skip

    def test_certificates_without_keys_and_for_other_keys(self):
        farm = self.farm()
        self.certificate(key_id())
        outcome = self.audit(farm, "--json")
        self.assertEqual(self.told(outcome), [("certificate-only", ["audit.certificate-without-key"])])
        self.assertIn("stray.example.com", self.message(outcome, "audit.certificate-without-key"))
        self.hand().generate(key_id())
        self.assertEqual(self.told(self.audit(farm, "--json"), 4), [("kept", ["cert.key-mismatch"])])

    def test_orphans_are_known_by_their_labels(self):
        farm = self.farm(requests={"web": ["web.example.com"], "old": ["old.example.com"]})
        self.assert_code(self.request(farm), 0)
        self.hand().generate("dead", label="small.web.rp01.g7")
        self.hand().generate("beef", label="other application")
        self.hand().generate(cryptoki.key_id("small.sub", "web", "rp01"), label="small.sub.web.rp01.g1")
        outcome = self.audit(self.farm(), "--json")
        orphans = [item for item in outcome.json()["items"] if item["state"] == "orphan"]
        self.assertEqual(sorted(item["label"] for item in orphans), ["small.old.rp01.g1", "small.web.rp01.g7"])
        self.assertTrue(all(f["id"] == "audit.orphan-key" for item in orphans for f in item["findings"]))
        self.assert_code(outcome, 0)

    def test_the_key_of_another_member_is_out_of_place(self):
        self.tokens.make_token("rp02")
        self.hand("rp02").generate(key_id(), label="small.web.rp01.g1")
        outcome = self.audit(self.farm(members=["rp01", "rp02"]), "--json")
        self.assertEqual([(i["state"], i["token"]) for i in outcome.json()["items"]],
                         [("missing", "rp01"), ("missing", "rp02"), ("orphan", "rp02")])  # fmt: skip
        outcome = self.audit(self.farm(members=["rp01", "rp02"]), "--json", "--member", "rp01")
        self.assertEqual([i["token"] for i in outcome.json()["items"]], ["rp01"])

    def test_members_of_one_token_are_no_orphans_to_each_other(self):
        farm = self.farm(members=["rp01", "rp02"])
        text = pathlib.Path(farm).read_text().replace("pkcs11:token=rp02", "pkcs11:token=rp01")
        farm = self.write("one-token.toml", text)
        self.assert_code(self.request(farm), 0)
        states = [(i["member"], i["state"]) for i in self.audit(farm, "--json").json()["items"]]
        self.assertEqual(states, [("rp01", "kept"), ("rp02", "kept")])
        outcome = self.audit(farm, "--json", "--member", "rp02")
        self.assertEqual([(i["member"], i["state"]) for i in outcome.json()["items"]], [("rp02", "kept")])

    def test_a_copy_of_a_shared_key_must_not_leave_again(self):
        self.tokens.make_token("rp02")
        farm = self.farm(members=["rp01", "rp02"], sharing="shared", policy="exportable")
        self.assert_code(self.request(farm), 0)
        self.assertEqual(len(self.told(self.audit(farm, "--json"))), 1, "what was not distributed is not missed")
        self.hand("rp02").generate(key_id(1, "web", ""), private={"EXTRACTABLE": True})
        outcome = self.audit(farm, "--json")
        self.assertIn("CKA_EXTRACTABLE", self.message(outcome, "audit.looser-than-policy"))
        self.assertEqual([i["token_member"] for i in outcome.json()["items"]], ["rp01", "rp02"])

    def test_an_existing_key_is_judged_too(self):
        self.hand().generate("c0ffee", label="bought", private={"DERIVE": True})
        farm = self.farm(request='key.uri = "pkcs11:object=bought;id=%c0%ff%ee"\n')
        outcome = self.audit(farm, "--json")
        self.assertEqual(self.told(outcome), [("kept", ["audit.looser-than-policy", "audit.key-without-certificate"])])

    def test_one_token_out_of_reach_does_not_hide_the_other(self):
        farm = self.farm(members=["rp01", "rp02"])
        self.hand().generate(key_id())
        outcome = self.audit(farm, "--json")
        self.assert_one_error_object(outcome, 5)
        self.assertEqual([i["state"] for i in outcome.json()["items"]], ["kept", "failed"])

    def test_text_quiet_and_refusals(self):
        self.hand().generate(key_id())
        farm = self.farm()
        outcome = self.audit(farm)
        self.assert_code(outcome, 0)
        self.assertIn("audit.key-without-certificate", outcome.stdout)
        self.assertEqual(self.audit(farm, "--quiet").stdout, "")
        self.assert_code(self.audit(self.farm(file="bad.toml", requests={"web": ["bad_name.example.com"]})), 4)
        self.assert_code(self.audit(farm, "--member", "rp09"), 2)
        wrong = self.write("wrong", "00000000")
        pathlib.Path(wrong).chmod(0o600)
        outcome = self.audit(farm, "--json", "--pin-source", f"file:{wrong}", fault="")
        self.assert_one_error_object(outcome, 6)
        self.assertEqual(self.calls("C_Login"), 1)

    def test_it_calls_nothing_that_changes_a_token(self):
        farm = self.farm()
        self.generations(farm, 2)
        self.assert_code(self.audit(farm, fault=""), 0)
        self.assertEqual({call for call in self.calls() if call.startswith(("C_Create", "C_Generate", "C_Destroy", "C_Set",
                          "C_Copy", "C_Sign", "C_Wrap", "C_Unwrap", "C_Derive"))}, set())  # fmt: skip

    def test_a_broken_token_ends_in_a_code(self):
        self.hand().generate(key_id())
        for fault in ("C_FindObjects=return:30", "C_GetAttributeValue=return:30", "C_GetAttributeValue=return:82"):
            with self.subTest(fault):
                outcome = self.audit(self.farm(), "--json", fault=fault)
                self.assertIn(outcome.code, (4, 7), outcome)
                self.assert_valid(outcome.stdout, "audit")

    def test_a_read_that_fails_is_no_verdict_on_the_key(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.assert_code(self.audit(farm, fault=""), 0)
        codes = []
        for number in range(1, self.calls("C_GetAttributeValue") + 1):
            with self.subTest(number):
                outcome = self.audit(farm, "--json", fault=f"C_GetAttributeValue#{number}=return:6")
                self.assertNotIn("key.incomplete", outcome.stdout)
                codes.append(outcome.code)
        # The last two are the search for orphans, which passes over an object without a label.
        self.assertEqual(codes, [7] * 4 + [0] * 2)


class WholeToken(AuditCase):
    def test_every_key_is_listed_and_ours_are_recognised(self):
        farm = self.farm(name="small.farm", requests={"web.site": ["web.example.com"]})
        self.assert_code(self.request(farm), 0)
        self.hand().generate("beef", algorithm="rsa-2048", label="foreign", private={"EXTRACTABLE": True})
        self.certificate("abcd")
        outcome = self.audit_token("--json")
        items = {item["label"]: item for item in outcome.json()["items"]}
        self.told(outcome)
        ours = items["small.farm.web.site.rp01.g1"]
        self.assertEqual((ours["farm"], ours["request"], ours["member"], ours["generation"]),
                         ("small.farm", "web.site", "rp01", 1))  # fmt: skip
        self.assertEqual([f["id"] for f in ours["findings"]], ["audit.key-without-certificate"])
        foreign = items["foreign"]
        self.assertEqual((foreign["farm"], foreign["algorithm"]), (None, "rsa-2048"))
        self.assertIn("CKA_EXTRACTABLE", foreign["findings"][0]["message"])
        self.assertEqual(items["stray.example.com"]["state"], "certificate-only")
        self.assertEqual([f["id"] for f in items["stray.example.com"]["findings"]], ["audit.certificate-without-key"])

    def test_a_ca_s_certificate_needs_no_key(self):
        issuing.store(self.tokens, "rp01", self.issuer.root, "ca", "root")
        self.assertEqual(self.told(self.audit_token("--json")), [("certificate-only", [])])

    def test_an_empty_token(self):
        outcome = self.audit_token()
        self.assert_code(outcome, 0)
        self.assertIn("There is no key.", outcome.stdout)

    def test_refusals(self):
        self.assert_code(harness.run(["audit", "--token", "pkcs11:token=rp01"]), 2)
        self.assert_code(self.audit_token(self.farm()), 2)
        self.assert_one_error_object(self.audit_token("--json", label="nobody"), 5)
        outcome = harness.run(["audit", "--token", "pkcs11:color=red", "--module", self.tokens.module, "--json"],
                              env=self.tokens.env)  # fmt: skip
        self.assert_one_error_object(outcome, 3)
        secret = harness.run(["audit", "--token", "pkcs11:token=rp01?pin-value=73105264", "--module",
                              self.tokens.module], env=self.tokens.env)  # fmt: skip
        self.assert_code(secret, 3)
        self.assertNotIn("73105264", secret.stdout + secret.stderr)


if __name__ == "__main__":
    harness.main()
