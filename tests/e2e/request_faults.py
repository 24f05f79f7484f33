"""Tokens that fail, lie or hang in the middle of a run, by means of the fault module."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import request_case
from cryptoki import key_id

FOUR = {name: [f"{name}.example.com"] for name in ("one", "two", "three", "four")}


class FaultCase(request_case.RequestCase):
    def finished_by_a_second_run(self, farm, count):
        """A healthy run completes what is missing, with one pair for each item."""
        outcome = self.request(farm, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (count, count))
        for path in self.out.glob("*.csr"):
            farms.openssl_request(path)
        self.assertEqual(len(list(self.out.glob("*.csr"))), count)
        return outcome


class Failing(FaultCase):
    def test_a_token_that_goes_is_not_asked_again(self):
        rows = [("C_GenerateKeyPair#2=return:30", "CKR_DEVICE_ERROR"), ("C_Sign#2=return:e0", "CKR_TOKEN_NOT_PRESENT"),
                ("C_FindObjectsInit#2=return:32", "CKR_DEVICE_REMOVED")]  # fmt: skip
        for number, (fault, name) in enumerate(rows):
            with self.subTest(name):
                requests = {f"{request}{number}": names for request, names in FOUR.items()}
                farm = self.farm(requests=requests)
                outcome = self.request(farm, "--json", "--accept-new-keys", fault=fault)
                self.assert_one_error_object(outcome, 7)
                items = outcome.json()["items"]
                self.assertEqual([item["state"] for item in items], ["created", "failed", "failed", "failed"])
                self.assertEqual({item["error"]["rv"] for item in items[1:]}, {name})
                function = fault.split("#")[0]
                self.assertEqual([c for c in self.calls() if c not in ("C_FindObjectsFinal", "C_CloseSession",
                                                                       "C_Finalize")][-1], function)  # fmt: skip
                self.finished_by_a_second_run(farm, 4 * (number + 1)) if number == 0 else None

    def test_repair_destroys_no_key_because_a_read_failed(self):
        farm = self.farm(requests={"one": ["one.example.com"]})
        self.assert_code(self.request(farm), 0)
        for value, name in (("6", "CKR_FUNCTION_FAILED"), ("7", "CKR_ARGUMENTS_BAD"), ("80000001", "CKR_VENDOR_DEFINED+0x1")):
            with self.subTest(name):
                outcome = self.request(farm, "--json", "--repair", fault=f"C_GetAttributeValue=return:{value}")
                self.assert_one_error_object(outcome, 7)
                self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))
                self.assertEqual(outcome.error()["function"], "C_GetAttributeValue")
                self.assertIn(name, outcome.error()["message"])

    def test_the_other_token_goes_on(self):
        self.tokens.make_token("rp02")
        farm = self.farm(members=["rp01", "rp02"], requests=FOUR)
        outcome = self.request(farm, "--json", fault="C_Sign#1=return:30")
        self.assert_one_error_object(outcome, 7)
        states = {member: [s for _, m, s in self.states(outcome) if m == member] for member in ("rp01", "rp02")}
        self.assertEqual(states, {"rp01": ["failed"] * 4, "rp02": ["created"] * 4})

    def test_a_lost_session_is_opened_again_and_the_run_goes_on(self):
        faults = ["C_FindObjectsInit#2=return:b3", "C_GenerateKeyPair#2=return:b3", "C_GenerateKeyPair#2=after:b3",
                  "C_GetAttributeValue#3=return:b3", "C_SignInit#2=return:b3", "C_Sign#2=return:b0"]  # fmt: skip
        for number, fault in enumerate(faults):
            with self.subTest(fault):
                farm = self.farm(requests={f"{name}{number}": names for name, names in FOUR.items()})
                outcome = self.request(farm, "--json", "--accept-new-keys", fault=fault)
                self.assert_code(outcome, 0)
                self.assertEqual(farms.pairs(self.tokens, "rp01"), (4 * number + 4, 4 * number + 4))

    def test_an_error_that_left_a_pair_is_reconciled(self):
        for number, value in enumerate(("6", "d1")):  # CKR_FUNCTION_FAILED, CKR_TEMPLATE_INCONSISTENT
            with self.subTest(value):
                farm = self.farm(requests={f"{name}{number}": names for name, names in FOUR.items()})
                fault = f"C_GenerateKeyPair#2=after:{value}"
                outcome = self.request(farm, "--json", "--accept-new-keys", fault=fault)
                self.assert_code(outcome, 0)
                self.assertEqual([item["origin"] for item in outcome.json()["items"]],
                                 ["generated", "adopted", "generated", "generated"])  # fmt: skip
                self.assertEqual(farms.pairs(self.tokens, "rp01"), (4 * number + 4, 4 * number + 4))

    def test_an_error_that_left_nothing_fails_the_item(self):
        outcome = self.request(self.farm(requests=FOUR), "--json", fault="C_GenerateKeyPair#2=return:6")
        self.assert_one_error_object(outcome, 7)
        self.assertEqual([s for _, _, s in self.states(outcome)], ["created", "failed", "created", "created"])
        self.finished_by_a_second_run(self.farm(requests=FOUR), 4)

    def test_a_wrong_signature_publishes_nothing(self):
        farm = self.farm(requests=FOUR)
        outcome = self.request(farm, "--json", fault="C_Sign#3=flip")
        self.assert_one_error_object(outcome, 8)
        self.assertEqual([s for _, _, s in self.states(outcome)], ["created", "created", "failed", "created"])
        self.assertEqual([n for n in self.names() if n.startswith("three")], [])
        again = self.finished_by_a_second_run(farm, 4)
        self.assertEqual([s for _, _, s in self.states(again)], ["unchanged", "unchanged", "recreated", "unchanged"])

    def test_a_call_that_never_comes_back_ends_the_run(self):
        rows = [("C_Sign#2=hang:300", "C_Sign"), ("C_GetAttributeValue#3=hang:300", "C_GetAttributeValue"),
                ("C_Login=hang:300", "C_Login")]  # fmt: skip
        for fault, function in rows:
            with self.subTest(function):
                farm = self.farm(requests=FOUR)
                outcome = self.request(farm, "--json", "--timeout", "1", fault=fault)
                self.assert_one_error_object(outcome, 7)
                self.assertEqual(outcome.error()["function"], function)
                self.assertIn("token rp01", outcome.error()["message"])
                self.assert_valid(outcome.stdout, "request")
                self.finished_by_a_second_run(farm, 4)

    def test_a_finished_item_is_published_though_the_next_one_hangs(self):
        outcome = self.request(self.farm(requests=FOUR), "--json", "--timeout", "1", fault="C_Sign#2=hang:300")
        self.assertEqual([s for _, _, s in self.states(outcome)], ["created", "failed", "failed", "failed"])
        farms.openssl_request(self.out / "one.rp01.csr")


class Lying(FaultCase):
    def test_a_token_that_wraps_what_must_not_leave(self):
        outcome = self.request(self.farm(requests=FOUR), "--json", fault="C_WrapKey=wrap")
        self.assert_finding(outcome, 4, "policy.probe-failed")
        self.assertEqual({s for _, _, s in self.states(outcome)}, {"failed"})
        self.assertEqual(self.names(), ["summary.json"])
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0), "pairs of this run are destroyed")

    def test_an_older_key_survives_a_failed_probe(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        before = self.contents()
        self.assert_finding(self.request(farm, "--json", fault="C_WrapKey=wrap"), 4, "policy.probe-failed")
        self.assertEqual(self.contents(), before)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_an_inconclusive_probe_is_a_warning_and_no_claim(self):
        outcome = self.request(self.farm(), "--json", fault="C_WrapKey=return:6")
        self.assert_code(outcome, 0)
        self.assertEqual([f["id"] for f in self.item(outcome)["findings"]], ["policy.probe-inconclusive"])
        evidence = self.evidence("web.rp01")
        self.assertEqual(evidence["key"]["probe"]["verdict"], "inconclusive")
        source = {a["attribute"]: a["source"] for a in evidence["key"]["attributes"] if a["object"] == "private"}
        self.assertEqual(source["CKA_EXTRACTABLE"], "token-reported")

    def test_the_probe_is_made_once_and_leaves_nothing(self):
        self.assert_code(self.request(self.farm(requests=FOUR), fault=""), 0)
        self.assertLessEqual(self.calls("C_GenerateKey"), 2)
        before = farms.objects(self.tokens, "rp01")
        self.assertEqual(len(before), 8)

    def test_a_pair_that_reads_back_loose_is_destroyed(self):
        rows = [("162,01", "CKA_EXTRACTABLE"), ("103,00", "CKA_SENSITIVE"), ("10c,01", "CKA_DERIVE"),
                ("170,01", "CKA_MODIFIABLE"), ("165,00", "CKA_ALWAYS_SENSITIVE")]  # fmt: skip
        for attribute, name in rows:
            with self.subTest(name):
                outcome = self.request(self.farm(), "--json", fault=f"C_GetAttributeValue=read:{attribute}")
                self.assert_one_error_object(outcome, 4)
                self.assertIn(name, outcome.error()["message"])
                self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))
                self.assertEqual(self.names(), ["summary.json"])

    def test_only_the_pair_of_this_run_is_destroyed(self):
        self.hand().generate(key_id("other", "web", "rp01"))
        outcome = self.request(self.farm(), "--json", fault="C_GetAttributeValue=read:162,01")
        self.assert_finding(outcome, 4, "policy.attribute-differs")
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_local_false_on_a_key_of_this_run_is_a_warning_and_stays_one(self):
        fault = "C_GetAttributeValue=read:163,00"
        for state in ("created", "unchanged"):
            outcome = self.request(self.farm(), "--json", fault=fault)
            self.assert_code(outcome, 0)
            item = self.item(outcome)
            self.assertEqual(item["state"], state)
            self.assertIn("policy.not-generated-in-token", [f["id"] for f in item["findings"]])

    def test_a_shorter_template_that_reads_back_looser_is_refused(self):
        # SoftHSM takes an omitted CKA_COPYABLE for true.
        outcome = self.request(self.farm(), "--json", fault="C_GenerateKeyPair=refuse:171")
        self.assert_finding(outcome, 4, "policy.attribute-differs")
        self.assertIn("CKA_COPYABLE", outcome.error()["message"])
        self.assertGreater(self.calls("C_GenerateKeyPair"), 1)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))

    def test_what_was_left_out_is_on_record_where_it_reads_back_strict(self):
        strict = ";C_GetAttributeValue=read:171,00"
        outcome = self.request(self.farm(), "--json", fault="C_GenerateKeyPair=refuse:171" + strict)
        self.assert_code(outcome, 0)
        left_out = {a["attribute"] for a in self.evidence("web.rp01")["key"]["attributes"] if a["left_out"]}
        self.assertIn("CKA_COPYABLE", left_out)
        self.assertFalse(left_out & {"CKA_EXTRACTABLE", "CKA_SENSITIVE", "CKA_PRIVATE"})

    def test_what_may_never_be_left_out_is_not(self):
        for attribute in ("162", "103", "2"):
            with self.subTest(attribute):
                outcome = self.request(self.farm(), "--json", fault=f"C_GenerateKeyPair=refuse:{attribute}")
                self.assert_one_error_object(outcome, 7)
                self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))


if __name__ == "__main__":
    harness.main()
