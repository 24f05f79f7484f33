"""[evidence] key: what install, export and prove put on record is signed as requests are; inspect and openssl judge it."""

import hashlib
import pathlib
import shutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import export_case
import farms
import harness
import install_case
import request_case
from cryptoki import key_id
from install_case import serial

INSTALLED = ["web.rp01.install.evidence.dsse.json", "web.rp01.install.evidence.json"]
RECORD = ["web.export.1.evidence.dsse.json", "web.export.1.evidence.json"]
PREDICATES = {"install": "urn:hsmreq:install-evidence:1", "prove": "urn:hsmreq:proof:1",
              "export.1": "urn:hsmreq:export-evidence:1", "export.2": "urn:hsmreq:export-evidence:1",
              "copy": "urn:hsmreq:copy-evidence:1"}  # fmt: skip


class Signed:
    """Mixed into a case whose tokens are rp01 and log; the evidence key is on log."""

    labels = ("rp01", "log")

    def make_evidence_key(self, label="ev", identity="0a"):
        farms.tool("pkcs11-tool", "--module", self.tokens.module, "--token-label", "log", "--login", "--pin",
                   self.tokens.pin, "--keypairgen", "--key-type", "EC:prime256v1", "--label", label, "--id", identity,
                   "--usage-sign", env=self.tokens.env)  # fmt: skip
        pem = self.folder / f"{label}.pem"
        farms.tool("p11tool", "--provider", self.tokens.module, "--login", "--set-pin", self.tokens.pin,
                   "--export-pubkey", f"pkcs11:token=log;object={label};type=public", "--outfile", pem,
                   env=self.tokens.env)  # fmt: skip
        return pem

    def signed(self, farm, label="ev"):
        """The same farm with a key that signs evidence."""
        text = pathlib.Path(farm).read_text()
        return self.write(f"{label}-farm.toml", f'{text}\n[evidence]\nkey = "pkcs11:token=log;object={label}"\n')

    def assert_signed(self, stem, public_key, out=None):
        """Either file is accepted under the key and shown as the statement that it is, with its subjects."""
        for suffix in (".evidence.json", ".evidence.dsse.json"):
            file = pathlib.Path(out or self.out) / (stem + suffix)
            outcome = harness.run(["inspect", "--json", str(file), "--evidence-key", str(public_key)])
            self.assert_code(outcome, 0)
            self.assert_valid(outcome.stdout, "inspect")
            (entry,) = outcome.json()["files"]
            self.assertEqual([one["verified"] for one in entry["envelope"]["signatures"]], [True])
            kind = next(kind for kind in PREDICATES if stem.endswith(kind))
            self.assertEqual(entry["predicate_type"], PREDICATES[kind])
            self.assertEqual(entry["subjects"][-1]["name"], "SubjectPublicKeyInfo")


class Installing(Signed, install_case.InstallCase):
    def test_install_and_its_proof_are_signed(self):
        farm = self.signed(self.ready())
        public_key = self.make_evidence_key()
        given = self.with_chain(self.answer())
        outcome = self.install(farm, given, "--json")
        self.assertEqual(self.installed(outcome), [("web", "rp01", 1, "created")])
        (item,) = outcome.json()["items"]
        self.assertEqual(item["files"]["envelope"], INSTALLED[0])
        self.assertEqual(item["proofs"][0]["files"]["envelope"], "web.rp01.prove.evidence.dsse.json")
        for stem in ("web.rp01.install", "web.rp01.prove"):
            self.assert_signed(stem, public_key)
        before = (self.out / INSTALLED[0]).read_bytes()
        self.assertEqual(self.installed(self.install(farm, given, "--json")), [("web", "rp01", 1, "unchanged")])
        self.assertEqual((self.out / INSTALLED[0]).read_bytes(), before)
        outcome = self.run_command("prove", farm, "--json")
        self.assert_code(outcome, 0)
        self.assert_valid(outcome.stdout, "prove")
        self.assertEqual(outcome.json()["items"][0]["files"]["envelope"], "web.rp01.prove.evidence.dsse.json")

    def test_evidence_that_stands_is_signed_as_it_is(self):
        plain = self.ready()
        given = self.with_chain(self.answer())
        outcome = self.install(plain, given, "--json")
        self.assert_code(outcome, 0)
        self.assertIsNone(outcome.json()["items"][0]["files"]["envelope"])
        before = (self.out / INSTALLED[1]).read_bytes()
        for label, identity in (("ev", "0a"), ("next", "0b")):
            public_key = self.make_evidence_key(label, identity)
            self.assert_code(self.install(self.signed(plain, label), given), 0)
            self.assertEqual((self.out / INSTALLED[1]).read_bytes(), before)
            self.assert_signed("web.rp01.install", public_key)

    def test_a_former_certificates_envelope_goes_with_its_evidence(self):
        plain = self.ready()
        farm = self.signed(plain)
        public_key = self.make_evidence_key()
        files = [self.answer(begins="261001000000Z", ends="270601000000Z"),
                 self.answer(begins="261002000000Z", ends="270602000000Z"), self.answer()]  # fmt: skip
        self.assert_code(self.install(farm, self.with_chain(files[0])), 0)
        # The third comes when the farm has no evidence key any more: its evidence has no envelope, the second's is kept.
        for number, (used, signs) in enumerate(((farm, True), (plain, False)), 1):
            old = [(self.out / name).read_bytes() for name in INSTALLED]
            self.assert_code(self.install(used, self.with_chain(files[number])), 0)
            kept = [self.out / name.replace("rp01.", f"rp01.{serial(files[number - 1])}.", 1) for name in INSTALLED]
            self.assertEqual([file.read_bytes() for file in kept], old)
            self.assertEqual((self.out / INSTALLED[0]).exists(), signs)
            if signs:
                self.assert_signed("web.rp01.install", public_key)

    def test_no_key_and_a_wrong_signature_store_nothing(self):
        plain = self.ready()
        farm = self.signed(plain)
        given = self.with_chain(self.answer())
        for more in ((), ("--dry-run",)):
            self.refused(farm, 5, given, more=more, finding="evidence.key-missing")
        self.make_evidence_key()
        for number in (1, 2):  # the trial; the statement
            with self.subTest(signature=number):
                self.refused(farm, 8, given, words=["evidence key's signature"], fault=f"C_Sign#{number}=flip")
        self.assertEqual(self.certificate_objects(), [])

    def test_a_token_that_goes_stops_the_items_that_follow(self):
        plain = self.ready(requests={"a": ["a.example.com"], "b": ["b.example.com"]})
        self.make_evidence_key()
        given = [self.with_chain(self.answer(f"{name}.rp01"), f"{name}.bundle") for name in "ab"]
        self.refused(self.signed(plain), 7, *given, fault="C_Sign#2=return:30")
        self.assertEqual(self.calls("C_Sign"), 2)

    def test_the_key_of_the_certificate_is_refused(self):
        plain = self.ready()
        text = pathlib.Path(plain).read_text()
        identity = "".join(f"%{byte:02x}" for byte in bytes.fromhex(key_id("small", "web", "rp01")))
        farm = self.write("own.toml", f'{text}\n[evidence]\nkey = "pkcs11:token=rp01;id={identity}"\n')
        self.refused(farm, 4, self.with_chain(self.answer()), finding="evidence.key-of-certificate")


class InstallingKilled(Signed, install_case.InstallCase):
    def killed_once(self, place):
        number, how = place
        folder = self.folder / f"{number}-{how}"
        shutil.copytree(self.folder / "softhsm", folder / "softhsm")
        shutil.copytree(self.out, folder / "out")
        tokens = harness.Tokens.at(folder / "softhsm", request_case.PIN)
        farm = folder / "farm.toml"
        farm.write_text(pathlib.Path(self.farm_file).read_text().replace(str(self.tokens.folder), str(tokens.folder)))
        command = ["install", str(farm), str(self.given), "--out", str(folder / "out")]
        environment = {**tokens.env, "HSMREQ_FAULT_REAL": tokens.module, "HSMREQ_FAULT": f"C_Sign#{number}={how}"}
        first = harness.run([*command, "--module", request_case.FAULT_MODULE, "--trust-module"], env=environment)
        again = harness.run(command, env=tokens.env)
        if first.code != -signal.SIGKILL or again.code != 0:
            return f"{place}: {first} {again}"
        self.assert_signed("web.rp01.install", self.public_key, folder / "out")
        self.assert_signed("web.rp01.prove", self.public_key, folder / "out")
        return None

    def test_around_every_signature(self):
        plain = self.ready()
        self.farm_file = self.signed(plain)
        self.public_key = self.make_evidence_key()
        self.given = self.with_chain(self.answer())
        places = [(number, how) for number in (1, 2) for how in ("kill-before", "kill-after")]
        with ThreadPoolExecutor(2) as pool:
            self.assertEqual([wrong for wrong in pool.map(self.killed_once, places) if wrong], [])


class Exporting(Signed, export_case.ExportCase):
    def test_each_record_is_signed(self):
        farm = self.signed(self.ready(algorithm="ec-p256"))
        public_key = self.make_evidence_key()
        item = self.exported(farm)
        self.assertEqual(item["files"], {"evidence": RECORD[1], "envelope": RECORD[0]})
        self.assertEqual(self.evidence_files(), RECORD)
        self.assert_signed("web.export.1", public_key)
        stated = self.export_evidence()["subject"][0]["digest"]["sha256"]
        self.assertEqual(stated, hashlib.sha256(self.pfx.read_bytes()).hexdigest())
        self.assertEqual(self.exported(farm)["state"], "unchanged")
        self.assertEqual(self.evidence_files(), RECORD)

    def test_the_record_of_a_file_that_stands_is_signed_as_it_is(self):
        plain = self.ready(algorithm="ec-p256")
        other = self.folder / "other.pfx"
        self.exported(plain, output=other)
        self.exported(plain)
        records = {name: (self.out / name).read_bytes() for name in self.evidence_files()}
        self.assertEqual(len(records), 2)
        for label, identity in (("ev", "0a"), ("next", "0b")):
            public_key = self.make_evidence_key(label, identity)
            farm = self.signed(plain, label)
            before = self.contents()
            self.assertEqual(self.exported(farm, "--dry-run")["state"], "unchanged")
            self.assertEqual(self.contents(), before)
            self.assertEqual(self.exported(farm)["state"], "unchanged")
            self.assertEqual({name: (self.out / name).read_bytes() for name in records}, records)
            self.assert_signed("web.export.2", public_key)
            self.assertFalse((self.out / RECORD[0]).exists(), "the other file was not looked at")
            envelope = (self.out / "web.export.2.evidence.dsse.json").read_bytes()
            self.assertEqual(self.exported(farm)["state"], "unchanged")
            self.assertEqual((self.out / "web.export.2.evidence.dsse.json").read_bytes(), envelope)
        self.assert_code(self.export(farm, fault="C_Sign#2=flip", output=other), 8)
        self.assertFalse((self.out / RECORD[0]).exists())
        self.exported(farm, output=other)
        self.assert_signed("web.export.1", public_key)

    def test_no_key_and_a_wrong_signature_export_nothing(self):
        plain = self.ready(algorithm="ec-p256")
        farm = self.signed(plain)
        for more in ((), ("--dry-run",)):
            self.assert_finding(self.export(farm, "--json", *more, fault=""), 5, "evidence.key-missing")
            self.assertEqual(self.calls("C_WrapKey"), 0)
            self.assert_nothing_exported()
        self.make_evidence_key()
        for number in (1, 2):  # the trial, before the key leaves its token; the record
            with self.subTest(signature=number):
                outcome = self.export(farm, "--json", fault=f"C_Sign#{number}=flip")
                self.assert_one_error_object(outcome, 8)
                self.assert_valid(outcome.stdout, "export")
                self.assertIn("evidence key's signature", outcome.error()["message"])
                self.assertEqual(self.calls("C_WrapKey") > 0, number == 2)
                self.assert_nothing_exported()

    def test_no_record_and_no_envelope_without_the_file(self):
        """Somebody else takes the file's name while the record is signed."""
        farm = self.signed(self.ready(algorithm="ec-p256"))
        self.make_evidence_key()
        with ThreadPoolExecutor() as pool:
            run = pool.submit(self.export, farm, "--json", fault="C_Sign#2=hang:2")
            self.wait_for_signatures(2, run)
            self.pfx.write_bytes(b"precious")
            self.assert_one_error_object(run.result(), 9)
        self.assertEqual(self.pfx.read_bytes(), b"precious")
        self.assertEqual(self.evidence_files(), [])

    def wait_for_signatures(self, number, run):
        while not self.trace.exists() or self.calls("C_Sign") < number:
            self.assertFalse(run.done())

    def test_a_lost_session_is_opened_again(self):
        farm = self.signed(self.ready(algorithm="ec-p256"))
        public_key = self.make_evidence_key()
        self.exported(farm, fault="C_Sign#2=return:b3")
        self.assert_signed("web.export.1", public_key)

    def test_killed_around_every_signature_it_is_finished_by_the_next_run(self):
        farm = self.signed(self.ready(algorithm="ec-p256"))
        public_key = self.make_evidence_key()
        for number in (1, 2):
            for how in ("kill-before", "kill-after"):
                with self.subTest(number=number, how=how):
                    self.assert_code(self.export(farm, fault=f"C_Sign#{number}={how}"), -signal.SIGKILL)
                    self.assert_nothing_exported()
        self.exported(farm)
        self.assertEqual(self.evidence_files(), RECORD)
        self.assert_signed("web.export.1", public_key)


class Copying(Signed, request_case.RequestCase):
    labels = ("rp01", "rp02", "log")

    def test_the_evidence_of_a_copy_is_shown_and_checked(self):
        farm = self.signed(self.farm(members=["rp01", "rp02"], sharing="shared", policy="wrap-only"))
        public_key = self.make_evidence_key()
        self.assert_code(self.request(farm), 0)
        self.assert_code(self.run_command("distribute", farm), 0)
        self.assert_signed("web.rp02.copy", public_key)


if __name__ == "__main__":
    harness.main()
