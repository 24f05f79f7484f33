"""What a run asks of a token, seen by pkcs11-spy: one login, no enumeration, few calls for each request."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import request_case

SPIES = ("/usr/lib/x86_64-linux-gnu/pkcs11-spy.so", "/usr/lib/aarch64-linux-gnu/pkcs11-spy.so",
         "/usr/lib/x86_64-linux-gnu/pkcs11/pkcs11-spy.so")  # fmt: skip
FOREIGN = 60
CALLS_PER_REQUEST = 8


def spy():
    for path in SPIES:
        if pathlib.Path(path).exists():
            return path
    raise AssertionError("pkcs11-spy is missing: install the package opensc")


class Trace(request_case.RequestCase):
    def spied(self, count, algorithm="ec-p256"):
        """The spy's log of a first run with that many requests, as (function, lines below it) pairs.

        The log holds the PIN, so it stays in the test's own folder, which others can't enter.
        """
        self.assertEqual(self.folder.stat().st_mode & 0o077, 0)
        log = self.folder / "spy"
        log.unlink(missing_ok=True)
        farm = self.farm(algorithm=algorithm, name=f"farm{count}",
                         requests={f"r{i:02}": [f"r{i:02}.example.com"] for i in range(count)})  # fmt: skip
        environment = {"PKCS11SPY": self.tokens.module, "PKCS11SPY_OUTPUT": str(log)}
        outcome = self.request(farm, "--module", spy(), "--trust-module", env=environment, out=self.folder / str(count))
        self.assert_code(outcome, 0)
        entries = re.split(r"^\d+: (C_\w+)$", log.read_text(errors="replace"), flags=re.MULTILINE)[1:]
        return list(zip(entries[::2], entries[1::2]))

    def fill(self):
        for i in range(FOREIGN):
            self.hand().generate(f"{i:04x}")

    def test_one_initialisation_and_one_login(self):
        calls = [name for name, _ in self.spied(5)]
        self.assertEqual([calls.count(name) for name in ("C_Initialize", "C_Login", "C_Finalize")], [1, 1, 1])

    def test_a_further_request_costs_at_most_eight_calls_on_a_full_token(self):
        self.fill()
        for algorithm in ("ec-p256", "rsa-2048"):
            few, many = (len(self.spied(count, algorithm)) for count in ((2, 12) if algorithm == "ec-p256" else (3, 8)))
            further = 10 if algorithm == "ec-p256" else 5
            self.assertLessEqual(many - few, CALLS_PER_REQUEST * further, algorithm)

    def test_every_search_is_by_id_and_no_foreign_object_is_touched(self):
        self.fill()
        searches = [text for name, text in self.spied(4) if name == "C_FindObjectsInit"]
        self.assertGreaterEqual(len(searches), 4)
        for text in searches:
            self.assertIn("CKA_ID", text)
        found = [text for name, text in self.spied(6) if name == "C_FindObjects"]
        self.assertTrue(found)
        self.assertTrue(all(re.search(r"ulObjectCount = 0x0\b", text) for text in found), found[:2])

    def test_a_login_for_each_token(self):
        self.tokens.make_token("rp02")
        self.assert_code(self.request(self.farm(members=["rp01", "rp02"]), fault=""), 0)
        self.assertEqual([self.calls(name) for name in ("C_Initialize", "C_Login", "C_Finalize")], [1, 2, 1])


if __name__ == "__main__":
    harness.main()
