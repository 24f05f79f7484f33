"""The rules beside other people's programs: libpsl's psl, openssl's reading of wildcards, and the ACME CA pebble."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import acme
import authority
import harness

DOMAINS = (
    "com", "contoso.com", "co.uk", "example.co.uk", "uk", "kawasaki.jp", "city.kawasaki.jp", "foo.kawasaki.jp", "ck",
    "www.ck", "foo.ck", "github.io", "blogspot.com", "xn--p1ai", "gov.au", "appspot.com", "bd", "com.bd",
)  # fmt: skip
HOSTS = ("a.example.com", "example.com", "b.a.example.com", "A.EXAMPLE.com", "other.com")


class Judges(harness.TestCase):
    def request(self, *names):
        key = self.folder / "key.pem"
        if not key.exists():
            authority.openssl("genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        file = self.folder / "web.csr"
        alternative = "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)
        file.write_bytes(authority.openssl("req", "-new", "-key", key, "-subj", "/", "-addext", alternative))
        return file

    def found(self, *arguments):
        outcome = harness.run(["inspect", "--json", *map(str, arguments)])
        self.assertIn(outcome.code, (0, 4), outcome)
        return [finding for file in outcome.json()["files"] for finding in file["findings"]]

    def test_psl_agrees_on_public_suffixes(self):
        # Entries of the private part, such as github.io, are no registries of names: CAs look at the ICANN part alone.
        private = {"github.io", "blogspot.com", "appspot.com"}
        for domain in DOMAINS:
            with self.subTest(domain=domain):
                answer = subprocess.run(["psl", "--is-public-suffix", domain], capture_output=True, text=True, check=True)
                suffix = answer.stdout.strip().endswith(": 1") and domain not in private
                drawn = [one["id"] for one in self.found(self.request(f"*.{domain}"))]
                self.assertEqual("name.wildcard-public-suffix" in drawn, suffix, answer.stdout)

    def test_openssl_agrees_on_what_a_wildcard_covers(self):
        leaf = authority.Authority(self.folder).make("web", names=["*.example.com"])
        farm = """[farm]
name = "web"
product = "generic"
ca = "public"
[[request]]
name = "web"
names = ["{host}"]
[[member]]
name = "rp01"
module = "softhsm2"
uri = "pkcs11:token=rp01"
"""
        for host in HOSTS:
            with self.subTest(host=host):
                covered = authority.serves(leaf.file, host)
                path = self.write("farm.toml", farm.format(host=host))
                drawn = [one["id"] for one in self.found(leaf.file, "--farm", path)]
                self.assertEqual("name.missing" in drawn, not covered)


class Acme(harness.TestCase):
    def test_what_pebble_refuses_is_an_error_of_inspect(self):
        # The reverse does not hold: pebble takes keys and usages that the CAs behind the rules do not.
        cases = sorted((harness.SOURCE / "tests" / "data" / "findings").glob("*/*.csr"))
        answers = {}
        with acme.Pebble(self, self.folder) as pebble:
            for path in cases:
                issued, said = pebble.certify(path)
                judged = harness.run(["inspect", "--json", "--ca", "lets-encrypt", str(path)])
                with self.subTest(case=path.parent.name, file=path.name):
                    # Releases of Go differ in the signatures that they know, RSASSA-PSS among them: that is no verdict.
                    unknown = "cannot verify signature: algorithm unimplemented" in said
                    self.assertTrue(issued or judged.code == 4 or unknown, f"{said}\n{judged}")
                answers[f"{path.parent.name}/{path.stem}"] = issued
        self.assertEqual(set(answers.values()), {True, False})
        self.assertTrue(answers["key.sha1/passes"])
        self.assertFalse(answers["csr.malformed/triggers"])
        self.assertFalse(answers["name.subject-not-in-san/triggers"])
        self.assertTrue(answers["name.subject-not-in-san/passes"])


class Waivers(harness.TestCase):
    def test_one_acts_in_inspect_where_it_may(self):
        farm = self.write("farm.toml", """[farm]
name = "web"
product = "generic"
ca = "private"
[[request]]
name = "web"
names = ["a.example.com"]
[[member]]
name = "rp01"
module = "softhsm2"
uri = "pkcs11:token=rp01"
[[rules.accept]]
finding = "name.subject-not-in-san"
name = "b.example.com"
reason = "old phones"
""")  # fmt: skip
        key, csr = self.folder / "k.pem", self.folder / "web.csr"
        authority.openssl("genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        for name, accepted in (("b.example.com", "old phones"), ("c.example.com", None)):
            csr.write_bytes(authority.openssl("req", "-new", "-key", key, "-subj", f"/CN={name}", "-addext",
                                              "subjectAltName=DNS:a.example.com"))  # fmt: skip
            outcome = harness.run(["inspect", "--json", "--farm", farm, str(csr)])
            found = {one["id"]: one for one in outcome.json()["files"][0]["findings"]}
            self.assertEqual(found["name.subject-not-in-san"]["accepted"], accepted)
            if accepted:
                self.assertIn("accepted", harness.run(["inspect", "--farm", farm, str(csr)]).stdout)


if __name__ == "__main__":
    harness.main()
