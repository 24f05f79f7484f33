"""hsmreq inspect on evidence, signed or not, and on what only looks like it."""

import base64
import hashlib
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import farms
import harness
import install_case


class Evidence(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.tokens = harness.make_token("rp01", self.folder / "softhsm")
        farm = self.write("farm.toml", farms.generic(self.tokens))
        made = harness.run(["request", farm, "--out", str(self.folder / "out")], env=self.tokens.env)
        self.assert_code(made, 0)
        (self.evidence,) = (self.folder / "out").glob("*.evidence.json")
        (self.csr,) = (self.folder / "out").glob("*.csr")

    def inspect(self, *files):
        outcome = harness.run(["inspect", "--json", *map(str, files)])
        self.assert_valid(outcome.stdout, "inspect")
        return outcome

    def test_it_is_shown_and_its_subjects_are_compared_with_the_files_beside_it(self):
        outcome = self.inspect(self.evidence)
        self.assert_code(outcome, 0)
        (entry,) = outcome.json()["files"]
        self.assertEqual(entry["type"], "evidence")
        self.assertEqual(entry["item"], {"farm": "small", "request": "web", "member": "rp01"})
        for subject in entry["subjects"]:
            self.assertEqual(subject["found_sha256"], subject["sha256"])
        claims = {(one["object"], one["attribute"]): one for one in entry["key"]["claims"]}
        self.assertEqual(claims["private", "CKA_EXTRACTABLE"]["read"], "false")
        text = harness.run(["inspect", str(self.evidence)]).stdout
        self.assertIn(f"{self.csr.name}: as stated", text)
        self.assertIn("CKA_EXTRACTABLE = false", text)

    def test_a_changed_request_is_found(self):
        self.csr.write_text(self.csr.read_text() + "\n")
        outcome = self.inspect(self.evidence)
        self.assert_code(outcome, 4)
        (finding,) = outcome.json()["files"][0]["findings"]
        self.assertEqual(finding["id"], "evidence.subject-differs")
        self.assertIn(self.csr.name, finding["message"])

    def test_another_request_differs_in_its_key_too(self):
        farms.tool("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / "key",
                   "-subj", "/CN=x", "-out", self.csr)  # fmt: skip
        outcome = self.inspect(self.evidence)
        self.assertEqual([one["id"] for one in outcome.json()["files"][0]["findings"]], ["evidence.subject-differs"] * 2)

    def test_without_the_request_nothing_is_compared(self):
        self.csr.unlink()
        outcome = self.inspect(self.evidence)
        self.assert_code(outcome, 0)
        self.assertEqual([one["found_sha256"] for one in outcome.json()["files"][0]["subjects"]], [None, None])

    def test_a_name_that_leads_elsewhere_is_not_followed(self):
        document = json.loads(self.evidence.read_text())
        document["subject"][0]["name"] = "../" + self.csr.name
        self.evidence.write_text(json.dumps(document))
        (self.folder / self.csr.name).write_text("other")
        outcome = self.inspect(self.evidence)
        self.assertIsNone(outcome.json()["files"][0]["subjects"][0]["found_sha256"])

    def test_other_json_is_refused(self):
        for text in ("{", "{}", json.dumps({"schema": "hsmreq.request/1"}), "{" * 100000):
            outcome = self.inspect(self.write("other.json", text))
            self.assert_code(outcome, 3)
            self.assertIn("no evidence", outcome.json()["files"][0]["error"]["message"])


class FormerEvidence(install_case.InstallCase):
    """What `install` keeps under a former certificate's serial number speaks of the files that are kept beside it."""

    def setUp(self):
        super().setUp()
        farm = self.ready()
        self.certificates = [self.answer(begins=f"26100{day}000000Z", ends=f"27060{day}000000Z") for day in (1, 2)]
        for certificate in self.certificates:
            self.assert_code(self.install(farm, self.with_chain(certificate)), 0)
        self.stem = f"web.rp01.{install_case.serial(self.certificates[0])}"
        self.kept = self.out / f"{self.stem}.install.evidence.json"

    def inspected(self, code):
        outcome = harness.run(["inspect", "--json", str(self.kept)])
        self.assert_code(outcome, code)
        self.assert_valid(outcome.stdout, "inspect")
        (entry,) = outcome.json()["files"]
        return entry

    def test_the_kept_files_are_compared(self):
        entry = self.inspected(0)
        self.assertEqual(len(entry["subjects"]), 4)
        for subject in entry["subjects"]:
            self.assertEqual(subject["found_sha256"], subject["sha256"], subject["name"])

    def test_a_kept_file_that_was_changed_is_named(self):
        kept = self.out / f"{self.stem}.fullchain.pem"
        kept.write_text(kept.read_text() + "\n")
        (finding,) = self.inspected(4)["findings"]
        self.assertEqual(finding["id"], "evidence.subject-differs")
        self.assertIn(kept.name, finding["message"])

    def test_a_kept_certificate_for_another_key_differs_in_both(self):
        other = self.answer(issuer=self.issuer)
        farms.tool("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / "other.key", "-subj",
                   "/CN=x", "-out", other)  # fmt: skip
        (self.out / f"{self.stem}.pem").write_bytes(other.read_bytes())
        self.assertEqual([one["id"] for one in self.inspected(4)["findings"]], ["evidence.subject-differs"] * 2)

    def test_the_present_one_is_not_compared_with_kept_files(self):
        self.kept = self.out / "web.rp01.install.evidence.json"
        present = self.out / "web.rp01.pem"
        present.write_bytes((self.out / f"{self.stem}.pem").read_bytes())
        (finding,) = self.inspected(4)["findings"]
        self.assertEqual(finding["id"], "evidence.subject-differs")


class SignedEvidence(harness.TestCase):
    """The envelope is made here, with openssl's signature: anyone's signed evidence is judged alike."""

    def setUp(self):
        super().setUp()
        self.key, self.public_key = self.make_key("signer", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        subject = {"name": "web.csr", "digest": {"sha256": hashlib.sha256(b"a request").hexdigest()}}
        statement = {"_type": "https://in-toto.io/Statement/v1", "subject": [subject],
                     "predicateType": "urn:hsmreq:other-evidence:1", "predicate": {"farm": {"name": "small"}}}  # fmt: skip
        (self.folder / "web.csr").write_bytes(b"a request")
        self.statement = self.folder / "web.evidence.json"
        self.statement.write_text(json.dumps(statement))
        self.envelope = self.folder / "web.evidence.dsse.json"
        self.write_envelope(self.statement.read_bytes())

    def make_key(self, name, *algorithm):
        key, public_key = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        farms.tool("openssl", "genpkey", "-algorithm", *algorithm, "-out", key)
        farms.tool("openssl", "pkey", "-in", key, "-pubout", "-out", public_key)
        return key, public_key

    def sign(self, payload, key=None, kind="application/vnd.in-toto+json"):
        message, value = self.folder / "message", self.folder / "value"
        message.write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload))
        raw = key is not None and "ED25519" in farms.tool("openssl", "pkey", "-in", key, "-noout", "-text")
        command = ["pkeyutl", "-sign", "-rawin", "-inkey", key or self.key, "-in", message, "-out", value]
        farms.tool("openssl", *(command if raw else ["dgst", "-sha256", "-sign", key or self.key, "-out", value, message]))
        return {"keyid": "mine", "sig": base64.b64encode(value.read_bytes()).decode()}

    def write_envelope(self, payload, signatures=None):
        document = {"payloadType": "application/vnd.in-toto+json", "payload": base64.b64encode(payload).decode(),
                    "signatures": signatures or [self.sign(payload)]}  # fmt: skip
        self.envelope.write_text(json.dumps(document))

    def inspect(self, file, *more, code=0):
        outcome = harness.run(["inspect", "--json", str(file), *map(str, more)])
        self.assert_code(outcome, code)
        self.assert_valid(outcome.stdout, "inspect")
        (entry,) = outcome.json()["files"]
        return entry

    def verdict(self, file, *more, code=0):
        entry = self.inspect(file, *more, code=code)
        return [one["verified"] for one in entry["envelope"]["signatures"]], [one["id"] for one in entry["findings"]]

    def test_a_good_signature_is_verified_from_either_file(self):
        for file in (self.envelope, self.statement):
            self.assertEqual(self.verdict(file, "--evidence-key", self.public_key), ([True], []))
        entry = self.inspect(self.envelope)
        self.assertEqual((entry["type"], entry["predicate_type"]), ("signed-evidence", "urn:hsmreq:other-evidence:1"))
        self.assertEqual(entry["subjects"][0]["found_sha256"], entry["subjects"][0]["sha256"])
        self.assertEqual(self.inspect(self.statement)["envelope"]["file"], self.envelope.name)
        text = harness.run(["inspect", str(self.envelope), "--evidence-key", str(self.public_key)]).stdout
        self.assertIn("verified, key mine", text)
        self.assertIn("not checked", harness.run(["inspect", str(self.statement)]).stdout)

    def test_without_a_key_nothing_is_said_of_it(self):
        self.assertEqual(self.verdict(self.envelope), ([None], []))

    def test_every_kind_of_key(self):
        kinds = {"rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "ed25519": ["ED25519"],
                 "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"]}  # fmt: skip
        payload = self.statement.read_bytes()
        for name, algorithm in kinds.items():
            with self.subTest(name):
                key, public_key = self.make_key(name, *algorithm)
                self.write_envelope(payload, [self.sign(payload, key)])
                self.assertEqual(self.verdict(self.envelope, "--evidence-key", public_key), ([True], []))

    def test_the_key_may_come_in_a_certificate_or_in_der(self):
        certificate, der = self.folder / "c.pem", self.folder / "k.der"
        farms.tool("openssl", "req", "-x509", "-new", "-key", self.key, "-subj", "/CN=evidence", "-out", certificate)
        farms.tool("openssl", "pkey", "-pubin", "-in", self.public_key, "-outform", "DER", "-out", der)
        for file in (certificate, der):
            self.assertEqual(self.verdict(self.envelope, "--evidence-key", file), ([True], []))

    def test_one_of_several_signatures_is_enough(self):
        other, _ = self.make_key("other", "ED25519")
        payload = self.statement.read_bytes()
        self.write_envelope(payload, [self.sign(payload, other), self.sign(payload)])
        self.assertEqual(self.verdict(self.envelope, "--evidence-key", self.public_key), ([False, True], []))

    def test_base64_for_urls_is_read_too(self):
        document = json.loads(self.envelope.read_text())
        for signature in document["signatures"]:
            signature["sig"] = signature["sig"].replace("+", "-").replace("/", "_")
        self.envelope.write_text(json.dumps(document))
        self.assertEqual(self.verdict(self.envelope, "--evidence-key", self.public_key), ([True], []))

    def test_what_does_not_verify_is_refused(self):
        payload = self.statement.read_bytes()
        _, other = self.make_key("other", "RSA")
        good = self.sign(payload)
        cut = {"sig": base64.b64encode(base64.b64decode(good["sig"])[:-1]).decode()}
        rows = {
            "another key": (payload, [good], other),
            "another payload": (payload + b" ", [good], self.public_key),
            "another type": (payload, [self.sign(payload, kind="application/json")], self.public_key),
            "cut short": (payload, [cut], self.public_key),
        }
        for name, (content, signatures, key) in rows.items():
            with self.subTest(name):
                self.statement.write_bytes(content)
                self.write_envelope(content, signatures)
                for file in (self.envelope, self.statement):
                    self.assertEqual(self.verdict(file, "--evidence-key", key, code=4),
                                     ([False], ["evidence.bad-signature"]))  # fmt: skip

    def test_a_statement_without_envelope_is_unsigned_for_whoever_asks(self):
        self.envelope.unlink()
        self.assertIsNone(self.inspect(self.statement)["envelope"])
        entry = self.inspect(self.statement, "--evidence-key", self.public_key, code=4)
        self.assertEqual([one["id"] for one in entry["findings"]], ["evidence.unsigned"])
        self.assertIn(self.envelope.name, entry["findings"][0]["message"])

    def test_a_statement_changed_beside_its_envelope(self):
        self.statement.write_text(self.statement.read_text().replace("small", "large"))
        for file in (self.envelope, self.statement):
            self.assertEqual(self.verdict(file, "--evidence-key", self.public_key, code=4),
                             ([True], ["evidence.payload-differs"]))  # fmt: skip

    def test_what_the_payload_is_about_is_compared(self):
        (self.folder / "web.csr").write_bytes(b"another")
        self.assertEqual(self.verdict(self.envelope, code=4), ([None], ["evidence.subject-differs"]))

    def test_what_is_no_envelope_of_evidence(self):
        payload = self.statement.read_bytes()
        documents = [{"payload": "!"}, {"payload": base64.b64encode(b"{}").decode()}, {"payloadType": "text/plain"},
                     {"signatures": "none"}, {"signatures": [{"keyid": "x"}]}, {"signatures": [7]}]  # fmt: skip
        for more in documents:
            with self.subTest(more):
                self.write_envelope(payload)
                self.envelope.write_text(json.dumps({**json.loads(self.envelope.read_text()), **more}))
                outcome = harness.run(["inspect", "--json", str(self.envelope), "--evidence-key", str(self.public_key)])
                self.assert_code(outcome, 3)
                self.assert_valid(outcome.stdout, "inspect")
        self.envelope.write_text('{"payloadType": 1, "payload": 2}')
        self.assert_code(harness.run(["inspect", str(self.statement)]), 3)

    def test_a_key_file_that_holds_none(self):
        rows = {"missing": self.folder / "no", "private": self.key, "text": self.write("text.pem", "hello")}
        for name, file in rows.items():
            with self.subTest(name):
                self.assert_code(harness.run(["inspect", str(self.envelope), "--evidence-key", str(file)]), 3)


if __name__ == "__main__":
    harness.main()
