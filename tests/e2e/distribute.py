"""A shared key goes to the other members' tokens, and nowhere else."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cryptoki
import distribute_case
import farms
import harness

OFFICER = "87654321"
KEK = "c0" * 32


class Copies(distribute_case.DistributeCase):
    labels = distribute_case.RP

    def test_every_other_member_gets_a_copy_and_a_second_run_changes_nothing(self):
        farm = self.farm_with_key()
        first = self.distribute(farm, "--json")
        self.assert_code(first, 0)
        self.assertEqual(self.copies(first), [("web", "rp02", "created"), ("web", "rp03", "created")])
        for label in ("rp02", "rp03"):
            self.assert_copy(label)
            self.assert_signs(label)
        before = self.contents()
        second = self.distribute(farm, "--json", fault="")
        self.assert_code(second, 0)
        self.assertEqual(self.copies(second), [("web", "rp02", "unchanged"), ("web", "rp03", "unchanged")])
        self.assertEqual(self.contents(), before)
        for function in ("C_GenerateKey", "C_GenerateKeyPair", "C_WrapKey", "C_UnwrapKey", "C_CreateObject"):
            self.assertEqual(self.calls(function), 0, function)

    def test_every_kind_of_key_travels(self):
        for algorithm in ("rsa-2048", "rsa-4096", "ec-p384", "ec-p521"):
            with self.subTest(algorithm):
                self.out = self.folder / f"out-{algorithm}"
                farm = self.farm_with_key(algorithm=algorithm, name=f"farm-{algorithm}")
                outcome = self.distribute(farm, "--json")
                self.assert_code(outcome, 0)
                self.assertEqual([state for _, _, state in self.copies(outcome)], ["created"] * 2)
                self.assert_code(self.distribute(farm, "--dry-run"), 0)

    def test_an_exchange_key_may_decrypt_and_no_more(self):
        farm = self.farm_with_key(algorithm="rsa-2048", policy="exportable")
        self.assert_code(self.distribute(farm), 0)
        private = next(e for e in farms.objects(self.tokens, "rp02") if e["kind"] == "Private Key")
        self.assertEqual((private["Usage"], private["Access"]), ("decrypt, sign", "sensitive"))

    def test_the_selection(self):
        farm = self.farm_with_key()
        rows = [(("--only", "web/rp03"), ["rp03"]), (("--member", "rp02"), ["rp02"]), (("--shard", "2/2"), ["rp03"]),
                (("--only", "web"), ["rp02", "rp03"])]  # fmt: skip
        for flags, members in rows:
            with self.subTest(flags):
                outcome = self.distribute(farm, "--json", "--dry-run", *flags)
                self.assert_code(outcome, 0)
                self.assertEqual([m for _, m, _ in self.copies(outcome)], members)
        for flags in (("--only", "wib"), ("--only", "web/rp09"), ("--member", "rp04")):
            self.assert_code(self.distribute(farm, *flags), 2)

    def test_a_dry_run_leaves_everything_as_it_was(self):
        farm = self.farm_with_key()
        before = self.contents()
        outcome = self.distribute(farm, "--json", "--dry-run", fault="")
        self.assert_code(outcome, 0)
        self.assertEqual({state for _, _, state in self.copies(outcome)}, {"planned"})
        self.assertEqual(self.contents(), before)
        self.assert_nothing_left()
        self.assertEqual(self.calls("C_Login"), 3)
        for function in ("C_GenerateKeyPair", "C_CreateObject", "C_WrapKey"):
            self.assertEqual(self.calls(function), 0)

    def test_the_evidence_says_what_a_copy_is(self):
        farm = self.farm_with_key()
        self.assert_code(self.distribute(farm, "--reason", "ticket 7"), 0)
        evidence = self.copy_evidence("rp02")
        copy = evidence["copy"]
        self.assertEqual((copy["generated_here"], copy["local"], copy["way"]), (False, False, "tokens-in-reach"))
        self.assertEqual((copy["source"]["member"], copy["source"]["token_label"]), ("rp01", "rp01"))
        self.assertEqual(copy["wrapped_with"], ["CKM_AES_KEY_WRAP_PAD", "CKM_RSA_PKCS_OAEP (sha1)"])
        self.assertEqual(copy["kept_non_extractable_by"], "token-reported")
        self.assertEqual((evidence["key"]["origin"], evidence["run"]["reason"]), ("copied", "ticket 7"))
        source = {(a["object"], a["attribute"]): (a["read"], a["source"]) for a in evidence["key"]["attributes"]}
        self.assertEqual(source["private", "CKA_EXTRACTABLE"], ("false", "probe-tested"))
        for name in ("CKA_LOCAL", "CKA_ALWAYS_SENSITIVE", "CKA_NEVER_EXTRACTABLE"):
            self.assertEqual(source["private", name], ("false", "token-reported"))

    def test_lost_evidence_is_written_again(self):
        farm = self.farm_with_key()
        self.assert_code(self.distribute(farm), 0)
        (self.out / "web.rp02.copy.evidence.json").unlink()
        outcome = self.distribute(farm, "--json")
        self.assertEqual([state for _, _, state in self.copies(outcome)], ["unchanged"] * 2)
        self.assertEqual(self.copy_evidence("rp02")["copy"]["wrapped_with"], [])

    def test_text_for_people(self):
        outcome = self.distribute(self.farm_with_key(), "--verbose")
        self.assert_code(outcome, 0)
        for word in ("created", "rp02", "CKM_AES_KEY_WRAP_PAD", "web.rp03.copy.evidence.json"):
            self.assertIn(word, outcome.stdout)


class OneStep(distribute_case.DistributeCase):
    """CKM_RSA_AES_KEY_WRAP, at both ends or at one."""

    def test_whichever_end_offers_it(self):
        one, two = "CKM_RSA_AES_KEY_WRAP (sha1)", ["CKM_AES_KEY_WRAP_PAD", "CKM_RSA_PKCS_OAEP (sha1)"]
        rows = [(["rp01", "rp02"], [one], [one]), (["rp01"], [one], two[::-1]), (["rp02"], two, [one])]
        for number, (faulty, wrapped, unwrapped) in enumerate(rows):
            with self.subTest(faulty):
                self.out = self.folder / f"out-{number}"
                algorithm = ("ec-p256", "rsa-2048")[number % 2]
                farm = self.farm_with_key(faulty=faulty, name=f"farm{number}", algorithm=algorithm)
                outcome = self.distribute(farm, "--json", fault="C_GetMechanismList=one-step", everywhere=False)
                self.assert_code(outcome, 0)
                copy = self.copy_evidence("rp02")["copy"]
                self.assertEqual((copy["wrapped_with"], copy["unwrapped_with"]), (wrapped, unwrapped))
                self.assertEqual(self.copies(self.distribute(farm, "--json", fault="", everywhere=False)),
                                 [("web", "rp02", "unchanged")])  # fmt: skip


class StandingKey(distribute_case.DistributeCase):
    """With key.wrapping_key that key is used and no other."""

    def setUp(self):
        super().setUp()
        self.uri = 'wrapping_key = "pkcs11:object=kek;type=secret-key"'

    def put(self, label, trusted=True, **uses):
        values = {"TOKEN": True, "PRIVATE": False, "KEY_TYPE": 0x1F, "VALUE": KEK, "LABEL": b"kek".hex(),
                  "SENSITIVE": True, "EXTRACTABLE": False, "ENCRYPT": False, "DECRYPT": False, "TRUSTED": trusted,
                  **uses}  # fmt: skip
        self.hand(label).create("secret", values, officer=OFFICER)

    def farm(self):
        return self.farm_with_key(key=self.uri)

    def test_the_trusted_key_carries_it(self):
        self.put("rp01", WRAP=True, UNWRAP=False)
        self.put("rp02", WRAP=False, UNWRAP=True)
        farm = self.farm()
        outcome = self.distribute(farm, "--json", fault="")
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.json()["items"][0]["mechanisms"], ["CKM_AES_KEY_WRAP_PAD"])
        self.assertEqual(self.calls("C_GenerateKeyPair"), 0, "no other key is made")
        self.assertEqual(self.copy_evidence("rp02")["copy"]["wrapping_key"], "pkcs11:object=kek;type=secret-key")
        self.assert_signs()

    def test_refusals(self):
        farm = self.farm()
        self.assert_code(self.distribute(farm, "--json"), 5)
        self.put("rp01", trusted=False, WRAP=True, UNWRAP=False)
        self.assert_code(self.distribute(farm, "--json"), 4)
        self.assertEqual(farms.objects(self.tokens, "rp02"), [])

    def test_without_it_the_token_refuses_keys_of_one_use(self):
        self.farm()
        plain = self.shared_farm(file="plain.toml")
        outcome = self.distribute(plain, "--json")
        self.assertIn(outcome.code, (4, 7), outcome)
        self.assert_nothing_left()


class Refusals(distribute_case.DistributeCase):
    def test_the_policy_says_no(self):
        rows = [({"policy": "non-exportable", "sharing": "per-member"}, None),
                ({"policy": "non-exportable", "sharing": "shared"}, "policy.shared-key-cannot-travel")]  # fmt: skip
        for options, finding in rows:
            with self.subTest(options):
                outcome = self.distribute(self.shared_farm(**options), "--json", fault="")
                self.assert_one_error_object(outcome, 4)
                self.assertEqual(outcome.error()["finding"], finding)
                self.assertFalse(self.trace.exists(), "no token was opened")

    def test_a_kind_of_key_that_the_source_does_not_wrap(self):
        # SoftHSM wraps no Ed25519 key.
        farm = self.shared_farm(algorithm="ed25519")
        self.assert_code(self.request(farm, "--allow-ed25519"), 0)
        outcome = self.distribute(farm, "--json", "--allow-ed25519")
        self.assert_one_error_object(outcome, 7)
        self.assertEqual(outcome.error()["rv"], "CKR_KEY_NOT_WRAPPABLE")
        self.assert_nothing_left()

    def test_there_is_no_key_yet(self):
        self.assert_finding(self.distribute(self.shared_farm(), "--json"), 5, "key.missing")
        self.assert_nothing_left()

    def test_a_copy_is_not_distributed_again(self):
        farm = self.farm_with_key()
        self.assert_code(self.distribute(farm), 0)
        self.tokens.make_token("rp03")
        turned = self.shared_farm(members=["rp02", "rp03"], file="turned.toml")
        outcome = self.distribute(turned, "--json")
        self.assert_one_error_object(outcome, 4)
        self.assertIn("copy", outcome.error()["message"])
        self.assert_nothing_left("rp03")

    def test_another_key_under_the_same_id_is_left_alone(self):
        farm = self.farm_with_key()
        self.hand("rp02").generate(distribute_case.IDENTITY)
        self.assert_finding(self.distribute(farm, "--json"), 8, "key.changed")
        self.assertEqual(farms.pairs(self.tokens, "rp02"), (1, 1))

    def test_a_private_key_of_another_pair_beside_the_right_public_key(self):
        farm = self.farm_with_key()
        self.assert_code(self.distribute(farm), 0)
        self.hand("rp02").destroy("private", distribute_case.IDENTITY)
        self.hand("rp02").create("private", {
            **cryptoki.PRIVATE, "KEY_TYPE": 3, "EC_PARAMS": cryptoki.CURVES["ec-p256"], "VALUE": "07" * 32,
            "ID": distribute_case.IDENTITY,
        })  # fmt: skip
        self.assert_finding(self.distribute(farm, "--json"), 8, "key.changed")

    def test_two_keys_under_one_id(self):
        farm = self.farm_with_key()
        self.assert_code(self.distribute(farm), 0)
        self.hand("rp02").generate(distribute_case.IDENTITY)
        self.assert_finding(self.distribute(farm, "--json"), 5, "key.ambiguous")

    def test_a_public_object_alone_is_the_trace_of_a_cut_off_run(self):
        farm = self.farm_with_key()
        self.hand("rp02").generate(distribute_case.IDENTITY)
        self.hand("rp02").destroy("private", distribute_case.IDENTITY)
        self.assert_code(self.distribute(farm), 0)
        self.assert_copy()
        self.assert_signs()

    def test_a_copy_that_lost_its_public_object_gets_it_back(self):
        farm = self.farm_with_key()
        self.assert_code(self.distribute(farm), 0)
        self.hand("rp02").destroy("public", distribute_case.IDENTITY)
        outcome = self.distribute(farm, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.copies(outcome), [("web", "rp02", "unchanged")])
        self.assert_copy()

    def test_a_private_key_alone_that_is_another_ones(self):
        farm = self.farm_with_key()
        self.hand("rp02").generate(distribute_case.IDENTITY)
        self.hand("rp02").destroy("public", distribute_case.IDENTITY)
        self.assert_finding(self.distribute(farm, "--json"), 8, "key.changed")
        self.assertEqual(farms.pairs(self.tokens, "rp02"), (1, 0))

    def test_one_failure_does_not_keep_the_others(self):
        self.tokens.make_token("rp03")
        farm = self.farm_with_key(members=list(distribute_case.RP))
        self.hand("rp02").generate(distribute_case.IDENTITY)
        for flags, states in ((("--fail-fast",), ["failed", "failed"]), ((), ["failed", "created"])):
            outcome = self.distribute(farm, "--json", *flags)
            self.assert_one_error_object(outcome, 8)
            self.assertEqual([state for _, _, state in self.copies(outcome)], states)

    def test_members_of_one_token_need_no_copy(self):
        farm = self.shared_farm()
        text = pathlib.Path(farm).read_text().replace("token=rp02", "token=rp01")
        farm = self.write("one.toml", text)
        self.assert_code(self.request(farm), 0)
        outcome = self.distribute(farm, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.copies(outcome), [("web", "rp02", "unchanged")])
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))


if __name__ == "__main__":
    harness.main()
