"""A test of `hsmreq request`: fresh tokens, a farm file, runs with or without the fault module."""

import json
import os
import pathlib

import cryptoki
import farms
import harness

FAULT_MODULE = os.environ.get("HSMREQ_FAULT_MODULE", str(harness.SOURCE / "build" / "release" / "tests" / "fault.so"))
PIN = "73105264"


class RequestCase(harness.TestCase):
    """`self.tokens` holds the tokens named in `labels`; `self.out` is the output directory."""

    labels = ("rp01",)

    def setUp(self):
        super().setUp()
        self.tokens = harness.Tokens(self.folder / "softhsm", pin=PIN)
        for label in self.labels:
            self.tokens.make_token(label)
        self.out = self.folder / "out"
        self.trace = self.folder / "trace"

    def farm(self, **options):
        """A generic farm in a file of its own; options as farms.generic."""
        return self.write(options.get("file", "farm.toml"), farms.generic(self.tokens, **options))

    def request(self, farm, *more, **options):
        return self.run_command("request", farm, *more, **options)

    def run_command(self, command, farm, *more, fault=None, env=None, out=None, **popen):
        """One run. `fault` are the fault module's rules ("" for its trace alone)."""
        arguments = [command, farm, "--out", str(out or self.out), *more]
        environment = {**self.tokens.env, **(env or {})}
        if fault is not None:
            self.trace.unlink(missing_ok=True)
            arguments += ["--module", FAULT_MODULE, "--trust-module"]
            environment.update(HSMREQ_FAULT_REAL=self.tokens.module, HSMREQ_FAULT=fault,
                               HSMREQ_FAULT_TRACE=str(self.trace))  # fmt: skip
        return harness.run(arguments, env=environment, **popen)

    def calls(self, function=None):
        """The Cryptoki calls of the last run with a fault module, or how often one function was called."""
        lines = self.trace.read_text().split()
        return lines if function is None else lines.count(function)

    def hand(self, label="rp01"):
        return cryptoki.Hand(self.tokens, label)

    def states(self, outcome):
        """(request, member or "", state) of each item of a run with --json."""
        self.assert_valid(outcome.stdout, "request")
        return [(i["request"], i["member"] or "", i["state"]) for i in outcome.json()["items"]]

    def item(self, outcome, number=0):
        self.assert_valid(outcome.stdout, "request")
        return outcome.json()["items"][number]

    def assert_finding(self, outcome, code, finding):
        """A run with --json that failed with this finding."""
        self.assert_one_error_object(outcome, code)
        self.assertEqual(outcome.error()["finding"], finding, outcome)

    def names(self, folder=None):
        """Everything in the output directory, hidden entries included."""
        return sorted(path.name for path in pathlib.Path(folder or self.out).iterdir())

    def contents(self):
        """What a run must not touch when nothing changed: all but the summary."""
        return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in self.out.iterdir() if p.name != "summary.json"}

    def evidence(self, stem):
        text = (self.out / f"{stem}.evidence.json").read_text()
        self.assert_valid(text, "evidence")
        return json.loads(text)["predicate"]

    def public_key(self, stem, suffix=".csr"):
        return farms.tool("openssl", "req", "-in", self.out / (stem + suffix), "-noout", "-pubkey")
