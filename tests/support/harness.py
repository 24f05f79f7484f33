"""Runs the built program as a user would: processes, terminals, throw-away tokens, schemas.

A test script adds this folder to its path and ends in harness.main(). The program comes from HSMREQ_PROGRAM.
"""

import contextlib
import fcntl
import json
import os
import pathlib
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SUPPORT = SOURCE / "tests" / "support"
SCHEMAS = SOURCE / "docs" / "schemas"
PROGRAM = os.environ.get("HSMREQ_PROGRAM", str(SOURCE / "build" / "dev" / "hsmreq"))
SOFTHSM_MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)
# Far longer than anything takes: reached only when something waits for ever.
PATIENCE_SECONDS = 120


class Outcome:
    """What a finished run left behind."""

    def __init__(self, code, stdout, stderr):
        self.code = code
        self.stdout = stdout
        self.stderr = stderr

    def json(self):
        return json.loads(self.stdout)

    def error(self):
        """The one error object of a run with --json."""
        return json.loads(self.stderr)["error"]

    def __repr__(self):
        return f"code {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


def clean_environment(extra=None):
    """The caller's environment without what would change the program's behaviour."""
    dropped = ("HSMREQ_MEMBER", "NO_COLOR", "SOFTHSM2_CONF", "CREDENTIALS_DIRECTORY")
    env = {name: value for name, value in os.environ.items() if name not in dropped}
    env["TERM"] = "xterm"
    env.update(extra or {})
    return env


def run(args, env=None, input="", cwd=None, **popen):
    """Runs the program without a terminal of its own and returns its Outcome. Output that is not UTF-8 fails."""
    done = subprocess.run(
        [PROGRAM, *args],
        input=input.encode() if isinstance(input, str) else input,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(env),
        cwd=cwd,
        timeout=PATIENCE_SECONDS,
        start_new_session=True,
        **popen,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def softhsm_module():
    for path in SOFTHSM_MODULES:
        if os.path.exists(path):
            return path
    raise AssertionError("SoftHSM is missing: install the package softhsm2")


class Tokens:
    """SoftHSM tokens in a folder of their own, with a PIN file. `env` leads a process to them."""

    def __init__(self, folder, pin="1234"):
        (pathlib.Path(folder) / "tokens").mkdir(parents=True)
        self._take(folder, pin)

    def _take(self, folder, pin):
        self.folder = pathlib.Path(folder)
        self.pin = pin
        self.module = softhsm_module()
        self.configuration = self.folder / "softhsm2.conf"
        self.pin_file = self.folder / "pin"
        self.configuration.write_text(
            f"directories.tokendir = {self.folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
        )
        self.pin_file.write_text(pin)
        self.pin_file.chmod(0o600)
        self.env = {"SOFTHSM2_CONF": str(self.configuration)}

    @classmethod
    def at(cls, folder, pin):
        """The tokens in a copy of another one's folder."""
        tokens = cls.__new__(cls)
        tokens._take(folder, pin)
        return tokens

    def make_token(self, label):
        tool = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "87654321", "--pin", self.pin]
        subprocess.run(tool, check=True, capture_output=True, env=clean_environment(self.env), timeout=PATIENCE_SECONDS)
        return f"pkcs11:token={label}"


def make_token(label, folder, pin="1234"):
    """One fresh token in `folder`; returns the Tokens that hold it."""
    tokens = Tokens(folder, pin)
    tokens.make_token(label)
    return tokens


class TerminalRun:
    """The program on a pseudo-terminal that is its controlling terminal.

    `command` stands for another command line than the program with `args`, a shell's for example.
    """

    def __init__(self, args, env=None, cwd=None, command=None):
        self.shown = ""
        # Our copy of the program's side keeps the terminal's settings readable after its end.
        self.master, self.slave = pty.openpty()
        self.process = subprocess.Popen(
            command or [PROGRAM, *args],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env=clean_environment(env),
            cwd=cwd,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.slave)
        os.close(self.master)

    def _take(self, seconds):
        ready, _, _ = select.select([self.master], [], [], seconds)
        if ready:
            with contextlib.suppress(OSError):
                self.shown += os.read(self.master, 65536).decode(errors="replace")

    def wait_for(self, text):
        self.wait_until(lambda: text in self.shown, f"{text!r} never appeared")

    def wait_until(self, condition, what):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            ended = self.process.poll() is not None
            self._take(0.02)
            if condition():
                return
            if ended or time.monotonic() > deadline:
                raise AssertionError(f"{what}; shown so far: {self.shown!r}")

    def type(self, text):
        os.write(self.master, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def send_signal(self, number):
        self.process.send_signal(number)

    def finish(self):
        """Waits for the end and returns the exit code; a death by signal is negative."""
        self.wait_until(lambda: self.process.poll() is not None, "the program did not end")
        self._take(0)
        return self.process.returncode


def wait_until_taken(pipe):
    """Waits until the reader of a pipe has taken all that was written to it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0] > 0:
        if time.monotonic() > deadline:
            raise AssertionError("the program never read its standard input")
        time.sleep(0.02)


class TestCase(unittest.TestCase):
    """A test with a temporary folder and checks on outcomes."""

    maxDiff = None

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="hsmreq-test-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def assert_code(self, outcome, code):
        self.assertEqual(outcome.code, code, outcome)

    def assert_valid(self, text, schema):
        validate(text, schema)

    def assert_one_error_object(self, outcome, code):
        """With --json, standard error holds one object of that code and no other text."""
        self.assert_code(outcome, code)
        validate(outcome.stderr, "error")
        self.assertEqual(outcome.error()["code"], code)


def validate(text, schema):
    """Checks JSON text against docs/schemas/SCHEMA.schema.json ("plan", "request", "inspect", "error", ...)."""
    judge = [sys.executable, "-B", str(SUPPORT / "validate_json.py"), str(SCHEMAS / f"{schema}.schema.json")]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(text)
        file.flush()
        done = subprocess.run([*judge, file.name], capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    if done.returncode != 0:
        raise AssertionError(f"not a {schema} document: {done.stdout}{done.stderr}\n{text}")


def main():
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"there is no program at {PROGRAM}: build it, or set HSMREQ_PROGRAM")
    unittest.main()
