"""README, CONTRIBUTING and docs/*.md: their commands run, their farm files pass, their links lead somewhere."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness

DOCUMENTS = [harness.SOURCE / "README.md", harness.SOURCE / "CONTRIBUTING.md"]
DOCUMENTS += sorted((harness.SOURCE / "docs").glob("*.md"))
RECORDS = sorted((harness.SOURCE / "docs" / "adr").glob("*.md"))
EXAMPLES = sorted((harness.SOURCE / "docs" / "examples").glob("*.toml"))


def blocks(document, language):
    """(line number, text) of the document's fenced blocks in that language."""
    text = document.read_text()
    for match in re.finditer(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, match.start()) + 2, match.group(1)


def without_blocks(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(document):
    """As GitHub makes them from headings."""
    headings = re.findall(r"^#+ (.*)$", without_blocks(document.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def presets(kind):
    listed = json.loads((harness.SOURCE / "CMakePresets.json").read_text())[kind]
    return {preset["name"] for preset in listed}


# What can't run inside a test that is itself a part of it: judged by what it names.
def judge_git(words):
    return [] if words[1] == "clone" else ["only git clone is expected here"]


def judge_preset(kind):
    def judge(words):
        if "--preset" not in words:
            return []
        name = words[words.index("--preset") + 1]
        return [] if name in presets(kind) else [f"there is no preset {name} among {kind}"]

    return judge


def judge_cmake(words):
    if "--install" in words:
        folder = pathlib.PurePath(words[words.index("--install") + 1])
        return [] if folder.parts[0] == "build" and folder.name in presets("configurePresets") else [f"no {folder}"]
    return judge_preset("buildPresets" if "--build" in words else "configurePresets")(words)


OF_THE_TREE = {"git": judge_git, "cd": lambda words: [], "cmake": judge_cmake, "ctest": judge_preset("testPresets")}


def judge_tree_command(command):
    """None when the command is to be run; else what is wrong with one that belongs to the source tree."""
    words = shlex.split(command, comments=True)
    if not words:
        return []
    if re.match(r"[A-Z]+=", words[0]):
        return None  # a variable of the commands after it
    if words[:2] == ["hsmreq", "init"]:
        return []  # asks a person, and would overwrite the farm that the other commands use; init's own tests run it
    path = harness.SOURCE / words[0]
    if "/" in words[0] and not words[0].startswith(("/", "build/")):
        return [] if os.access(path, os.X_OK) else [f"{words[0]} is no program of the tree"]
    return OF_THE_TREE[words[0]](words) if words[0] in OF_THE_TREE else None


def merged(base, fragment):
    """The fragment's keys over the base's; lists, and so [[tables]], replace what was there."""
    result = dict(base)
    for key, value in fragment.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        result[key] = merged(base[key], value) if both else value
    return result


def toml_value(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(each) for each in value) + "]"
    return value.isoformat() if hasattr(value, "isoformat") else json.dumps(value, ensure_ascii=False)


def to_toml(farm):
    return "".join(f"{json.dumps(key)} = {toml_value(value)}\n" for key, value in farm.items())


# What verify-evidence.md must catch when a statement says it of the example's first request.
OTHER = "0" * 64
FALSE_CLAIMS = {
    "predicateType": "urn:hsmreq:other:1",
    "subject/0/digest/sha256": OTHER,
    "subject/1/digest/sha256": OTHER,
    "predicate/csr/sha256": OTHER,
    "predicate/csr/der_sha256": OTHER,
    "predicate/request/subject/common_name": "other.contoso.com",
    "predicate/request/subject_alternative_names": [],
    "predicate/request/key_usage/critical": False,
    "predicate/request/key/algorithm": "rsa-3072",
    "predicate/signature/hash": "sha384",
    "predicate/farm/sha256": OTHER,
    "predicate/farm/name": "fabrikam",
    "predicate/module/sha256": OTHER,
    "predicate/token/serial": "0000",
    "predicate/token/manufacturer": "Somebody",
    "predicate/item/member": "rp02",
    "predicate/key/generation": 2,
    "predicate/key/id": "0" * 40,
    "predicate/key/attributes": [],
}


def shell(text, work, env):
    """A block as it stands, ended by the first command that fails."""
    return subprocess.run(["bash", "-euo", "pipefail", "-c", text.replace("\\\n", " ")], cwd=work, env=env,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=harness.PATIENCE_SECONDS)  # fmt: skip


class Documents(harness.TestCase):
    def sandbox(self, name):
        """A folder as a reader has it: the example as contoso.toml, its tokens, hsmreq on the path."""
        folder = self.folder / name
        tokens = harness.Tokens(folder / "tokens")
        for label in ("rp01", "rp02"):
            tokens.make_token(label)
        (folder / "bin").mkdir()
        (folder / "bin" / "hsmreq").symlink_to(harness.PROGRAM)
        farm = (harness.SOURCE / "docs" / "examples" / "contoso.toml").read_text()
        work = folder / "work"
        work.mkdir()
        self.assertEqual(farm.count('"prompt"'), 1)
        (work / "contoso.toml").write_text(farm.replace('"prompt"', f'"file:{tokens.pin_file}"'))
        env = {**tokens.env, "MODULE": tokens.module, "PIN": tokens.pin, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
        return work, harness.clean_environment(env)

    def run_block(self, place, text, work, env):
        lines = []
        for line in text.replace("\\\n", " ").splitlines():
            verdicts = [judge_tree_command(command) for command in line.split("&&")]
            self.assertEqual([problem for verdict in verdicts for problem in verdict or []], [], f"{place}: {line}")
            if None in verdicts:
                lines.append(line)
        if not lines:
            return 0
        done = shell("\n".join(lines), work, env)
        self.assertEqual(done.returncode, 0, f"{place}:\n{text}\n{done.stdout}\n{done.stderr}")
        return len(lines)

    def test_commands_run_as_shown(self):
        ran = 0
        for document in DOCUMENTS:
            shown = list(blocks(document, "sh"))
            if not shown:
                continue
            work, env = self.sandbox(document.stem)
            for line, text in shown:
                with self.subTest(document=document.name, line=line):
                    ran += self.run_block(f"{document.name}:{line}", text, work, env)
        self.assertGreaterEqual(ran, 6, "the documents show hardly any command that can be run")

    def test_the_checks_of_evidence_find_what_is_not_so(self):
        document = harness.SOURCE / "docs" / "verify-evidence.md"
        work, env = self.sandbox("false-evidence")
        prepare, *checks = [text for _, text in blocks(document, "sh")]
        self.assertGreater(self.run_block("prepare", prepare, work, env), 0)
        evidence = work / "requests" / "reverse-proxy.rp01.evidence.json"
        true = json.loads(evidence.read_text())

        def found(text):
            evidence.write_text(text)
            return [shell(check, work, env).returncode for check in checks]

        self.assertEqual(set(found(json.dumps(true))[1:]), {0})
        for place in FALSE_CLAIMS:
            claim = json.loads(json.dumps(true))
            *way, last = place.split("/")
            node = claim
            for step in way:
                node = node[int(step)] if isinstance(node, list) else node[step]
            last = int(last) if isinstance(node, list) else last
            node[last] = FALSE_CLAIMS[place]
            with self.subTest(place):
                # The first block compares the whole statement with what was signed, and so finds anything.
                self.assertNotEqual(set(found(json.dumps(claim))[1:]), {0})
        evidence.write_text(json.dumps(true) + " ")
        self.assertNotEqual(shell(checks[0], work, env).returncode, 0)

    def test_farm_files_pass_plan(self):
        for document in DOCUMENTS:
            for line, text in blocks(document, "toml"):
                if not re.search(r"^\[farm\]", text, re.MULTILINE):
                    continue
                with self.subTest(document=document.name, line=line):
                    self.assert_code(harness.run(["plan", self.write("farm.toml", text)]), 0)

    def test_examples_pass_plan(self):
        self.assertGreaterEqual(len(EXAMPLES), 5)
        for example in EXAMPLES:
            with self.subTest(example=example.name):
                self.assert_code(harness.run(["plan", str(example)]), 0)

    def test_fragments_fit_into_an_example(self):
        bases = [tomllib.loads(example.read_text()) for example in EXAMPLES]
        for document in DOCUMENTS:
            for line, text in blocks(document, "toml"):
                if re.search(r"^\[farm\]", text, re.MULTILINE):
                    continue
                with self.subTest(document=document.name, line=line):
                    fragment = tomllib.loads(text)
                    files = [
                        self.write(f"{number}.toml", to_toml(merged(base, fragment))) for number, base in enumerate(bases)
                    ]
                    outcomes = [harness.run(["plan", file]) for file in files]
                    read = [outcome for outcome in outcomes if outcome.code in (0, 4)]
                    self.assertTrue(read, f"{document.name}:{line} is refused in every example: {outcomes}")

    def test_links_lead_somewhere(self):
        for document in DOCUMENTS + RECORDS:
            for target in re.findall(r"\]\(([^)\s]+)\)", without_blocks(document.read_text())):
                if re.match(r"[a-z]+:", target):
                    continue
                path, _, anchor = target.partition("#")
                with self.subTest(document=document.name, target=target):
                    file = (document.parent / path).resolve() if path else document
                    self.assertTrue(file.exists(), f"{document.name} links to {target}, which does not exist")
                    if anchor:
                        self.assertIn(anchor, anchors(file))

    def test_files_named_exist(self):
        parts = {entry.name for entry in harness.SOURCE.iterdir() if entry.is_dir()} - {"build"}
        named = 0
        for document in DOCUMENTS:
            for span in re.findall(r"`([^`\s]+/[^`\s]*)`", document.read_text()):
                path = span.removeprefix("./")
                stands_for_something = re.search(r"[A-Z*<{]", path)
                if path.split("/")[0] not in parts or stands_for_something:
                    continue
                named += 1
                with self.subTest(document=document.name, path=path):
                    self.assertTrue((harness.SOURCE / path).exists(), f"{document.name} names {span}")
        self.assertGreater(named, 5)


if __name__ == "__main__":
    harness.main()
