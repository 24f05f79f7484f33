"""Wrong command lines: each ends with 2 before any file is opened, and says what was probably meant."""

import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness

SECRET = "48151623"

# Words of the command line, what the error line says, what the hint says. FARM.toml does not exist: code 2 and not 3
# shows that nothing was opened.
REFUSED = [
    ([], "no command is given", "hsmreq --help"),
    (["plna", "FARM.toml"], 'there is no command "plna"', "did you mean hsmreq plan?"),
    (["verify", "a.csr"], 'there is no command "verify"', "did you mean hsmreq inspect?"),
    (["help"], 'there is no command "help"', "did you mean hsmreq --help?"),
    (["contoso.toml"], "the first word is not a command", "hsmreq plan FARM.toml"),
    (["zzzzzzzz"], 'there is no command "zzzzzzzz"', "the commands are init, plan, request, inspect"),
    (["plan"], "hsmreq plan needs a farm file", "hsmreq plan FARM.toml"),
    (["plan", "--"], "hsmreq plan needs a farm file", "hsmreq plan FARM.toml"),
    (["plan", ""], "a file name is empty", "variable"),
    (["plan", "FARM.toml", "b"], "takes one farm file, and 2 words are given", "once for each farm"),
    (["plan", "--", "FARM.toml", "--json"], "takes one farm file, and 2 words are given", "once for each farm"),
    (["inspect"], "hsmreq inspect needs a file", "- for standard input"),
    (["inspect", "-", "-"], "can be read only once", "name - once"),
    (["plan", "FARM.toml", "--jsn"], "hsmreq plan has no flag --jsn", "did you mean --json?"),
    (["plan", "FARM.toml", "--module", "x"], "hsmreq plan has no flag --module", "belongs to hsmreq init, hsmreq request"),
    (["--jobs", "3", "request", "FARM.toml"], "--jobs stands before the command", "hsmreq request --jobs N"),
    (["request", "FARM.toml", "--force"], "has no flag --force", "did you mean --replace?"),
    (["request", "FARM.toml", "-o", "x"], "has no flag -o", "did you mean --out?"),
    (["request", "FARM.toml", "--frobnicate"], "has no flag --frobnicate", "--help lists the flags"),
    (["request", "FARM.toml", "--out"], "--out needs a value", "write --out DIR"),
    (["request", "FARM.toml", "--out", "--quiet"], "--out needs a value, and --quiet is a flag", "write --out DIR"),
    (["request", "--out=", "FARM.toml"], "--out is empty", "give --out a value"),
    (["request", "--out", "", "FARM.toml"], "--out is empty", "give --out a value"),
    (["request", "FARM.toml", "--out", "a", "--out", "b"], "--out is given 2 times", "keep one"),
    (["request", "FARM.toml", "--dry-run=yes"], "--dry-run takes no value", "write --dry-run alone"),
    (["request", "FARM.toml", "--keep-going", "--fail-fast"], "opposite things", "leave --keep-going out"),
    (["request", "FARM.toml", "--quiet", "--verbose"], "opposite things", "--quiet for errors only"),
    (["--quiet", "inspect", "a.csr", "--verbose"], "opposite things", "--quiet for errors only"),
    (["request", "FARM.toml", "--shard", "2"], "--shard is not I/N", "for example --shard 1/4"),
    (["request", "FARM.toml", "--shard", "1/0"], "--shard is not I/N", "N is a whole number from 1 on"),
    (["request", "FARM.toml", "--shard", "0/3"], "--shard is not I/N", "the first of 3 is --shard 1/3"),
    (["request", "FARM.toml", "--shard", "4/3"], "--shard is not I/N", "the first of 3 is --shard 1/3"),
    (["request", "FARM.toml", "--shard", "1/3/5"], "--shard is not I/N", "N is a whole number from 1 on"),
    (["request", "FARM.toml", "--shard", "-1/3"], "--shard is not I/N", "the first of 3 is --shard 1/3"),
    (["request", "FARM.toml", "--jobs", "0"], "--jobs is not a number of sessions", "from 1 to"),
    (["request", "FARM.toml", "--jobs", "-4"], "--jobs is not a number of sessions", "from 1 to"),
    (["request", "FARM.toml", "--jobs", "4x"], "--jobs is not a number of sessions", "from 1 to"),
    (["request", "FARM.toml", "--jobs", "99999999999999999999"], "--jobs is not a number", "from 1 to"),
    (["request", "FARM.toml", "--timeout", "0"], "--timeout is not a number of seconds", "whole seconds from 1"),
    (["request", "FARM.toml", "--timeout", "1.5"], "--timeout is not a number of seconds", "whole seconds from 1"),
    (["request", "FARM.toml", "--timeout", "soon"], "--timeout is not a number of seconds", "whole seconds from 1"),
    (["request", "FARM.toml", "--only", "a/b/c"], "--only is not REQUEST or REQUEST/MEMBER", "hsmreq plan"),
    (["request", "FARM.toml", "--only", "/rp01"], "--only is not REQUEST or REQUEST/MEMBER", "hsmreq plan"),
    (["request", "FARM.toml", "--reason", "a\nb"], "--reason holds control characters", "one plain line"),
    (["request", "FARM.toml", "--reason", "\x1b[31m"], "--reason holds control characters", "one plain line"),
    (["request", "FARM.toml", "--reason", b"\xff"], "is not UTF-8", "one plain line"),
    (["request", "FARM.toml", "--reason", "x" * 1001], "--reason has 1001 bytes", "within 1000 bytes"),
    (["plan", "FARM.toml", "--date", "2026-02-30"], "--date is not a day of the calendar", "YYYY-MM-DD"),
    (["plan", "FARM.toml", "--date", "tomorrow"], "--date is not a day of the calendar", "YYYY-MM-DD"),
    (["plan", "FARM.toml", "--color", "alway"], '--color does not know "alway"', "did you mean always?"),
    (["plan", "FARM.toml", "--color", "\x1b[2J"], '--color does not know "\\x1b[2J"', "auto, always or never"),
    (
        ["request", "FARM.toml", "--pin-source", "prompt", "--pin-source", "none"],
        "--pin-source is given twice for all members",
        "keep one",
    ),
    (
        ["request", "FARM.toml", "--pin-source", "rp01=fd:3", "--pin-source", "rp01=fd:4"],
        "--pin-source is given twice for member rp01",
        "keep one",
    ),
]

# Ways to put a PIN on the command line.
PIN_IN_WORDS = [
    ["request", "FARM.toml", "--pin-source", SECRET],
    ["request", "FARM.toml", f"--pin-source={SECRET}"],
    ["request", "FARM.toml", "--pin-source", f"rp01={SECRET}"],
    ["request", "FARM.toml", "--pin-source", f"{SECRET}=x"],
    ["request", "FARM.toml", "--pin", SECRET],
    ["request", "FARM.toml", f"--pin={SECRET}"],
    ["request", "--pin", SECRET, "FARM.toml"],
    ["--pin", SECRET, "request", "FARM.toml"],
    ["request", "FARM.toml", f"-p{SECRET}"],
    ["request", "FARM.toml", "--password", SECRET],
    ["request", "FARM.toml", SECRET],
    [SECRET],
]


class WrongCommandLines(harness.TestCase):
    def test_each_is_refused_with_its_hint(self):
        for words, what, hint in REFUSED:
            with self.subTest(words=words):
                outcome = harness.run(words, cwd=self.folder)
                self.assert_code(outcome, 2)
                self.assertEqual(outcome.stdout, "")
                lines = outcome.stderr.splitlines()
                self.assertEqual(len(lines), 2, outcome)
                self.assertTrue(lines[0].startswith("hsmreq: error: "), outcome)
                self.assertIn(what, lines[0])
                self.assertTrue(lines[1].startswith("hsmreq: hint: "), outcome)
                self.assertIn(hint, lines[1])

    def test_with_json_the_error_is_one_object(self):
        for words, what, hint in REFUSED:
            if "--" in words or "--json" in words:
                continue
            with self.subTest(words=words):
                outcome = harness.run(["--json", *words], cwd=self.folder)
                self.assert_one_error_object(outcome, 2)
                self.assertEqual(outcome.stdout, "")
                self.assertIn(what, outcome.error()["message"])

    def test_a_pin_among_the_words_is_refused_and_not_repeated(self):
        for words in PIN_IN_WORDS:
            for json in ([], ["--json"]):
                with self.subTest(words=words, json=json):
                    outcome = harness.run([*json, *words], cwd=self.folder)
                    self.assert_code(outcome, 2)
                    self.assertNotIn(SECRET, outcome.stdout + outcome.stderr)

    def test_flags_of_every_command_stand_on_either_side_of_it(self):
        before = harness.run(["--json", "--date", "2027-01-01", "plan", "FARM.toml"], cwd=self.folder)
        after = harness.run(["plan", "FARM.toml", "--date=2027-01-01", "--json"], cwd=self.folder)
        for outcome in (before, after):
            self.assert_one_error_object(outcome, 3)
        self.assertEqual(before.stderr, after.stderr)

    def test_a_farm_file_may_have_the_name_of_a_command_or_a_flag(self):
        for words in (["plan", "plan"], ["plan", "request"], ["plan", "--", "--json"]):
            with self.subTest(words=words):
                outcome = harness.run(words, cwd=self.folder)
                self.assert_code(outcome, 3)
                self.assertIn(words[-1], outcome.stderr)


class HelpAndVersion(harness.TestCase):
    def test_help_goes_to_standard_output_with_0(self):
        for words in (["--help"], ["-h"], ["plan", "--help"], ["--help", "request"], ["inspect", "x", "-h"]):
            with self.subTest(words=words):
                outcome = harness.run(words)
                self.assert_code(outcome, 0)
                self.assertEqual(outcome.stderr, "")
                self.assertTrue(outcome.stdout.startswith("usage: hsmreq "), outcome)
                self.assertLessEqual(max(map(len, outcome.stdout.splitlines())), 80)

    def test_version_is_one_line(self):
        for words in (["--version"], ["plan", "--version"]):
            with self.subTest(words=words):
                outcome = harness.run(words)
                self.assert_code(outcome, 0)
                self.assertRegex(outcome.stdout, r"\Ahsmreq \d+\.\d+\.\d+\n\Z")


class Output(harness.TestCase):
    def redirected(self, stdout):
        done = subprocess.run([harness.PROGRAM, "--help"], stdout=stdout, stderr=subprocess.PIPE, text=True)
        return harness.Outcome(done.returncode, "", done.stderr)

    def test_a_full_device_is_9(self):
        with open("/dev/full", "w") as full:
            outcome = self.redirected(full)
        self.assert_code(outcome, 9)
        self.assertIn("No space left on device (standard output)", outcome.stderr)

    def test_a_closed_reader_is_9(self):
        reader, writer = os.pipe()
        os.close(reader)
        outcome = self.redirected(writer)
        os.close(writer)
        self.assert_code(outcome, 9)
        self.assertIn("the reader of the output closed it", outcome.stderr)

    def test_a_closed_standard_output_is_9_and_no_other_file_takes_its_place(self):
        shell = subprocess.run(
            ["sh", "-c", 'exec "$1" --help >&-', "sh", harness.PROGRAM], stderr=subprocess.PIPE, text=True
        )
        self.assertEqual(shell.returncode, 9, shell.stderr)
        self.assertIn("hsmreq: error: ", shell.stderr)

    def test_colour_is_for_terminals_unless_asked_for(self):
        for words, env, coloured in (
            ([], {}, False),
            (["--color", "always"], {}, True),
            (["--color", "always"], {"NO_COLOR": "1"}, True),
            (["--color", "never"], {}, False),
        ):
            with self.subTest(words=words, env=env):
                outcome = harness.run(["plan", str(self.folder / "none.toml"), *words], env=env)
                self.assert_code(outcome, 3)
                self.assertEqual("\x1b[" in outcome.stderr, coloured, outcome)

    def test_no_color_is_obeyed_on_a_terminal(self):
        for env, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            with self.subTest(env=env):
                with harness.TerminalRun(["plan", str(self.folder / "none.toml")], env=env) as run:
                    run.wait_for("hint:")
                    self.assertEqual(run.finish(), 3)
                    self.assertEqual("\x1b[" in run.shown, coloured, run.shown)


class Interruption(harness.TestCase):
    def test_a_signal_while_standard_input_is_read_ends_with_130(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for json in ([], ["--json"]):
                with self.subTest(number=number, json=json):
                    process = subprocess.Popen(
                        [harness.PROGRAM, "inspect", "-", *json],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE,
                        text=True,
                    )
                    process.stdin.write("-")
                    process.stdin.flush()
                    harness.wait_until_taken(process.stdin)
                    process.send_signal(number)
                    stdout, stderr = process.communicate(timeout=harness.PATIENCE_SECONDS)
                    outcome = harness.Outcome(process.returncode, stdout, stderr)
                    if json:
                        self.assert_one_error_object(outcome, 130)
                    else:
                        self.assert_code(outcome, 130)
                        self.assertEqual(outcome.stderr, "hsmreq: error: interrupted\n")


if __name__ == "__main__":
    harness.main()
