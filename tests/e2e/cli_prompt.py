"""The PIN prompt on a real (pseudo-)terminal: what is typed never shows, and the terminal is as before afterwards."""

import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness

PIN = "48151623"

FARM = """
[farm]
name    = "prompted"
product = "generic"
ca      = "private"

[key]
algorithm = "ec-p256"

[token]
module     = "{module}"
pin_source = "prompt"

[[member]]
name = "rp01"
uri  = "pkcs11:token=rp01"

[[request]]
name  = "www"
names = ["www.example.com"]
"""

QUESTION = "PIN of "


class Prompt(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.tokens = harness.make_token("rp01", self.folder / "softhsm", PIN)
        farm = self.write("farm.toml", FARM.format(module=self.tokens.module))
        self.words = ["request", farm, "--out", str(self.folder / "out"), "--trust-module"]

    def start(self, command=None):
        run = harness.TerminalRun(self.words, env=self.tokens.env, cwd=self.folder, command=command)
        self.addCleanup(run.__exit__)
        return run

    def start_and_be_asked(self):
        run = self.start()
        run.wait_for(QUESTION)
        self.assertFalse(run.echoes())
        return run

    def assert_nothing_made(self):
        self.assertEqual(list(self.folder.glob("out/*.csr")), [])

    def test_the_pin_is_not_shown_and_the_run_goes_on(self):
        run = self.start_and_be_asked()
        run.type(PIN + "\n")
        self.assertEqual(run.finish(), 0, run.shown)
        self.assertTrue(run.echoes())
        self.assertNotIn(PIN, run.shown)
        self.assertEqual(run.shown.count(QUESTION), 1)
        self.assertIn("rp01", run.shown)
        self.assertEqual([path.name for path in self.folder.glob("out/*.csr")], ["www.rp01.csr"])

    def test_control_c_ends_with_130_and_the_echo_is_back(self):
        run = self.start_and_be_asked()
        run.type(PIN[:3] + "\x03")
        self.assertEqual(run.finish(), 130, run.shown)
        self.assertTrue(run.echoes())
        self.assertIn("interrupted", run.shown)
        self.assert_nothing_made()

    def test_signals_end_with_130_and_the_echo_is_back(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number):
                run = self.start_and_be_asked()
                run.send_signal(number)
                self.assertEqual(run.finish(), 130, run.shown)
                self.assertTrue(run.echoes())
                self.assert_nothing_made()

    def test_control_backslash_kills_and_the_echo_is_back(self):
        run = self.start_and_be_asked()
        run.type("\x1c")
        self.assertEqual(run.finish(), -signal.SIGQUIT, run.shown)
        self.assertTrue(run.echoes())

    def test_control_z_stops_with_echo_and_asks_again_afterwards(self):
        script = 'set -m; "$@"; echo "STOPPED"; read -r; fg >/dev/null; echo "CODE $?"'
        run = self.start(["bash", "-c", script, "bash", harness.PROGRAM, *self.words])
        run.wait_for(QUESTION)
        run.type("\x1a")
        run.wait_for("STOPPED")
        self.assertTrue(run.echoes())
        run.type("\n")
        run.wait_until(lambda: run.shown.count(QUESTION) == 2, "the question did not come again")
        self.assertFalse(run.echoes())
        run.type(PIN + "\n")
        run.wait_for("CODE 0")
        run.finish()
        self.assertTrue(run.echoes())
        self.assertNotIn(PIN, run.shown)

    def test_the_end_of_input_or_nothing_typed_never_reaches_the_token(self):
        for typed in ("\n", "\x04"):
            with self.subTest(typed=typed):
                run = self.start_and_be_asked()
                run.type(typed)
                self.assertEqual(run.finish(), 6, run.shown)
                self.assertIn("no PIN was typed", run.shown)
                self.assertTrue(run.echoes())
                self.assert_nothing_made()

    def test_more_than_255_bytes_never_reach_the_token(self):
        run = self.start_and_be_asked()
        run.type("7" * 256 + "\n")
        self.assertEqual(run.finish(), 6, run.shown)
        self.assertIn("longer than 255 bytes", run.shown)
        self.assertNotIn("777", run.shown)

    def test_without_a_terminal_the_run_ends_with_6_and_names_the_other_sources(self):
        outcome = harness.run(self.words, env=self.tokens.env, input=PIN + "\n", cwd=self.folder)
        self.assert_code(outcome, 6)
        self.assertIn("there is no terminal to ask for the PIN on", outcome.stderr)
        self.assertIn("--pin-source file:PATH", outcome.stderr)
        self.assert_nothing_made()

    def test_without_a_terminal_and_with_json_there_is_a_document_and_one_error(self):
        outcome = harness.run([*self.words, "--json"], env=self.tokens.env, input=PIN + "\n", cwd=self.folder)
        self.assert_one_error_object(outcome, 6)
        self.assert_valid(outcome.stdout, "request")


if __name__ == "__main__":
    harness.main()
