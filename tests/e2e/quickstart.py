"""The first command of a newcomer, in a folder of its own and with the program that is built already."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness

QUICKSTART = harness.SOURCE / "hsm-config" / "softhsm2" / "quickstart"
STEMS = ("reverse-proxy.rp01", "reverse-proxy.rp02")


class Quickstart(harness.TestCase):
    def quickstart(self, *flags, env=None):
        done = subprocess.run(
            [str(QUICKSTART), "--folder", str(self.folder / "quick start"), "--program", harness.PROGRAM, *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env=harness.clean_environment(env),
            timeout=harness.PATIENCE_SECONDS,
        )
        return harness.Outcome(done.returncode, done.stdout, done.stderr)

    @property
    def requests(self):
        return self.folder / "quick start" / "contoso-requests"

    def test_ends_in_verified_requests_and_says_where_they_are(self):
        outcome = self.quickstart()
        self.assert_code(outcome, 0)
        for stem in STEMS:
            self.assertIn(f"openssl req -verify: OK  {self.requests / stem}.csr\n", outcome.stdout)
            farms.openssl_request(self.requests / f"{stem}.csr")
            self.assertTrue((self.requests / f"{stem}.evidence.json").is_file())
        self.assertIn(f"Requests and evidence are in  {self.requests}\n", outcome.stdout)
        self.assertRegex(outcome.stdout, r"What is in a request +\S+ inspect \S")
        self.assertRegex(outcome.stdout, r"Why each name is in it +\S+ plan docs/examples/contoso\.toml\n")

    def test_a_second_run_changes_no_file(self):
        self.assert_code(self.quickstart(), 0)
        before = {path.name: path.read_bytes() for path in self.requests.glob("reverse-proxy.*")}
        again = self.quickstart()
        self.assert_code(again, 0)
        self.assertIn("2 unchanged.", again.stdout)
        self.assertEqual({path.name: path.read_bytes() for path in self.requests.glob("reverse-proxy.*")}, before)

    def test_clean_starts_over_with_new_keys(self):
        self.assert_code(self.quickstart(), 0)
        before = (self.requests / f"{STEMS[0]}.csr").read_bytes()
        self.assert_code(self.quickstart("--clean"), 0)
        self.assertNotEqual((self.requests / f"{STEMS[0]}.csr").read_bytes(), before)

    def test_the_tokens_of_the_caller_stay_as_they_are(self):
        mine = harness.make_token("rp01", self.folder / "mine")
        self.assert_code(self.quickstart(env=mine.env), 0)
        self.assertEqual(farms.objects(mine, "rp01"), [])

    def test_nobody_else_can_read_the_folder_or_the_pin(self):
        self.assert_code(self.quickstart(), 0)
        self.assertEqual((self.folder / "quick start").stat().st_mode & 0o777, 0o700)
        self.assertEqual((self.folder / "quick start" / "pin").stat().st_mode & 0o777, 0o600)

    def test_the_pin_is_in_nothing_it_prints(self):
        outcome = self.quickstart()
        pin = (self.folder / "quick start" / "pin").read_text()
        self.assertRegex(pin, r"^[0-9a-f]{24}$")
        self.assertNotIn(pin, outcome.stdout + outcome.stderr)

    def test_a_folder_that_is_a_link_is_refused(self):
        (self.folder / "elsewhere").mkdir()
        (self.folder / "link").symlink_to(self.folder / "elsewhere")
        outcome = self.quickstart("--folder", str(self.folder / "link"))
        self.assert_code(outcome, 1)
        self.assertIn("is a link", outcome.stderr)
        self.assertEqual(list((self.folder / "elsewhere").iterdir()), [])

    def test_help_and_wrong_flags(self):
        shown = self.quickstart("--help")
        self.assert_code(shown, 0)
        self.assertFalse((self.folder / "quick start").exists())
        wrong = self.quickstart("--pin")
        self.assert_code(wrong, 2)
        self.assertEqual(wrong.stdout, "")
        self.assertIn("usage: quickstart", wrong.stderr)


if __name__ == "__main__":
    harness.main()
