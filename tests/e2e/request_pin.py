"""PINs from every source, tried once, and nowhere to be seen afterwards."""

import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import request_case

WRONG = "99999999"


class PinCase(request_case.RequestCase):
    def file(self, name, content, mode=0o600):
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def refused(self, source, word, **more):
        """Exit 6 with that word in the message; the PIN was not sent."""
        outcome = self.request(self.farm(), "--json", "--pin-source", source, fault="", **more)
        self.assert_one_error_object(outcome, 6)
        self.assertIn(word, outcome.error()["message"])
        self.assertEqual(self.calls("C_Login"), 0)
        self.assertNotIn(self.tokens.pin, repr(outcome))
        return outcome


class Sources(PinCase):
    def test_every_source_that_needs_no_terminal(self):
        pin = self.tokens.pin
        credentials = self.folder / "credentials"
        credentials.mkdir()
        (credentials / "rp01").write_text(pin)
        (credentials / "rp01").chmod(0o400)
        opened = os.open(self.file("descriptor", pin.encode()), os.O_RDONLY)
        self.addCleanup(os.close, opened)
        rows = [
            (f"file:{self.file('plain', pin.encode())}", {}),
            (f"file:{self.file('newline', pin.encode() + bytes([10]))}", {}),
            (f"file:{self.file('crlf', pin.encode() + bytes([13, 10]))}", {}),
            (f"rp01=file:{self.file('member', pin.encode())}", {}),
            ("env:RP01_PIN", {"env": {"RP01_PIN": pin}}),
            ("credential:rp01", {"env": {"CREDENTIALS_DIRECTORY": str(credentials)}}),
            (f"fd:{opened}", {"pass_fds": [opened]}),
        ]
        for source, more in rows:
            with self.subTest(source):
                outcome = self.request(self.farm(), "--json", "--pin-source", source, **more)
                self.assert_code(outcome, 0)
                for path in [*self.out.iterdir()]:
                    self.assertNotIn(pin.encode(), path.read_bytes())
                self.assertNotIn(pin, repr(outcome))

    def test_the_uri_may_name_the_source_and_the_flag_beats_it(self):
        text = farms.generic(self.tokens).replace(f'pin_source = "file:{self.tokens.pin_file}"\n', "")
        good, bad = self.file("good", self.tokens.pin.encode()), self.folder / "none"
        for path, flags, code in ((good, [], 0), (bad, [], 6), (bad, ["--pin-source", f"file:{good}"], 0)):
            farm = self.write("uri.toml", text.replace("token=rp01", f"token=rp01?pin-source=file:{path}"))
            with self.subTest(path):
                self.assert_code(self.request(farm, *flags), code)

    def test_one_variable_serves_two_tokens(self):
        self.tokens.make_token("rp02")
        farm = self.farm(members=["rp01", "rp02"])
        outcome = self.request(farm, "--pin-source", "env:FARM_PIN", env={"FARM_PIN": self.tokens.pin})
        self.assert_code(outcome, 0)

    def test_a_link_to_a_safe_file_is_followed(self):
        link = self.folder / "link"
        link.symlink_to(self.file("target", self.tokens.pin.encode()))
        self.assert_code(self.request(self.farm(), "--pin-source", f"file:{link}"), 0)

    def test_unsafe_or_missing_sources(self):
        pin = self.tokens.pin.encode()
        for mode in (0o640, 0o604, 0o620, 0o602, 0o610, 0o644):
            with self.subTest(oct(mode)):
                self.refused(f"file:{self.file('open', pin, mode)}", "open to others")
        link = self.folder / "link"
        link.symlink_to(self.file("open", pin, 0o644))
        os.mkfifo(self.folder / "fifo", 0o600)
        rows = [
            (f"file:{link}", "open to others"),
            (f"file:{self.folder}", "not a regular file"),
            (f"file:{self.folder / 'fifo'}", "not a regular file"),
            (f"file:{self.folder / 'nowhere'}", "can't be opened"),
            (f"file:{self.file('empty', b'')}", "empty"),
            (f"file:{self.file('long', b'1' * 5000)}", "no PIN"),
            ("env:HSMREQ_NOT_SET", "not set"),
            ("fd:77", "not open"),
            ("credential:rp01", "CREDENTIALS_DIRECTORY"),
            ("prompt", "terminal"),
            ("none", "protected authentication path"),
        ]
        for source, word in rows:
            with self.subTest(source):
                self.refused(source, word)

    def test_malformed_sources_are_no_pins(self):
        for source in ("pass:1234", "file:", "env:", "fd:x", "credential:../x", "nothing", "pin-value=1234"):
            with self.subTest(source):
                outcome = self.request(self.farm(), "--json", "--pin-source", source)
                self.assertIn(outcome.code, (2, 3), outcome)
                self.assertNotIn("1234", outcome.stderr)

    def test_white_space_beyond_the_newline_counts_and_is_told(self):
        outcome = self.request(self.farm(), "--pin-source", f"file:{self.file('two', self.tokens.pin.encode() + b' ')}")
        self.assert_code(outcome, 6)
        self.assertNotIn(self.tokens.pin, repr(outcome))


class Tries(PinCase):
    def test_a_wrong_pin_is_sent_once_however_many_members_share_the_token(self):
        text = farms.generic(self.tokens, members=["rp01", "rp02"], requests={n: [f"{n}.example.com"] for n in "abc"})
        farm = self.write("farm.toml", text.replace("token=rp02", "token=rp01;model=SoftHSM%20v2"))
        wrong = self.file("wrong", WRONG.encode())
        outcome = self.request(farm, "--json", "--pin-source", f"file:{wrong}", "--jobs", "3", fault="")
        self.assert_one_error_object(outcome, 6)
        self.assertEqual((outcome.error()["function"], outcome.error()["rv"]), ("C_Login", "CKR_PIN_INCORRECT"))
        self.assertEqual(self.calls("C_Login"), 1)
        self.assertEqual({state for _, _, state in self.states(outcome)}, {"failed"})
        self.assertNotIn(WRONG, repr(outcome))
        self.assertEqual(self.names(), ["summary.json"])

    def test_a_right_pin_too(self):
        self.assert_code(self.request(self.farm(requests={n: [f"{n}.example.com"] for n in "abc"}), fault=""), 0)
        self.assertEqual(self.calls("C_Login"), 1)

    def test_the_final_try_needs_a_flag(self):
        final = "C_GetTokenInfo=raise-flags:20000"
        outcome = self.request(self.farm(), "--json", fault=final)
        self.assert_one_error_object(outcome, 6)
        self.assertIn("--allow-final-try", outcome.error()["hint"])
        self.assertEqual(self.calls("C_Login"), 0)
        self.assert_code(self.request(self.farm(), "--allow-final-try", fault=final), 0)

    def test_a_locked_pin_is_not_tried(self):
        outcome = self.request(self.farm(), "--json", "--allow-final-try", fault="C_GetTokenInfo=raise-flags:40000")
        self.assert_one_error_object(outcome, 6)
        self.assertIn("locked", outcome.error()["message"])
        self.assertEqual(self.calls("C_Login"), 0)


class Traces(PinCase):
    def test_neither_command_line_nor_environment_show_it_while_the_token_works(self):
        import subprocess

        # The run hangs in a call after the login, so that its process can be looked at.
        environment = harness.clean_environment({
            **self.tokens.env, "RP01_PIN": self.tokens.pin, "HSMREQ_FAULT_REAL": self.tokens.module,
            "HSMREQ_FAULT": "C_FindObjectsInit#1=hang:60", "HSMREQ_FAULT_TRACE": str(self.trace),
        })  # fmt: skip
        process = subprocess.Popen(
            [harness.PROGRAM, "request", self.farm(), "--out", str(self.out), "--module", request_case.FAULT_MODULE,
             "--trust-module", "--pin-source", "env:RP01_PIN"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        try:
            deadline = time.monotonic() + harness.PATIENCE_SECONDS
            while not self.trace.exists() or "C_FindObjectsInit" not in self.trace.read_text():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
            place = pathlib.Path(f"/proc/{process.pid}")
            for name in ("cmdline", "environ"):
                content = (place / name).read_bytes()
                self.assertNotIn(self.tokens.pin.encode(), content, name)
            limits = (place / "limits").read_text()
            self.assertRegex(limits, r"Max core file size\s+0\s")
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    harness.main()
