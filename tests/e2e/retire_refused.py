"""`retire`: the question before it, and what it refuses to destroy."""

import pathlib
import shutil
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import renewal_case
from renewal_case import key_id

MARKER = ["Public Key"]
PAIR = ["Private Key", "Public Key"]


class Asking(renewal_case.RenewalCase):
    def arguments(self, farm, *more):
        return ["retire", farm, "--out", str(self.out), "--request", "web", "--generation", "1", *more]

    def test_without_a_terminal_nothing_is_opened(self):
        farm = self.farm()
        self.generations(farm, 2)
        for flags in ([], ["--compromised"], ["--json"]):
            outcome = self.retire(farm, 1, *flags, fault="")
            self.assert_code(outcome, 2)
            self.assertFalse(self.trace.exists())
            self.assertIn("--yes", outcome.stderr)

    def test_only_yes_is_yes(self):
        farm = self.farm()
        self.generations(farm, 2)
        held = self.held()
        for answer in ("no", "y", ""):
            with harness.TerminalRun(self.arguments(farm), env=self.tokens.env) as run:
                run.wait_for("Type yes to destroy it: ")
                self.assertIn("no other is unexpired", run.shown)
                run.type(answer + "\n")
                self.assertEqual(run.finish(), 130)
                self.assertIn("nothing was destroyed", run.shown)
            self.assertEqual(self.held(), held)
        with harness.TerminalRun(self.arguments(farm, "--compromised"), env=self.tokens.env) as run:
            run.wait_for("Type yes to destroy it: ")
            self.assertIn("keyCompromise", run.shown)
            run.type("yes\n")
            self.assertEqual(run.finish(), 0)
        self.assertEqual(self.held()[key_id(1)], MARKER)

    def test_compromised_tells_the_steps_that_come_before(self):
        farm = self.farm()
        self.generations(farm, 2)
        serial = self.retire(farm, 1, "--dry-run", "--json").json()["certificates"][0]["serial"]
        outcome = self.retire(farm, 1, "--compromised", "--yes", "--json")
        self.assert_code(outcome, 0)
        steps = outcome.json()["revocation"]
        self.assertTrue(any(serial in step and "keyCompromise" in step for step in steps), steps)
        self.assertTrue(self.record("web.rp01.retired.json")["run"]["compromised"])

    def test_a_certificate_in_token_and_file_is_revoked_once(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        shutil.copy(self.certify(), self.out / "web.rp01.pem")
        self.assert_code(self.renew(farm), 0)
        held = self.retire(farm, 1, "--dry-run", "--json").json()["certificates"]
        self.assertEqual([(one["serial"], one["unexpired"]) for one in held], [(held[0]["serial"], True)] * 2)
        steps = self.retire(farm, 1, "--compromised", "--dry-run", "--json").json()["revocation"]
        self.assertEqual(len([step for step in steps if held[0]["serial"] in step]), 1)

    def test_a_compromised_current_key_is_told_what_to_do(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        outcome = self.retire(farm, 1, "--compromised", "--yes", "--json")
        self.assert_finding(outcome, 4, "key.current")
        self.assertIn("hsmreq renew", outcome.json()["revocation"][0])
        self.assertEqual(self.held(), {key_id(1): PAIR})

    def test_an_interruption_while_asking_destroys_nothing(self):
        farm = self.farm()
        self.generations(farm, 2)
        held = self.held()
        with harness.TerminalRun(self.arguments(farm), env=self.tokens.env) as run:
            run.wait_for("Type yes to destroy it: ")
            run.send_signal(signal.SIGINT)
            self.assertEqual(run.finish(), 130)
        self.assertEqual(self.held(), held)


class Refused(renewal_case.RenewalCase):
    def test_the_current_generation(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        held = self.held()
        outcome = self.retire(farm, 1, "--yes", "--json")
        self.assert_finding(outcome, 4, "key.current")
        self.assertIn("--all", outcome.error()["hint"])
        self.assertEqual((self.held(), self.names()),
                         (held, ["summary.json", "web.rp01.csr", "web.rp01.evidence.json"]))  # fmt: skip

    def test_what_is_not_there(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.assert_finding(self.retire(farm, 2, "--yes", "--json"), 5, "key.missing")
        self.assert_finding(self.retire(farm, 2, "--all", "--yes", "--json"), 5, "key.missing")
        self.assert_one_error_object(self.retire(farm, 1, "--yes", "--json", request="wep"), 2)
        self.assertIn("did you mean web", self.retire(farm, 1, "--yes", request="wep").stderr)
        self.assert_one_error_object(self.retire(farm, 1, "--yes", "--json", "--member", "rp02"), 2)

    def test_an_existing_key(self):
        self.hand().generate("c0ffee", label="bought")
        farm = self.farm(request='key.uri = "pkcs11:object=bought;id=%c0%ff%ee"\n')
        self.assert_code(self.request(farm), 0)
        for flags in ([], ["--all"]):
            self.assert_finding(self.retire(farm, 1, "--yes", "--json", *flags), 4, "key.existing")
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))

    def test_words(self):
        farm = self.farm()
        rows = [
            ["--request", "web"],
            ["--generation", "1"],
            ["--request", "web", "--generation", "0"],
            ["--request", "web", "--generation", "1", "--public-key", "abc"],
            ["--request", "web", "--generation", "1", "--listener", "host"],
            ["--request", "web", "--generation", "1", "--all", "--public-key", "0" * 64],
        ]
        for row in rows:
            with self.subTest(row):
                self.assert_code(self.run_command("retire", farm, "--yes", *row), 2)

    def test_a_wrong_pin_is_tried_once(self):
        farm = self.farm()
        self.generations(farm, 2)
        wrong = self.write("wrong", "00000000")
        pathlib.Path(wrong).chmod(0o600)
        outcome = self.retire(farm, 1, "--yes", "--json", "--pin-source", f"file:{wrong}", fault="")
        self.assert_one_error_object(outcome, 6)
        self.assertEqual(self.calls("C_Login"), 1)
        self.assertNotIn("web.rp01.retired.json", self.names())

    def test_where_no_record_can_be_written_nothing_is_destroyed(self):
        farm = self.farm()
        self.generations(farm, 2)
        held = self.held()
        self.out.rename(self.folder / "elsewhere")
        self.out.write_text("")
        self.assert_one_error_object(self.retire(farm, 1, "--yes", "--json"), 9)
        self.assertEqual(self.held(), held)

    def test_a_token_that_only_says_it_destroyed_the_key(self):
        farm = self.farm()
        self.generations(farm, 2)
        outcome = self.retire(farm, 1, "--yes", "--json", fault="C_DestroyObject=return:0")
        self.assert_one_error_object(outcome, 8)
        self.assertEqual(self.record("web.rp01.retired.json")["state"], "begun")
        self.assertEqual(outcome.json()["items"][0]["state"], "failed")
        self.assert_code(self.retire(farm, 1, "--yes"), 0)
        self.assertEqual(self.record("web.rp01.retired.json")["state"], "done")

    def test_a_call_that_hangs(self):
        farm = self.farm()
        self.generations(farm, 2)
        outcome = self.retire(farm, 1, "--yes", "--json", "--timeout", "1", fault="C_DestroyObject=hang:30")
        self.assert_one_error_object(outcome, 7)
        self.assertIn("C_DestroyObject", outcome.error()["message"])
        self.assert_code(self.retire(farm, 1, "--yes"), 0)
        self.assertEqual(self.held()[key_id(1)], MARKER)


if __name__ == "__main__":
    harness.main()
