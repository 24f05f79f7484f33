"""A run that is killed at any call of the token, or interrupted, is finished by the same command."""

import pathlib
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cryptoki
import farms
import harness
import request_case

TWO = {"web": ["web.example.com"], "api": ["api.example.com"]}
FILES = ["api.rp01.csr", "api.rp01.evidence.json", "summary.json", "web.rp01.csr", "web.rp01.evidence.json"]


class Killed(request_case.RequestCase):
    def killed_once(self, place):
        """One token of its own: killed at that place, then run again. Returns what is wrong, or nothing."""
        number, how = place
        folder = self.folder / f"{number}-{how}"
        tokens = harness.make_token("rp01", folder, pin=request_case.PIN)
        farm = folder / "farm.toml"
        farm.write_text(farms.generic(tokens, requests=TWO))
        out = folder / "out"
        arguments = ["request", str(farm), "--out", str(out)]
        environment = {**tokens.env, "HSMREQ_FAULT_REAL": tokens.module, "HSMREQ_FAULT": f"any#{number}={how}"}
        first = harness.run([*arguments, "--module", request_case.FAULT_MODULE, "--trust-module"], env=environment)
        if first.code != -signal.SIGKILL:
            return f"{place}: it was not killed: {first}"
        for path in out.glob("*.csr"):
            farms.openssl_request(path)  # whatever is there is whole
        again = harness.run(arguments, env=tokens.env)
        if again.code != 0:
            return f"{place}: {again}"
        for path in out.glob("*.csr"):
            farms.openssl_request(path)
        if self.names(out) != FILES:
            return f"{place}: {self.names(out)}"
        pairs = farms.pairs(tokens, "rp01")
        ids = {entry["ID"] for entry in farms.objects(tokens, "rp01")}
        wanted = {cryptoki.key_id("small", name, "rp01") for name in TWO}
        if pairs != (2, 2) or ids != wanted:
            return f"{place}: {pairs} {ids}"
        return None

    def test_before_and_after_every_call(self):
        self.assert_code(self.request(self.farm(requests=TWO), fault=""), 0)
        total = len(self.calls())
        self.assertGreater(total, 40)
        places = [(number, how) for number in range(1, total + 1) for how in ("kill-before", "kill-after")]
        with ThreadPoolExecutor(4) as pool:
            wrong = [result for result in pool.map(self.killed_once, places) if result]
        self.assertEqual(wrong, [])

    def test_starting_over_is_finished_too(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        identity = cryptoki.key_id("small", "web", "rp01")
        for fault in ("C_GenerateKeyPair=kill-before", "C_GenerateKeyPair=kill-after", "C_Sign=kill-after"):
            with self.subTest(fault):
                for kind in ("private", "public"):
                    self.hand().destroy(kind, identity)
                self.assertEqual(self.request(farm, "--replace", fault=fault).code, -signal.SIGKILL)
                self.assert_code(self.request(farm, "--replace"), 0)
                self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))
                self.assertEqual(self.names(), [n for n in FILES if not n.startswith("api")])
                farms.openssl_request(self.out / "web.rp01.csr")


class Interrupted(request_case.RequestCase):
    def start(self, farm, fault, *more):
        environment = harness.clean_environment({
            **self.tokens.env, "HSMREQ_FAULT_REAL": self.tokens.module, "HSMREQ_FAULT": fault,
            "HSMREQ_FAULT_TRACE": str(self.trace),
        })  # fmt: skip
        command = [harness.PROGRAM, "request", farm, "--out", str(self.out), "--module", request_case.FAULT_MODULE,
                   "--trust-module", *more]  # fmt: skip
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for_call(self, process, function):
        deadline = time.monotonic() + harness.PATIENCE_SECONDS
        while not self.trace.exists() or function not in self.trace.read_text():
            self.assertIsNone(process.poll(), "it ended early")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)

    def test_the_item_at_hand_is_finished_and_the_code_is_130(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                name = number.name.lower()
                farm = self.farm(requests={f"{request}-{name}": names for request, names in TWO.items()})
                process = self.start(farm, "C_GenerateKeyPair#1=hang:2", "--json", "--accept-new-keys")
                self.wait_for_call(process, "C_GenerateKeyPair")
                process.send_signal(number)
                stdout, stderr = process.communicate(timeout=harness.PATIENCE_SECONDS)
                outcome = harness.Outcome(process.returncode, stdout, stderr)
                self.assert_one_error_object(outcome, 130)
                self.assertEqual([state for _, _, state in self.states(outcome)], ["created", "failed"])
                self.trace.unlink()
                self.assert_code(self.request(farm), 0)

    def test_a_second_run_waits_for_the_first_and_names_it(self):
        farm = self.farm(requests=TWO)
        first = self.start(farm, "C_GenerateKeyPair#1=hang:4")
        self.wait_for_call(first, "C_GenerateKeyPair")
        second = self.request(farm)
        self.assert_code(second, 0)
        self.assertIn(f"process {first.pid} (hsmreq) holds the lock", second.stderr)
        self.assertEqual(second.stdout.count("unchanged  "), 2, second)
        self.assertEqual(first.wait(timeout=harness.PATIENCE_SECONDS), 0)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (2, 2))

    def test_it_gives_up_after_the_timeout_whatever_the_lock_is_on(self):
        farm = self.farm(requests=TWO)
        first = self.start(farm, "C_GenerateKeyPair#1=hang:60")
        self.wait_for_call(first, "C_GenerateKeyPair")
        for out, word in ((self.out, "output directory"), (self.folder / "elsewhere", "token rp01")):
            with self.subTest(word):
                second = self.request(farm, "--json", "--timeout", "1", out=out)
                self.assert_one_error_object(second, 7)
                self.assertIn(word, second.error()["message"])
                self.assertIn(f"process {first.pid} (hsmreq)", second.error()["message"])
                self.assert_valid(second.stdout, "request")
        first.kill()
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (0, 0))

    def test_runs_into_two_directories_make_one_pair(self):
        farm = self.farm()
        first = self.start(farm, "C_GenerateKeyPair#1=hang:3")
        self.wait_for_call(first, "C_GenerateKeyPair")
        second = self.request(farm, out=self.folder / "elsewhere")
        self.assert_code(second, 0)
        self.assertEqual(first.wait(timeout=harness.PATIENCE_SECONDS), 0)
        self.assertEqual(farms.pairs(self.tokens, "rp01"), (1, 1))
        keys = {farms.tool("openssl", "req", "-in", folder / "web.rp01.csr", "-noout", "-pubkey")
                for folder in (self.out, self.folder / "elsewhere")}  # fmt: skip
        self.assertEqual(len(keys), 1)


if __name__ == "__main__":
    harness.main()
