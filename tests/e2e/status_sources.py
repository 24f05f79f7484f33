"""`status`: tokens without a PIN, files alone, what can't be read; metrics, conflicts and the calendar."""

import datetime
import json
import pathlib
import re
import shutil
import ssl
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness
import renewal_case
import status_case
from renewal_case import key_id
from status_case import day, judge_metrics, series

EXAMPLES = harness.SOURCE / "docs" / "examples"


class Tokens(status_case.StatusCase):
    def test_no_pin_is_read_and_nothing_is_changed(self):
        farm = self.farm()
        self.generations(farm, 2)
        held, files = self.held(), self.contents()
        self.assert_code(self.status(farm, fault=""), 0)
        calls = set(self.calls())
        self.assertEqual({call for call in calls if call.startswith(("C_Login", "C_Create", "C_Generate", "C_Destroy",
                          "C_Set", "C_Copy", "C_Sign", "C_Wrap", "C_Unwrap", "C_Derive"))}, set())  # fmt: skip
        self.assertEqual((self.held(), self.contents()), (held, files))

    def test_private_logs_in_and_sees_private_keys(self):
        farm = self.farm()
        self.generations(farm, 2)
        self.certify(2)
        self.assertEqual([g["private_key"] for g in self.item(self.status(farm, "--json"))["generations"]],
                         ["unknown", "unknown"])  # fmt: skip
        outcome = self.status(farm, "--json", "--private", pin=f"file:{self.tokens.pin_file}", fault="")
        self.assertEqual([g["private_key"] for g in self.item(outcome)["generations"]], ["present", "present"])
        self.assertEqual(self.calls("C_Login"), 1)

    def test_a_private_certificate_shows_after_a_login_only(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        pem = pathlib.Path(self.issuer.issue(self.out / "web.rp01.csr")).read_text()
        self.hand().create("certificate", {"TOKEN": True, "PRIVATE": True, "CERTIFICATE_TYPE": 0, "ID": key_id(),
                           "SUBJECT": "3000", "VALUE": ssl.PEM_cert_to_DER_cert(pem).hex()})  # fmt: skip
        self.assertEqual(self.item(self.status(farm, "--json"))["state"], "waiting")
        outcome = self.status(farm, "--json", "--private", pin=f"file:{self.tokens.pin_file}")
        self.assertEqual(self.item(outcome)["state"], "valid")

    def test_a_wrong_pin_is_tried_once_and_hides_nothing(self):
        self.tokens.make_token("rp02")
        farm = self.farm(members=["rp01", "rp02"])
        self.assert_code(self.request(farm), 0)
        wrong = self.write("wrong", "00000000")
        pathlib.Path(wrong).chmod(0o600)
        outcome = self.status(farm, "--json", "--private", pin=f"file:{wrong}", fault="")
        self.assert_one_error_object(outcome, 6)
        self.assertEqual(self.calls("C_Login"), 1)
        self.assertEqual([i["state"] for i in outcome.json()["items"]], ["waiting", "waiting"])

    def test_a_token_out_of_reach_does_not_hide_what_the_files_know(self):
        self.tokens.make_token("rp02")
        farm = self.farm(members=["rp01", "rp02"])
        self.assert_code(self.request(farm), 0)
        shutil.copy(self.issuer.issue(self.out / "web.rp02.csr"), self.out / "web.rp02.pem")
        text = pathlib.Path(farm).read_text().replace("token=rp02", "token=gone")
        outcome = self.status(self.write("gone.toml", text), "--json")
        self.assert_one_error_object(outcome, 5)
        self.assert_valid(outcome.stdout, "status")
        items = outcome.json()["items"]
        self.assertEqual([(i["state"], i["error"] is None) for i in items], [("waiting", True), ("valid", False)])
        outcome = self.status(str(self.folder / "gone.toml"), "--format", "prometheus")
        self.assert_code(outcome, 5)
        judge_metrics(outcome.stdout)
        errors = {dict(key[1:])["member"]: v for key, v in series(outcome.stdout).items() if key[0] == "hsmreq_token_error"}
        self.assertEqual(errors, {"rp01": 0, "rp02": 1})

    def test_a_stopped_module_does_not_either(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        for fault, code in (("C_OpenSession=return:30", 7), ("C_FindObjectsInit=return:30", 7),
                            ("C_Initialize=return:30", 7)):  # fmt: skip
            with self.subTest(fault):
                outcome = self.status(farm, "--json", fault=fault)
                self.assert_one_error_object(outcome, code)
                self.assertEqual(outcome.json()["items"][0]["state"], "waiting")

    def test_nor_does_one_that_never_answers(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        outcome = self.status(farm, "--json", "--timeout", "1", fault="C_FindObjectsInit=hang:300")
        self.assert_one_error_object(outcome, 7)
        self.assertEqual(outcome.error()["function"], "C_FindObjectsInit")
        self.assertEqual(outcome.json()["items"][0]["state"], "waiting")

    def test_files_alone_are_enough(self):
        farm = self.farm()
        self.generations(farm, 2)
        self.certify(1, token=False)
        shutil.rmtree(self.folder / "softhsm")
        item = self.item(self.status(farm, "--json", "--files-only"))
        self.assertEqual((item["state"], item["generation"], item["token"]), ("renewal-pending", 1, None))
        self.assertEqual(item["certificate"]["sources"], ["web.rp01.pem"])
        self.assert_code(self.status(farm), 7)

    def test_the_token_alone_is_enough(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.certify(1)
        outcome = self.status(farm, "--json", out=self.folder / "nowhere")
        self.assertEqual(self.item(outcome)["state"], "valid")
        self.assertFalse((self.folder / "nowhere").exists())

    def test_rules_that_refuse_stop_it_before_a_token(self):
        outcome = self.status(self.farm(requests={"web": ["bad_name.example.com"]}), "--json", fault="")
        self.assert_one_error_object(outcome, 4)
        self.assertFalse(self.trace.exists())
        self.assertEqual([item["state"] for item in outcome.json()["items"]], ["no-request"])


class Output(status_case.StatusCase):
    def test_metrics_pass_promtool_and_say_what_the_json_says(self):
        self.tokens.make_token("rp02")
        farm = self.farm(members=["rp01", "rp02"])
        self.assert_code(self.request(farm), 0)
        self.certify(1, begins=day(-80), ends=day(10))
        outcome = self.status(farm, "--format", "prometheus")
        self.assert_code(outcome, 0)
        judge_metrics(outcome.stdout)
        found = series(outcome.stdout)
        certificate = self.item(self.status(farm, "--json"))["certificate"]
        labels = (("farm", "small"), ("request", "web"), ("member", "rp01"))
        ends = datetime.datetime.fromisoformat(certificate["not_after"].replace("Z", "+00:00"))
        self.assertEqual(found["hsmreq_certificate_not_after_timestamp_seconds", *labels, ("generation", "1")],
                         int(ends.timestamp()))  # fmt: skip
        self.assertEqual(found["hsmreq_renewal_due", *labels], 1)
        self.assertEqual(found["hsmreq_item_state", *labels, ("state", "valid")], 1)
        self.assertEqual(found["hsmreq_item_state", *labels[:2], ("member", "rp02"), ("state", "waiting")], 1)
        self.assertEqual(sum(v for key, v in found.items() if key[0] == "hsmreq_item_state"), 2)

    def test_metrics_of_nothing_at_all(self):
        outcome = self.status(self.farm(), "--format", "prometheus", "--files-only")
        judge_metrics(outcome.stdout)

    def test_format_json_is_json_and_conflicts_are_refused(self):
        farm = self.farm()
        one, other = (self.status(farm, *words, "--files-only").json() for words in (["--json"], ["--format", "json"]))
        self.assertEqual({**one, "time": ""}, {**other, "time": ""})
        self.assert_code(self.status(farm, "--json", "--format", "json"), 0)
        for words in (["--json", "--format", "prometheus"], ["--format", "text", "--json"], ["--format", "yaml"],
                      ["--warn-days", "0"], ["--warn-days", "soon"], ["--private", "--files-only"],
                      ["--format", "text", "--format", "json"]):  # fmt: skip
            with self.subTest(words):
                outcome = self.status(farm, *words)
                self.assert_code(outcome, 2)
                self.assertEqual(outcome.stdout, "")
        self.assert_one_error_object(self.status(farm, "--format=json", "--warn-days", "x"), 2)

    def test_text_names_the_next_command_and_what_to_retire(self):
        farm = self.farm()
        self.generations(farm, 2)
        self.certify(2)
        outcome = self.status(farm)
        self.assertRegex(outcome.stdout, r"valid +web +rp01 +2 +\d+ +\S+Z +no +retire")
        command = re.search(r"hsmreq (retire .*)", outcome.stdout)[1].split()
        done = self.run_command(command[0], command[1], *command[2:], "--yes")
        self.assert_code(done, 0)
        self.assertNotIn("To retire", self.status(farm).stdout)
        self.assertEqual(self.status(farm, "--quiet").stdout, "")
        self.assertIn("serial 4002", self.status(farm, "--verbose").stdout)


class Calendar(harness.TestCase):
    """No token and no file is needed for it."""

    def entries(self, ca, date):
        text = (EXAMPLES / "contoso.toml").read_text()
        farm = self.write("farm.toml", re.sub(r'^ca +=.*$', f'ca = "{ca}"', text, flags=re.MULTILINE))
        outcome = harness.run(["status", farm, "--json", "--files-only", "--date", date])
        self.assert_code(outcome, 0)
        self.assert_valid(outcome.stdout, "status")
        return [(e["from"], e["topic"], e["past"], e["days"]) for e in outcome.json()["calendar"]]

    def test_each_ca_has_its_days_and_the_common_ones(self):
        limits = [("2026-03-15", "validity", True, 200), ("2027-03-15", "validity", False, 100),
                  ("2029-03-15", "validity", False, 47)]  # fmt: skip
        common = ("2027-03-15", "client-auth", False, None)
        rows = {
            "public": [],
            "lets-encrypt": [("2026-07-08", "client-auth", True, None)],
            "google": [("2026-04-13", "client-auth", True, None)],
            "digicert": [("2027-03-01", "client-auth", False, None)],
            "sectigo": [("2026-05-15", "client-auth", True, None)],
        }
        for ca, own in rows.items():
            with self.subTest(ca):
                self.assertEqual(sorted(self.entries(ca, "2026-11-25"), key=str),
                                 sorted([*limits, common, *own], key=str))  # fmt: skip
        self.assertEqual(self.entries("private", "2026-11-25"), [])

    def test_the_date_says_what_is_past(self):
        past = {date: [e[0] for e in self.entries("public", date) if e[2]]
                for date in ("2026-03-14", "2027-03-14", "2027-03-15", "2029-03-15")}  # fmt: skip
        self.assertEqual(past, {"2026-03-14": ["2020-09-01"], "2027-03-14": ["2026-03-15"],
                                "2027-03-15": ["2027-03-15", "2027-03-15"],
                                "2029-03-15": ["2027-03-15", "2029-03-15"]})  # fmt: skip

    def test_renewals_a_year(self):
        outcome = harness.run(["status", str(EXAMPLES / "contoso.toml"), "--json", "--files-only", "--date", "2026-11-25"])
        rows = {e["days"]: (e["least_renewals_a_year"], e["usual_renewals_a_year"])
                for e in json.loads(outcome.stdout)["calendar"] if e["days"]}  # fmt: skip
        self.assertEqual(rows, {200: (2, 3), 100: (4, 6), 47: (8, 12)})
        self.assertEqual(json.loads(outcome.stdout)["certificates"], 2)
        text = harness.run(["status", str(EXAMPLES / "contoso.toml"), "--files-only", "--date", "2026-11-25"]).stdout
        self.assertIn("from  2029-03-15  a new certificate is valid for 47 days at most: 12 renewals a year for each "
                      "certificate, 24 for this farm's 2; 8 for each that serves to its last day\n", text)  # fmt: skip


if __name__ == "__main__":
    harness.main()
