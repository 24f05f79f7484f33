"""hsmreq inspect on certificates, bundles and chains, with the openssl tool as the judge beside it."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import authority
import harness
from authority import openssl

FARM = """[farm]
name = "web"
product = "generic"
ca = "private"
[trust]
issuing_roots = ["{roots}"]
[[member]]
name = "rp01"
module = "softhsm2"
uri = "pkcs11:token=rp01"
[[request]]
name = "first"
names = ["www.example.com", "meet.example.com"]
[[request]]
name = "second"
names = ["mail.example.com", "*.wild.example.com"]
[request.key]
algorithm = "ec-p256"
"""


class Certificates(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.ca = authority.Authority(self.folder)

    def three(self, **leaf):
        """Root, intermediate and leaf."""
        root = self.ca.make("Root", ca=True, days=3650)
        intermediate = self.ca.make("Intermediate", root, ca=True, days=900)
        return root, intermediate, self.ca.make("mail.example.com", intermediate, **leaf)

    def farm(self, root):
        return self.write("farm.toml", FARM.format(roots=root.file))

    def inspect(self, *args, **options):
        outcome = harness.run(["inspect", "--json", *map(str, args)], **options)
        if outcome.stdout:
            self.assert_valid(outcome.stdout, "inspect")
        return outcome

    def ids(self, outcome, index=0):
        return [finding["id"] for finding in outcome.json()["files"][index]["findings"]]

    def openssl_verifies(self, root, untrusted, leaf):
        words = ["openssl", "verify", "-CAfile", root.file]
        if untrusted:
            words += ["-untrusted", self.ca.write("untrusted.pem", *untrusted)]
        done = subprocess.run([*map(str, words), str(leaf.file)], capture_output=True, timeout=120)
        return done.returncode == 0

    def test_a_whole_chain_in_any_order_holds_and_is_put_in_order(self):
        root, intermediate, leaf = self.three()
        self.assertTrue(self.openssl_verifies(root, [intermediate], leaf))
        for bundle in ([leaf, intermediate, root], [root, leaf, intermediate], [intermediate, root, leaf]):
            file = self.ca.write("bundle.pem", *bundle)
            outcome = self.inspect(file, "--ca", "private", "--farm", self.farm(root), "--request", "second")
            entry = outcome.json()["files"][0]
            self.assertEqual(entry["type"], "certificates")
            self.assertEqual(
                entry["chains"],
                [{"order": [bundle.index(leaf), bundle.index(intermediate), bundle.index(root)], "root": "CN=Root",
                  "holds": True}],
            )  # fmt: skip
            self.assertFalse([one for one in self.ids(outcome) if one.startswith("cert.")], outcome)

    def test_what_is_shown_is_what_openssl_shows(self):
        extensions = (
            "authorityInfoAccess = OCSP;URI:http://ocsp.example.com, caIssuers;URI:http://ca.example.com/i.cer\n"
            "crlDistributionPoints = URI:http://crl.example.com/i.crl\n"
            "certificatePolicies = 2.23.140.1.2.1\n"
        )
        _, _, leaf = self.three(names=["mail.example.com", "a.example.com"], extensions=extensions)
        one = self.inspect(leaf.file, "--ca", "private").json()["files"][0]["certificates"][0]
        shown = openssl("x509", "-in", leaf.file, "-noout", "-serial", "-fingerprint", "-sha256").decode().lower()
        self.assertIn("serial=" + one["serial"], shown)
        self.assertIn(one["der_sha256"], shown.replace(":", ""))
        sha1 = openssl("x509", "-in", leaf.file, "-noout", "-fingerprint", "-sha1").decode().lower()
        self.assertIn(one["der_sha1"], sha1.replace(":", ""))
        self.assertEqual(one["issuer_text"], "CN=Intermediate")
        self.assertEqual([name["value"] for name in one["subject_alternative_names"]],
                         ["mail.example.com", "a.example.com"])  # fmt: skip
        self.assertEqual(one["issuer_urls"], ["http://ca.example.com/i.cer"])
        self.assertEqual(one["ocsp_urls"], ["http://ocsp.example.com"])
        self.assertEqual(one["crl_urls"], ["http://crl.example.com/i.crl"])
        self.assertEqual(one["policies"], ["2.23.140.1.2.1"])
        self.assertEqual(one["basic_constraints"], {"critical": True, "ca": False, "path_length": None})
        self.assertEqual(one["key_usage"], {"critical": True, "values": ["digitalSignature"]})
        text = harness.run(["inspect", str(leaf.file), "--ca", "private"]).stdout
        for word in ("X.509 certificate", "CN=Intermediate", "no CA [critical]", "http://ocsp.example.com", "serverAuth"):
            self.assertIn(word, text)

    def test_every_container_gives_the_same_certificates(self):
        root, intermediate, leaf = self.three()
        bundle = self.ca.write("bundle.pem", leaf, intermediate, root)
        wanted = [one["der_sha256"] for one in self.inspect(bundle).json()["files"][0]["certificates"]]
        p7b = openssl("crl2pkcs7", "-nocrl", "-certfile", bundle)
        files = {
            "text.pem": b"Subject: somebody\n" + bundle.read_bytes().replace(b"\n", b"\r\n") + b"and more\n",
            "chain.p7b": p7b,
            "chain.der.p7b": openssl("pkcs7", "-in", "/dev/stdin", "-outform", "DER", input=p7b),
            "cms.pem": p7b.replace(b"PKCS7", b"CMS"),
            "chain.pem": p7b.replace(b"PKCS7", b"CERTIFICATE CHAIN"),
            "windows.p7b": p7b.replace(b"PKCS7", b"CERTIFICATE"),
            "utf16.pem": b"\xff\xfe" + bundle.read_text().encode("utf-16-le"),
            "trusted.pem": b"".join(
                openssl("x509", "-in", one.file, "-trustout", "-addtrust", "serverAuth")
                for one in (leaf, intermediate, root)
            ),
        }
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
            entry = self.inspect(self.folder / name).json()["files"][0]
            found = [one["der_sha256"] for one in entry.get("certificates", [])]
            self.assertEqual(sorted(found), sorted(wanted), (name, entry["error"]))
        (self.folder / "leaf.cer").write_bytes(leaf.der)
        entry = self.inspect(self.folder / "leaf.cer").json()["files"][0]
        self.assertEqual([one["der_sha256"] for one in entry["certificates"]], wanted[:1])
        self.assertIsNone(entry["certificates"][0]["pem_label"])
        piped = self.inspect("-", input=files["text.pem"]).json()["files"][0]
        self.assertEqual([one["der_sha256"] for one in piped["certificates"]], wanted)

    def test_a_missing_intermediate_is_named_with_the_place_it_may_be_had_from(self):
        where = "authorityInfoAccess = caIssuers;URI:http://ca.example.com/i.cer\n"
        root, _, leaf = self.three(extensions=where)
        self.assertFalse(self.openssl_verifies(root, [], leaf))
        outcome = self.inspect(leaf.file, "--farm", self.farm(root))
        self.assert_code(outcome, 4)
        (finding,) = [one for one in outcome.json()["files"][0]["findings"] if one["id"] == "cert.chain-incomplete"]
        self.assertIn('"CN=Intermediate"', finding["message"])
        self.assertIn("http://ca.example.com/i.cer", finding["fix"])

    def test_an_expired_certificate_is_named(self):
        root = self.ca.make("Root", ca=True, days=3650)
        old = {"begins": "200101000000Z", "ends": "210101000000Z"}
        for expired, leaf in (
            (True, self.ca.make("old.example.com", root, **old)),
            (False, self.ca.make("new.example.com", root)),
        ):
            outcome = self.inspect(leaf.file, "--farm", self.farm(root))
            self.assertEqual("cert.expired" in self.ids(outcome), expired)
            self.assertEqual(self.openssl_verifies(root, [], leaf), not expired)
        intermediate = self.ca.make("Old", root, ca=True, **old)
        leaf = self.ca.make("mail.example.com", intermediate)
        self.assertFalse(self.openssl_verifies(root, [intermediate], leaf))
        file = self.ca.write("bundle.pem", leaf, intermediate)
        outcome = self.inspect(file, "--farm", self.farm(root))
        (finding,) = [one for one in outcome.json()["files"][0]["findings"] if one["id"] == "cert.expired"]
        self.assertEqual(finding["where"], f"{file}, certificate 2")
        self.assertFalse(outcome.json()["files"][0]["chains"][0]["holds"])
        # A date given by hand moves no certificate's validity.
        self.assertIn("cert.expired", self.ids(self.inspect(file, "--date", "2020-06-01")))

    def test_a_certificate_of_the_future_is_not_yet_valid(self):
        root = self.ca.make("Root", ca=True, days=3650)
        leaf = self.ca.make("later.example.com", root, begins="400101000000Z", ends="400301000000Z")
        self.assertFalse(self.openssl_verifies(root, [], leaf))
        self.assertIn("cert.not-yet-valid", self.ids(self.inspect(leaf.file, "--farm", self.farm(root))))

    def test_a_signature_by_another_key_is_found(self):
        root = self.ca.make("Root", ca=True, days=3650)
        stranger = self.ca.make("Stranger", ca=True)
        leaf = self.ca.make("mail.example.com", root)
        der = bytearray(leaf.der)
        der[-1] ^= 1
        leaf.file.write_bytes(openssl("x509", "-inform", "DER", input=bytes(der)))
        self.assertFalse(self.openssl_verifies(root, [], leaf))
        outcome = self.inspect(leaf.file, "--farm", self.farm(root))
        self.assert_code(outcome, 4)
        self.assertIn("cert.bad-signature", self.ids(outcome))
        outcome = self.inspect(stranger.file, "--farm", self.farm(root))
        self.assertIn("cert.untrusted-root", self.ids(outcome))
        self.assert_code(outcome, 4)

    def test_roots_come_from_the_system_when_no_farm_names_them(self):
        root, intermediate, leaf = self.three()
        file = self.ca.write("bundle.pem", leaf, intermediate, root)
        untrusted = self.inspect(file, "--ca", "private")
        self.assert_code(untrusted, 0)
        self.assertIn("cert.untrusted-root", self.ids(untrusted))
        trusted = self.inspect(file, "--ca", "private", env={"SSL_CERT_FILE": str(root.file)})
        self.assertNotIn("cert.untrusted-root", self.ids(trusted))
        self.assertTrue(trusted.json()["files"][0]["chains"][0]["holds"])

    def test_a_certificate_that_leads_nowhere_is_said_to_be_too_many(self):
        root, intermediate, leaf = self.three()
        stranger = self.ca.make("Stranger", ca=True)
        file = self.ca.write("bundle.pem", leaf, stranger, intermediate, leaf)
        outcome = self.inspect(file, "--farm", self.farm(root))
        (finding,) = [one for one in outcome.json()["files"][0]["findings"] if one["id"] == "cert.not-in-chain"]
        self.assertIn("CN=Stranger", finding["message"])

    def test_validity_is_measured_against_the_limit_of_the_day_it_begins(self):
        root = self.ca.make("Root", ca=True, begins="200101000000Z", ends="450101000000Z")
        cases = [
            ("260314000000Z", "270415235959Z", False),  # 398 days, the last day before the change
            ("260315000000Z", "260930235959Z", False),  # 200
            ("260315000000Z", "261001000000Z", True),
            ("270315000000Z", "270622235959Z", False),  # 100
            ("270315000000Z", "270623000000Z", True),
            ("290315000000Z", "290430235959Z", False),  # 47
            ("290315000000Z", "290501000000Z", True),
        ]
        for begins, ends, too_long in cases:
            leaf = self.ca.make("mail.example.com", root, begins=begins, ends=ends)
            for ca, expected in (("public", too_long), ("private", False)):
                found = self.ids(self.inspect(leaf.file, "--ca", ca))
                self.assertEqual("cert.validity-too-long" in found, expected, (begins, ends, ca))

    def test_the_last_third_of_the_lifetime_is_soon(self):
        root = self.ca.make("Root", ca=True, days=3650)
        for begins, days, soon in (("250101000000Z", "991231235959Z", False), ("160101000000Z", None, True)):
            ends = {"ends": days} if days else {"days": 30}
            leaf = self.ca.make("mail.example.com", root, begins=begins, **ends)
            self.assertEqual("cert.expires-soon" in self.ids(self.inspect(leaf.file, "--ca", "private")), soon)

    def test_sha1_is_found_in_a_leaf_and_not_in_a_root(self):
        root = self.ca.make("Root", ca=True, hash="sha1")
        leaf = self.ca.make("mail.example.com", root, hash="sha1")
        self.assertIn("key.sha1", self.ids(self.inspect(leaf.file)))
        self.assertNotIn("key.sha1", self.ids(self.inspect(root.file)))

    def test_names_are_compared_with_the_request_that_fits_best(self):
        root, intermediate, leaf = self.three(
            names=["mail.example.com", "a.wild.example.com", "*.wild.example.com", "other.example.com"]
        )
        file = self.ca.write("bundle.pem", leaf, intermediate)
        outcome = self.inspect(file, "--farm", self.farm(root))
        entry = outcome.json()["files"][0]
        self.assertEqual(entry["compared_with"], {"farm": "web", "request": "second", "chosen_by_names": True})
        self.assertNotIn("name.missing", self.ids(outcome))
        unexpected = [one["message"] for one in entry["findings"] if one["id"] == "name.unexpected"]
        self.assertEqual(len(unexpected), 2, unexpected)
        named = self.inspect(file, "--farm", self.farm(root), "--request", "first")
        self.assert_code(named, 4)
        self.assertEqual(named.json()["files"][0]["compared_with"]["chosen_by_names"], False)
        missing = [one["message"] for one in named.json()["files"][0]["findings"] if one["id"] == "name.missing"]
        self.assertEqual(len(missing), 2, missing)
        self.assertIn("key.differs-from-plan", self.ids(named))
        self.assertIn("request second of farm web", harness.run(["inspect", str(file), "--farm", self.farm(root)]).stdout)

    def test_bad_input_ends_in_code_3(self):
        root, _, leaf = self.three()
        whole = leaf.pem
        request = openssl("req", "-new", "-key", leaf.key, "-subj", "/CN=x").decode()
        cases = {
            "cut.pem": whole[: len(whole) // 2],
            "base64.pem": whole.replace("MII", "M!I", 1),
            "both.pem": whole + request,
            "empty.p7b": "-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n",
            "der-in-pem.pem": whole.replace("MI", "MJ", 1),
        }
        for name, text in cases.items():
            outcome = self.inspect(self.write(name, text))
            self.assert_code(outcome, 3)
            self.assertIsNotNone(outcome.json()["files"][0]["error"])
        large = self.write("large.pem", whole + "x" * (1 << 20))
        self.assert_code(self.inspect(large), 3)
        many = self.write("many.pem", leaf.pem * 251)
        outcome = self.inspect(many)
        self.assert_code(outcome, 3)
        self.assertIn("more than 250", outcome.json()["files"][0]["error"]["message"])
        good = self.inspect(cases and self.folder / "cut.pem", root.file)
        self.assertEqual([entry["type"] for entry in good.json()["files"]], [None, "certificates"])
        self.assert_code(good, 3)

    def test_flags_that_make_no_sense_are_refused(self):
        root, _, leaf = self.three()
        self.assert_code(harness.run(["inspect", str(leaf.file), "--request", "first"]), 2)
        self.assert_code(harness.run(["inspect", str(leaf.file), "--ca", "lets-encript"]), 2)
        unknown = harness.run(["inspect", str(leaf.file), "--farm", self.farm(root), "--request", "third"])
        self.assert_code(unknown, 3)
        self.assert_code(harness.run(["inspect", str(leaf.file), "--farm", str(self.folder / "none.toml")]), 3)


if __name__ == "__main__":
    harness.main()
