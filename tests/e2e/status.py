"""`status`: what tokens and files say of a farm's certificates, without a PIN, and what scripts make of it."""

import datetime
import json
import pathlib
import re
import shutil
import ssl
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import issuing
import renewal_case
from renewal_case import key_id

EXAMPLES = harness.SOURCE / "docs" / "examples"


def day(offset):
    """`openssl ca`'s form of a moment so many days from now."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=offset, hours=1)
    return moment.strftime("%y%m%d%H%M%SZ")


def judge_metrics(text):
    """What Debian's promtool has to say."""
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                          timeout=harness.PATIENCE_SECONDS)  # fmt: skip
    if done.returncode != 0 or done.stdout or done.stderr:
        raise AssertionError(f"promtool: {done.stdout}{done.stderr}\n{text}")


def series(text):
    """{(metric, (label, value)...): value} of the text format."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = re.fullmatch(r"(\w+)\{(.*)\} (-?\d+)", line).groups()
        key = (name, *re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels))
        assert key not in found, f"twice: {line}"
        found[key] = int(value)
    return found


class StatusCase(renewal_case.RenewalCase):
    # No PIN can be had from there: whoever asks for one fails.
    def status(self, farm, *more, pin="env:HSMREQ_TEST_NOTHING", **options):
        return self.run_command("status", farm, "--pin-source", pin, *more, **options)

    def told(self, outcome, code=0):
        self.assert_code(outcome, code)
        self.assert_valid(outcome.stdout, "status")
        return outcome.json()

    def item(self, outcome, code=0, number=0):
        return self.told(outcome, code)["items"][number]

    def ids(self, item):
        return [finding["id"] for finding in item["findings"]]


class States(StatusCase):
    def test_the_life_of_a_certificate(self):
        farm = self.farm()
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["state"], item["generation"], item["next"]), ("no-request", None, "request"))
        self.assert_code(self.request(farm), 0)
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["state"], item["generation"], item["next"]), ("waiting", 1, "install"))
        self.certify(1)
        self.certify(1, token=False)
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["state"], item["next"], item["due"]), ("valid", None, False))
        self.assert_code(self.renew(farm), 0)
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["state"], item["generation"], item["pending_generation"], item["next"], item["due"]),
                         ("renewal-pending", 1, 2, "install", False))  # fmt: skip
        self.certify(2)
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["state"], item["generation"], item["pending_generation"], item["older"], item["next"]),
                         ("valid", 2, None, [1], "retire"))  # fmt: skip
        self.assert_code(self.retire(farm, 1, "--yes"), 0)
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["older"], item["next"]), ([], None))
        self.assertEqual([g["private_key"] for g in item["generations"]], ["gone", "unknown"])

    def test_the_certificate_s_facts_are_those_that_openssl_reads(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        file = self.certify(1)
        certificate = self.item(self.status(farm, "--json"))["certificate"]
        text = farms.tool("openssl", "x509", "-in", file, "-noout", "-serial", "-enddate", "-dateopt", "iso_8601",
                          "-fingerprint", "-sha256")  # fmt: skip
        self.assertIn("serial=" + certificate["serial"].upper(), text)
        self.assertIn("notAfter=" + certificate["not_after"].replace("T", " "), text)
        self.assertIn(certificate["sha256"].upper(), text.replace(":", ""))
        self.assertEqual(certificate["sources"], ["token"])
        self.assertEqual(certificate["public_key_sha256"], issuing.public_key_sha256(self.out / "web.rp01.csr"))

    def test_token_and_file_that_agree_are_one_certificate_with_two_sources(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        shutil.copy(self.certify(1), self.out / "web.rp01.pem")
        (self.out / "web.rp01.chain.pem").write_text(self.issuer.root.read_text())
        item = self.item(self.status(farm, "--json"))
        self.assertEqual(item["certificate"]["sources"], ["web.rp01.pem", "token"])
        self.assertEqual(item["generations"][0]["chain_file"], "web.rp01.chain.pem")
        self.assertEqual(self.ids(item), [])

    def test_token_and_file_that_differ_are_told_apart(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.certify(1, begins=day(-10), ends=day(80))
        self.certify(1, token=False, begins=day(-5), ends=day(85))
        item = self.item(self.status(farm, "--json"))
        self.assertEqual(self.ids(item), ["status.certificates-differ"])
        self.assertEqual(item["certificate"]["sources"], ["web.rp01.pem"], "the one that lasts longer")

    def test_the_certificate_of_another_key_does_not_count(self):
        farm = self.farm(requests={"web": ["web.example.com"], "app": ["app.example.com"]})
        self.assert_code(self.request(farm), 0)
        shutil.copy(self.issuer.issue(self.out / "app.rp01.csr"), self.out / "web.rp01.pem")
        item = self.item(self.status(farm, "--json"), 4)
        self.assertEqual((item["state"], item["certificate"], self.ids(item)), ("waiting", None, ["cert.key-mismatch"]))

    def test_a_file_that_is_no_certificate_is_said_to_be_none(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        (self.out / "web.rp01.pem").write_text("not yet\n")
        item = self.item(self.status(farm, "--json"), 4)
        self.assertEqual((item["state"], self.ids(item)), ("waiting", ["cert.malformed"]))

    def test_an_existing_key_is_found_without_a_login(self):
        self.hand().generate("c0ffee", label="bought")
        farm = self.farm(request='key.uri = "pkcs11:object=bought;id=%c0%ff%ee"\n')
        self.assert_code(self.request(farm), 0)
        issuing.store(self.tokens, "rp01", self.issuer.issue(self.out / "web.rp01.csr"), "c0ffee", "bought")
        item = self.item(self.status(farm, "--json"))
        self.assertEqual((item["state"], item["generation"]), ("valid", 1))
        self.assertEqual(item["generations"][0]["key_id"], "c0ffee")

    def test_only_and_member_choose_items(self):
        self.tokens.make_token("rp02")
        farm = self.farm(members=["rp01", "rp02"], requests={"web": ["web.example.com"], "app": ["app.example.com"]})
        for more, expected in (
            ([], [("web", "rp01"), ("web", "rp02"), ("app", "rp01"), ("app", "rp02")]),
            (["--only", "app"], [("app", "rp01"), ("app", "rp02")]),
            (["--only", "app/rp02"], [("app", "rp02")]),
            (["--member", "rp02"], [("web", "rp02"), ("app", "rp02")]),
        ):
            with self.subTest(more):
                items = self.told(self.status(farm, "--json", *more))["items"]
                self.assertEqual([(i["request"], i["member"]) for i in items], expected)
        self.assert_code(self.status(farm, "--only", "webb"), 2)
        self.assert_code(self.status(farm, "--member", "rp03"), 2)

    def test_copies_of_a_shared_key_stand_by_themselves(self):
        self.tokens.make_token("rp02")
        farm = self.farm(members=["rp01", "rp02"], sharing="shared", policy="wrap-only")
        self.assert_code(self.request(farm), 0)
        items = self.told(self.status(farm, "--json"))["items"]
        self.assertEqual([(i["token_member"], i["copy"], i["state"]) for i in items],
                         [("rp01", False, "waiting"), ("rp02", True, "not-distributed")])  # fmt: skip
        self.assert_code(self.run_command("distribute", farm), 0)
        issuing.store(self.tokens, "rp02", self.issuer.issue(self.out / "web.csr"), key_id(member=""))
        items = self.told(self.status(farm, "--json", "--member", "rp02"))["items"]
        self.assertEqual([(i["token_member"], i["copy"], i["state"]) for i in items], [("rp02", True, "valid")])
        judge_metrics(self.status(farm, "--format", "prometheus").stdout)


class Due(StatusCase):
    def certified(self, begins, ends, **options):
        farm = self.farm(**options)
        self.assert_code(self.request(farm), 0)
        self.certify(1, begins=day(begins), ends=day(ends))
        return farm

    def test_a_third_of_the_lifetime_is_the_usual_warning(self):
        rows = [((-60, 31), False), ((-62, 28), True)]
        for (begins, ends), due in rows:
            with self.subTest(left=ends):
                shutil.rmtree(self.folder / "softhsm" / "tokens")
                (self.folder / "softhsm" / "tokens").mkdir()
                self.tokens.make_token("rp01")
                shutil.rmtree(self.out, ignore_errors=True)
                document = self.told(self.status(self.certified(begins, ends), "--json"))
                item = document["items"][0]
                self.assertEqual((document["due"], item["due"]), (due, due))
                self.assertEqual(self.ids(item), ["cert.expires-soon"] if due else [])
                self.assertEqual(item["certificate"]["days_left"], ends)

    def test_warn_days_and_what_a_script_sees(self):
        farm = self.certified(-70, 20)
        for days, due in (("15", False), ("30", True)):
            outcome = self.status(farm, "--json", "--warn-days", days)
            self.assertEqual(self.told(outcome)["due"], due)
            outcome = self.status(farm, "--warn-days", days, "--exit-code")
            self.assert_code(outcome, 4 if due else 0)
        self.assertIn("a renewal is due: web rp01", outcome.stderr)
        self.assertIn("hsmreq renew", outcome.stderr)
        outcome = self.status(farm, "--json", "--warn-days", "30", "--exit-code")
        self.assert_one_error_object(outcome, 4)
        self.assertEqual(outcome.json()["items"][0]["next"], "renew")
        self.assert_code(self.renew(farm), 0)
        self.assert_code(self.status(farm, "--warn-days", "30", "--exit-code"), 0)

    def test_expired_and_not_yet_valid_are_errors(self):
        farm = self.certified(-90, -2)
        item = self.item(self.status(farm, "--json"), 4)
        self.assertEqual((item["state"], item["due"], item["next"], self.ids(item)),
                         ("expired", True, "renew", ["cert.expired"]))  # fmt: skip
        self.assertLess(item["certificate"]["days_left"], 0)
        outcome = self.status(farm)
        self.assert_code(outcome, 4)
        self.assertIn("cert.expired", outcome.stderr)
        self.hand().destroy("certificate", key_id())
        self.certify(1, begins=day(3), ends=day(80))
        item = self.item(self.status(farm, "--json"), 4)
        self.assertEqual((item["state"], item["due"], self.ids(item)), ("not-yet-valid", False, ["cert.not-yet-valid"]))

    def test_names_that_the_farm_now_wants_make_it_due(self):
        farm = self.certified(-1, 89)
        text = pathlib.Path(farm).read_text().replace("['web.example.com']", "['web.example.com', 'new.example.com']")
        wider = self.write("wider.toml", text)
        item = self.item(self.status(wider, "--json"), 4)
        self.assertEqual((item["due"], item["missing_names"], self.ids(item)),
                         (True, ["new.example.com"], ["name.missing"]))  # fmt: skip
        # The names are asked for on the same key: what is due now is the CA's answer.
        self.assert_code(self.run_command("renew", wider, "--same-key", "--replace"), 0)
        item = self.item(self.status(wider, "--json"), 4)
        self.assertEqual((item["due"], item["next"]), (False, "install"))

    def test_names_that_the_farm_no_longer_wants_are_a_warning(self):
        farm = self.certified(-1, 89, requests={"web": ["web.example.com", "old.example.com"]})
        text = pathlib.Path(farm).read_text().replace(", 'old.example.com'", "")
        item = self.item(self.status(self.write("less.toml", text), "--json"))
        self.assertEqual((item["unexpected_names"], self.ids(item), item["due"]),
                         (["old.example.com"], ["name.unexpected"], False))  # fmt: skip

    def test_an_accepted_finding_does_not_refuse(self):
        farm = self.certified(-90, -2)
        text = pathlib.Path(farm).read_text() + '\n[[rules.accept]]\nfinding = "cert.expired"\nreason = "moving away"\n'
        outcome = self.status(self.write("accepted.toml", text), "--json")
        self.assertEqual(self.item(outcome)["findings"][0]["accepted"], "moving away")


class Tokens(StatusCase):
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


class Output(StatusCase):
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
        self.assertRegex(outcome.stdout, r"valid +web +rp01 +2 +\d+ +\S+Z +retire")
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


if __name__ == "__main__":
    harness.main()
