"""Every rule has a case that triggers it and one that just does not: the files of tests/data/findings/ID.

`.toml` is a farm file for plan, `.csr` a request for inspect, `.chain` a recipe for certificates: their names in the
file and among the trusted roots, and for each what authority.Authority takes, with days from today; the signatures of `damaged` ones are broken. The first comment
of a file says what is special about it; `# date:` and `# arguments:` (or the key) are passed on. `.sh` is a script for
what only runs in tokens can find, see tests/support/run_case.sh: the findings that count are those of its last `judge`.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import chain_case
import farms
import harness

CASES = harness.SOURCE / "tests" / "data" / "findings"
DATE = "2026-11-24"
FAULT_MODULE = os.environ.get("HSMREQ_FAULT_MODULE", str(harness.SOURCE / "build" / "release" / "tests" / "fault.so"))


def found_in(node):
    """Every finding below, with its severity, and the finding that each error is for, without one."""
    if isinstance(node, list):
        return [one for each in node for one in found_in(each)]
    if not isinstance(node, dict):
        return []
    own = [{"id": node["finding"]}] if node.get("finding") else []
    own += [one for one in node.get("findings") or []]
    return own + [one for key, each in node.items() if key != "findings" for one in found_in(each)]


class RunCase:
    """A script that brings tokens and files into a state and looks at what a run finds there."""

    def __init__(self, path, folder):
        self.path = path
        self.folder = folder
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "hsmreq").symlink_to(harness.PROGRAM)
        self.tokens = harness.Tokens(folder / "softhsm")
        for label in ("rp01", "rp02"):
            self.tokens.make_token(label)
        (folder / "work").mkdir()
        (folder / "work" / "farm.toml").write_text(farms.generic(self.tokens))
        shared = farms.generic(self.tokens, members=["rp01", "rp02"], sharing="shared", policy="wrap-only")
        (folder / "work" / "shared.toml").write_text(shared)

    def findings(self):
        tokens = self.tokens
        environment = harness.clean_environment({
            **tokens.env, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "MODULE": tokens.module,
            "PIN": tokens.pin, "PIN_FILE": str(tokens.pin_file), "SUPPORT": str(harness.SUPPORT),
            "FAULT_MODULE": FAULT_MODULE, "HSMREQ_FAULT_REAL": tokens.module,
        })  # fmt: skip
        work = self.folder / "work"
        done = subprocess.run(["bash", "-c", '. "$SUPPORT/run_case.sh"; . "$0"', str(self.path)], cwd=work,
                              env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=harness.PATIENCE_SECONDS)  # fmt: skip
        if done.returncode != 0 or not (work / "document").exists():
            raise AssertionError(f"{self.path} ended with {done.returncode}: {done.stdout}{done.stderr}")
        if self.path.stem == "passes" and (work / "error").read_text():
            raise AssertionError(f"{self.path} does not pass: {(work / 'error').read_text()}")
        found = [text for text in ((work / "document").read_text(), (work / "error").read_text()) if text.strip()]
        return [one for text in found for one in found_in(json.loads(text))]


class Cases(harness.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_findings = {}

    def findings(self, path):
        text = path.read_text()
        if path.suffix == ".sh":
            return self.findings_of_run(path)
        if path.suffix == ".toml":
            date = re.match(r"# date: (\S+)", text)
            outcome = harness.run(["plan", str(path), "--json", "--date", date[1] if date else DATE])
            self.assertIn(outcome.code, (0, 4), outcome)
            return outcome.json()["findings"]
        folder = self.folder / f"{path.parent.name}.{path.stem}"
        shutil.copytree(path.parent, folder)
        if path.suffix == ".chain":
            arguments = chain_case.make(folder, tomllib.loads(text))
        else:
            wanted = re.search(r"^# arguments: (.*)$", text, re.MULTILINE)
            arguments = [path.name, *(wanted[1].split() if wanted else [])]
        outcome = harness.run(["inspect", "--json", *arguments], cwd=folder)
        self.assertIn(outcome.code, (0, 4), outcome)
        return outcome.json()["files"][0]["findings"]

    def findings_of_run(self, path):
        """Every script is run once, all of them side by side at the first question."""
        if not self.run_findings:
            paths = sorted(CASES.glob("*/*.sh"))
            places = [self.folder / f"run-{one.parent.name}-{one.stem}" for one in paths]
            with ThreadPoolExecutor(4) as pool:
                results = pool.map(lambda one, place: outcome_of(RunCase(one, place).findings), paths, places)
            self.run_findings.update(zip(paths, results))
        result = self.run_findings[path]
        if isinstance(result, AssertionError):
            raise result
        return result

    def test_each_rule_is_drawn_by_one_and_not_by_the_other(self):
        for folder in sorted(CASES.iterdir()):
            for stem, drawn in (("triggers", True), ("passes", False)):
                for path in folder.glob(f"{stem}.*"):
                    with self.subTest(rule=folder.name, file=path.name):
                        found = self.findings(path)
                        self.assertEqual(folder.name in [one["id"] for one in found], drawn, found)

    def test_every_rule_has_both(self):
        rules = harness.run(["inspect", "--list-rules", "--json"]).json()["rules"]
        ids = {rule["id"] for rule in rules}
        self.assertEqual({folder.name for folder in CASES.iterdir()} - ids, set(), "cases of no rule")
        for identifier in sorted(ids):
            for stem in ("triggers", "passes"):
                with self.subTest(rule=identifier, file=stem):
                    self.assertTrue(list((CASES / identifier).glob(f"{stem}.*")))

    def test_severities_are_those_of_the_table(self):
        rules = {rule["id"]: rule for rule in harness.run(["inspect", "--list-rules", "--json"]).json()["rules"]}
        for folder in sorted(CASES.iterdir()):
            for path in folder.glob("triggers.*"):
                for one in self.findings(path):
                    if one["id"] == folder.name and "severity" in one and not rules[folder.name]["otherwise"]:
                        with self.subTest(rule=folder.name):
                            self.assertEqual(one["severity"], rules[folder.name]["severity"])


def outcome_of(work):
    """What the work answers, or how it failed."""
    try:
        return work()
    except AssertionError as failure:
        return failure


if __name__ == "__main__":
    harness.main()
