"""The rules beside GnuTLS: certtool on requests, certificates, chains and host names, p11tool on keys in tokens."""

import pathlib
import re
import subprocess
import sys
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import authority
import chain_case
import farms
import harness
import request_case
from cryptoki import key_id

CASES = harness.SOURCE / "tests" / "data" / "findings"
# What makes a chain worthless to whoever verifies it; the other findings leave it valid.
BROKEN_CHAIN = {"cert.bad-signature", "cert.untrusted-root", "cert.chain-incomplete", "cert.chain-refused", "cert.expired",
                "cert.not-yet-valid"}  # fmt: skip
USAGES = {"Digital signature": "digitalSignature", "Key encipherment": "keyEncipherment", "Non repudiation": "nonRepudiation",
          "Data encipherment": "dataEncipherment", "Key agreement": "keyAgreement", "Certificate signing": "keyCertSign",
          "CRL signing": "cRLSign", "Key encipher only": "encipherOnly", "Key decipher only": "decipherOnly"}  # fmt: skip
PURPOSES = {"TLS WWW Server": "serverAuth", "TLS WWW Client": "clientAuth", "Email protection": "emailProtection",
            "Code signing": "codeSigning", "OCSP signing": "OCSPSigning", "Time stamping": "timeStamping"}  # fmt: skip
ALGORITHMS = {"rsa-2048": r"RSA\n.*\(2048 bits\)", "rsa-3072": r"RSA\n.*\(3072 bits\)", "ec-p256": "Curve:\tSECP256R1",
              "ec-p384": "Curve:\tSECP384R1", "ec-p521": "Curve:\tSECP521R1", "ed25519": "EdDSA"}  # fmt: skip


def certtool(*words):
    """Its exit code and what it printed."""
    done = subprocess.run(["certtool", *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=harness.PATIENCE_SECONDS)  # fmt: skip
    return done.returncode, done.stdout.decode(errors="replace")


def openssl_verifies(path):
    return "verify OK" in farms.tool("openssl", "req", "-in", path, "-noout", "-verify", check=False)


def listed(text, heading):
    """(critical, lines) below an extension's heading; None when it is not there."""
    found = re.search(rf"^(\t+){heading} \((not )?critical\):\n((?:\1\t.*\n)*)", text, re.MULTILINE)
    return found and (found[2] is None, [line.strip().rstrip(".") for line in found[3].splitlines()])


def words_of(found, table):
    return found and (found[0], sorted(table.get(line, line) for line in found[1]))


class Requests(harness.TestCase):
    def inspected(self, path):
        outcome = harness.run(["inspect", "--json", str(path)])
        self.assertIn(outcome.code, (0, 4), outcome)
        (entry,) = outcome.json()["files"]
        return entry, {one["id"] for one in entry["findings"]}

    def usage(self, entry, name):
        found = entry[name]
        return found and (found["critical"], sorted(found["values"]))

    def test_certtool_sees_the_same_usages_names_and_keys(self):
        seen = 0
        for path in sorted(CASES.glob("*/*.csr")):
            code, text = certtool("--crq-info", "--infile", path)
            entry, found = self.inspected(path)
            with self.subTest(case=path.parent.name, file=path.name):
                if "csr.malformed" in found:
                    continue  # what either makes of it is its own affair
                self.assertIn("PKCS #10 Certificate Request Information", text)
                # GnuTLS verifies no RSASSA-PSS signature of a request.
                verified = openssl_verifies(path) if "RSA-PSS" in text else "Self signature: verified" in text
                self.assertEqual(verified, "csr.bad-signature" not in found, text)
                self.assertEqual(words_of(listed(text, "Key Usage"), USAGES), self.usage(entry, "key_usage"))
                self.assertEqual(words_of(listed(text, "Key Purpose"), PURPOSES), self.usage(entry, "extended_key_usage"))
                names = listed(text, "Subject Alternative Name")
                ours = [one["value"] for one in entry["subject_alternative_names"] if one["type"] == "dns"]
                theirs = [line.split(": ", 1)[1] for line in names[1] if line.startswith("DNSname: ")] if names else []
                self.assertEqual(theirs, ours)
                if names and len(theirs) < 100:
                    self.assertEqual(names[0] and "Subject: " in text, "csr.san-critical" in found, text)
                algorithm = ALGORITHMS.get(entry["public_key"]["algorithm"])
                if algorithm:
                    self.assertRegex(text, algorithm)
                seen += 1
        self.assertGreater(seen, 35)

    def test_certtool_refuses_what_is_malformed(self):
        code, text = certtool("--crq-info", "--infile", CASES / "csr.malformed" / "triggers.csr")
        self.assertNotEqual(code, 0, text)


class Chains(harness.TestCase):
    def test_certtool_agrees_on_which_chains_hold(self):
        verdicts = {}
        for path in sorted(CASES.glob("*/*.chain")):
            folder = self.folder / f"{path.parent.name}.{path.stem}"
            folder.mkdir()
            arguments = chain_case.make(folder, tomllib.loads(path.read_text()))
            outcome = harness.run(["inspect", "--json", *arguments], cwd=folder)
            found = {one["id"] for one in outcome.json()["files"][0]["findings"]}
            code, text = certtool("--verify", "--load-ca-certificate", folder / "roots.pem", "--infile", folder / "case.pem")
            with self.subTest(case=path.parent.name, file=path.name):
                if "cert.malformed" in found:
                    continue  # GnuTLS does not look into an extension that it has no need of
                self.assertEqual(code == 0, not found & BROKEN_CHAIN, f"{found}\n{text}")
            verdicts[f"{path.parent.name}/{path.stem}"] = code == 0
        self.assertEqual(set(verdicts.values()), {True, False})
        self.assertGreaterEqual(len(verdicts), 15)

    def test_certtool_agrees_on_which_host_a_certificate_serves(self):
        ca = authority.Authority(self.folder)
        root = ca.make("Root", ca=True)
        leaf = ca.make("web", root, names=["*.example.com", "www.example.net"])
        hosts = ("a.example.com", "example.com", "b.a.example.com", "A.EXAMPLE.com", "www.example.net", "example.net")
        answers = set()
        for host in hosts:
            with self.subTest(host=host):
                code, text = certtool("--verify", "--load-ca-certificate", root.file, "--verify-hostname", host,
                                      "--infile", leaf.file)  # fmt: skip
                self.assertEqual(code == 0, authority.serves(leaf.file, host), text)
                farm = self.write("farm.toml", chain_case.FARM.replace("a.example.com", host).replace(
                    'issuing_roots = ["roots.pem"]', f'issuing_roots = ["{root.file}"]'))  # fmt: skip
                outcome = harness.run(["inspect", "--json", str(leaf.file), "--farm", farm])
                drawn = {one["id"] for one in outcome.json()["files"][0]["findings"]}
                self.assertEqual("name.missing" in drawn, code != 0, text)
                answers.add(code == 0)
        self.assertEqual(answers, {True, False})


class Keys(request_case.RequestCase):
    def flags(self):
        text = farms.tool("p11tool", "--provider", self.tokens.module, "--login", "--set-pin", self.tokens.pin,
                          "--list-all", f"pkcs11:token=rp01;id=%{'%'.join(re.findall('..', key_id('small', 'web', 'rp01')))};type=private",
                          env=self.tokens.env)  # fmt: skip
        (flags,) = re.findall(r"Flags: (.*)", text)
        return set(flags.rstrip("; ").split("; "))

    def test_p11tool_agrees_on_what_is_loose(self):
        wanted = {"CKA_PRIVATE", "CKA_NEVER_EXTRACTABLE", "CKA_SENSITIVE"}
        rows = ({}, {"EXTRACTABLE": True}, {"SENSITIVE": False})
        verdicts = set()
        for private in rows:
            with self.subTest(private):
                self.hand().generate(key_id("small", "web", "rp01"), private=private)
                outcome = harness.run(["audit", self.farm(), "--out", str(self.out), "--json"], env=self.tokens.env)
                loose = "audit.looser-than-policy" in {f["id"] for f in outcome.json()["items"][0]["findings"]}
                flags = self.flags()
                kept = wanted <= flags and "CKA_EXTRACTABLE" not in flags
                self.assertEqual(loose, not kept, flags)
                verdicts.add(loose)
                for kind in ("private", "public"):
                    self.hand().destroy(kind, key_id("small", "web", "rp01"))
        self.assertEqual(verdicts, {True, False})


if __name__ == "__main__":
    harness.main()
