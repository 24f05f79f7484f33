"""`trust`: the internal roots, and what is made of them: the bundle, the script for Windows, this machine's anchors."""

import base64
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import authority
import farms
import harness
import servers
import trust_case
from trust_case import day


class Roots(trust_case.TrustCase):
    def test_without_roots_nothing_is_trusted_and_everything_is_shown(self):
        port = self.serve(self.leaf())
        outcome = self.trust(self.farm(f"localhost:{port}", roots=[]))
        self.assert_code(outcome, 4)
        self.assertIn("unverified", outcome.stdout)
        fingerprint = farms.tool("openssl", "x509", "-in", self.issuing.file, "-noout", "-fingerprint", "-sha256")
        self.assertIn(fingerprint.strip().split("=")[1].replace(":", "").lower(), outcome.stdout)
        self.assertIn("trust.no-roots", outcome.stdout)
        self.assertIn("trust.internal_roots", outcome.stdout)
        self.assertFalse(self.out.exists())
        outcome = self.trust(self.farm(f"localhost:{port}", roots=[]), "--anchor", "--yes", "--anchor-dir",
                             str(self.folder / "anchors"), "--write-windows", str(self.folder / "x.ps1"))  # fmt: skip
        self.assert_code(outcome, 4)
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name in ("anchors", "x.ps1")], [])

    def test_files_that_hold_no_roots(self):
        port = self.serve(self.leaf())
        document = self.told(self.trust(self.farm(f"localhost:{port}", roots=[self.root, self.issuing]), "--json"), 4)
        self.assertEqual(self.ids(document), ["trust.not-a-root"])
        self.assertFalse(self.bundle().exists())
        (self.folder / "text.pem").write_text("no certificate\n")
        farm = self.farm(f"localhost:{port}").replace("farm.toml", "text.toml")
        text = pathlib.Path(self.folder / "farm.toml").read_text().replace(str(self.root.file), "text.pem")
        pathlib.Path(farm).write_text(text)
        self.assert_code(self.trust(farm), 3)
        pathlib.Path(farm).write_text(text.replace("text.pem", "missing.pem"))
        self.assert_code(self.trust(farm), 3)

    def test_a_root_of_version_1_is_one(self):
        key, root = self.folder / "old.key", self.folder / "old.pem"
        # OpenSSL 3.5 wants to be asked for it.
        asked = ["-x509v1"] if "-x509v1" in farms.tool("openssl", "req", "-help") else []
        farms.tool("openssl", "req", "-x509", *asked, "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=Old root",
                   "-config", self.write("v1.cnf", "[req]\ndistinguished_name = subject\n[subject]\n"), "-days", "30",
                   "-out", root)  # fmt: skip
        self.assertIn("Version: 1 ", farms.tool("openssl", "x509", "-in", root, "-noout", "-text"))
        old, leaf = (authority.Certificate(self.folder, stem) for stem in ("old", "leaf"))
        farms.tool("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", leaf.key, "-subj", "/CN=localhost",
                   "-out", self.folder / "leaf.csr")  # fmt: skip
        farms.tool("openssl", "x509", "-req", "-in", self.folder / "leaf.csr", "-CA", root, "-CAkey", key, "-days", "20",
                   "-out", leaf.file, "-extfile", self.write("leaf.cnf", "subjectAltName = DNS:localhost\n"))  # fmt: skip
        port = self.serve(leaf, chain=False)
        document = self.told(self.trust(self.farm(f"localhost:{port}", roots=[old]), "--json"))
        self.assertEqual(document["items"][0]["state"], "trusted")
        self.assertIn("OK", farms.tool("openssl", "verify", "-CAfile", self.bundle(), leaf.file))

    def test_an_expired_root_is_an_error(self):
        old = self.ca.make("Old root", ca=True, begins=day(-900), ends=day(-3))
        port = self.serve(self.leaf(old), chain=False)
        document = self.told(self.trust(self.farm(f"localhost:{port}", roots=[old]), "--json"), 4)
        self.assertEqual(self.ids(document), ["cert.expired"])

    def test_a_second_run_leaves_the_bundle_alone_and_keeps_what_it_knows(self):
        farm = self.farm(f"localhost:{self.serve(self.leaf())}")
        self.assert_code(self.trust(farm), 0)
        first = (self.bundle().read_bytes(), self.bundle().stat().st_mtime_ns)
        self.assert_code(self.trust(farm), 0)
        self.assertEqual((self.bundle().read_bytes(), self.bundle().stat().st_mtime_ns), first)
        self.assert_code(self.trust(self.farm(servers.closed(self))), 10)
        self.assertEqual(self.bundle().read_bytes(), first[0], "the intermediate of a server that is down stays")

    def test_an_intermediate_of_nobody_s_stays_out_of_the_bundle(self):
        other = self.ca.make("Other root", ca=True)
        stray = self.ca.make("Stray issuing", other, ca=True)
        sent = self.ca.write("sent.pem", self.issuing, stray)
        leaf = self.leaf()
        port = self.serve(leaf, "-cert_chain", sent, chain=False)
        self.assert_code(self.trust(self.farm(f"localhost:{port}")), 0)
        self.assertNotIn("Stray", self.bundle().read_text())

    def test_an_accepted_finding_lets_it_go_on(self):
        port = self.serve(self.leaf(name="elsewhere.contoso.com"))
        accept = '[[rules.accept]]\nfinding = "trust.backend-name"\nreason = "CHG-1"\n'
        item = self.told(self.trust(self.farm(f"localhost:{port}", accept=accept), "--json"))["items"][0]
        self.assertEqual((item["state"], item["findings"][0]["accepted"]), ("trusted", "CHG-1"))
        self.assertTrue(self.bundle().exists())
        for name, code in (("localhost", 0), ("pool01.corp.contoso.com", 4)):
            accept = f'[[rules.accept]]\nfinding = "trust.backend-name"\nname = "{name}"\nreason = "CHG-1"\n'
            self.told(self.trust(self.farm(f"localhost:{port}", accept=accept), "--json"), code)

    def test_an_output_directory_that_takes_nothing(self):
        blocked = self.write("blocked", "a file\n")
        outcome = harness.run(["trust", self.farm(f"localhost:{self.serve(self.leaf())}"), "--out", blocked, "--json"])
        self.assert_one_error_object(outcome, 9)


class ChainFile(trust_case.TrustCase):
    def chain(self, *certificates):
        return str(self.ca.write("chain.pem", *certificates))

    def judged_file(self, code, *certificates, backend="pool01.corp.contoso.com"):
        outcome = self.trust(self.farm(backend), "--json", "--chain", self.chain(*certificates))
        item = self.told(outcome, code)["items"][0]
        return item["state"], self.ids(item)

    def test_a_file_instead_of_a_connection(self):
        leaf = self.leaf(name="pool01.corp.contoso.com")
        self.assertEqual(self.judged_file(0, leaf, self.issuing), ("trusted", []))
        self.assertEqual(self.judged_file(0, self.root, self.issuing, leaf), ("trusted", []))
        self.assertEqual(self.judged_file(0, self.issuing), ("trusted", []))
        self.assertEqual(self.judged_file(4, self.leaf(), self.issuing), ("refused", ["trust.backend-name"]))
        other = self.ca.make("Other root", ca=True)
        self.assertEqual(self.judged_file(4, self.leaf(other, "pool01.corp.contoso.com"), other),
                         ("refused", ["trust.root-mismatch"]))  # fmt: skip

    def test_pkcs7_is_read_too(self):
        leaf = self.leaf(name="pool01.corp.contoso.com")
        file = self.folder / "chain.p7b"
        farms.tool("openssl", "crl2pkcs7", "-nocrl", "-certfile", self.chain(leaf, self.issuing), "-outform", "DER", "-out", file)
        item = self.told(self.trust(self.farm("pool01.corp.contoso.com"), "--json", "--chain", str(file)))["items"][0]
        self.assertEqual((item["state"], len(item["chain"])), ("trusted", 2))

    def test_bad_files(self):
        for content in ("", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
            with self.subTest(content):
                outcome = self.trust(self.farm("pool01"), "--json", "--chain", self.write("bad.pem", content))
                self.assert_one_error_object(outcome, 3)
        self.assert_code(self.trust(self.farm("pool01"), "--chain", str(self.folder / "none")), 3)

    def test_a_farm_without_backends_needs_a_file(self):
        farm = self.farm("pool01")
        text = pathlib.Path(farm).read_text().replace('backend = "pool01"\n', "")
        outcome = self.trust(self.write("none.toml", text), "--json")
        self.assert_one_error_object(outcome, 3)
        self.assertIn("--chain", outcome.error()["hint"])
        self.assert_code(self.trust(self.write("none.toml", text), "--chain", self.chain(self.leaf(), self.issuing)), 0)


class Windows(trust_case.TrustCase):
    def script(self, *more):
        file = self.folder / "roots.ps1"
        outcome = self.trust(self.farm(f"localhost:{self.serve(self.leaf())}"), "--write-windows", str(file), *more)
        return outcome, file

    def test_the_certificates_inside_are_ours_and_go_where_they_belong(self):
        self.root = self.ca.make("Contoso 'root' \u00fcber $(evil) \u2028", ca=True, days=3650)
        self.issuing = self.ca.make("Contoso issuing", self.root, ca=True, days=1825)
        outcome, file = self.script()
        self.assert_code(outcome, 0)
        raw = file.read_bytes()
        text = raw.decode("ascii")
        self.assertEqual(raw.count(b"\n"), raw.count(b"\r\n"))
        calls = re.findall(r"^Add-TrustedCertificate '(\w+)' '([0-9A-F]{40})' @'\r\n([A-Za-z0-9+/=\r\n]+)\r\n'@\r\n", text, re.M)
        self.assertEqual([store for store, _, _ in calls], ["Root", "CA"])
        for (_, thumbprint, body), certificate in zip(calls, (self.root, self.issuing)):
            self.assertEqual(base64.b64decode(body), certificate.der)
            shown = farms.tool("openssl", "x509", "-in", certificate.file, "-noout", "-fingerprint", "-sha1")
            self.assertEqual(thumbprint, shown.strip().split("=")[1].replace(":", ""))
        # Outside the function, nothing but comments and these calls.
        rest = re.sub(r"^Add-TrustedCertificate .*?^'@\r\n", "", text[text.index("\n}\r\n\r\n#"):], flags=re.M | re.S)
        self.assertEqual([line for line in rest.splitlines() if line and not line.startswith("#") and line != "}"], [])
        self.assertIn("certutil -addstore -f $StoreName", text)

    def test_the_file_is_not_replaced_unasked(self):
        outcome, file = self.script()
        self.assert_code(outcome, 0)
        self.assert_code(self.script()[0], 0)
        file.write_text("mine\n")
        self.assert_code(self.script()[0], 9)
        self.assertEqual(file.read_text(), "mine\n")
        self.assert_code(self.script("--replace")[0], 0)
        self.assertIn(b"Add-TrustedCertificate", file.read_bytes())

    def test_a_folder_in_its_place_is_to_be_moved_away(self):
        (self.folder / "roots.ps1").mkdir()
        for more in ([], ["--replace"]):
            outcome, _ = self.script("--json", *more)
            self.assert_one_error_object(outcome, 9)
            self.assertIn("move that folder away", outcome.error()["hint"])


class Anchor(trust_case.TrustCase):
    """With Debian's own update-ca-certificates, led to folders of the test by a wrapper in PATH."""

    def setUp(self):
        super().setUp()
        self.anchors, self.etc, bin_folder = (self.folder / name for name in ("anchors", "etc", "bin"))
        for folder in (self.etc, bin_folder, self.folder / "hooks"):
            folder.mkdir()
        (self.folder / "conf").write_text("")
        wrapper = bin_folder / "update-ca-certificates"
        wrapper.write_text(f'#!/bin/sh\nexec /usr/sbin/update-ca-certificates "$@" --etccertsdir {self.etc} --hooksdir '
                           f"{self.folder / 'hooks'} --certsconf {self.folder / 'conf'} --certsdir {bin_folder}\n")  # fmt: skip
        wrapper.chmod(0o755)
        self.wrapper = wrapper
        self.env = {"PATH": f"{bin_folder}:{os.environ['PATH']}"}
        self.farm_file = self.farm(f"localhost:{self.serve(self.leaf())}")

    def anchor(self, *more):
        return self.trust(self.farm_file, "--anchor", "--anchor-dir", str(self.anchors), *more, env=self.env)

    def test_the_machine_s_store_then_has_the_root(self):
        document = self.told(self.anchor("--yes", "--json"))
        fingerprint = farms.tool("openssl", "x509", "-in", self.root.file, "-noout", "-fingerprint", "-sha256")
        name = "hsmreq-contoso-" + fingerprint.strip().split("=")[1].replace(":", "").lower()[:16] + ".crt"
        self.assertEqual(document["anchors"], [str(self.anchors / name)])
        self.assertEqual([p.name for p in self.anchors.iterdir()], [name])
        self.assertIn("OK", farms.tool("openssl", "verify", "-CAfile", self.etc / "ca-certificates.crt", self.issuing.file))
        self.assertNotIn("issuing", (self.anchors / name).read_text(), "intermediates are no anchors")
        self.assert_code(self.anchor("--yes"), 0)

    def test_without_a_terminal_it_wants_yes(self):
        self.assert_code(self.anchor(), 2)
        self.assertFalse(self.anchors.exists())

    def test_it_asks_on_a_terminal(self):
        for answer, code in (("no", 130), ("yes", 0)):
            command = ["trust", self.farm_file, "--out", str(self.out), "--anchor", "--anchor-dir", str(self.anchors)]
            with harness.TerminalRun(command, env=self.env) as run:
                run.wait_for("Type yes to add them")
                self.assertIn("Contoso root", run.shown)
                run.type(answer + "\n")
                self.assertEqual(run.finish(), code, run.shown)
            self.assertEqual(self.anchors.exists(), code == 0)

    def test_what_it_can_t_do_ends_in_9(self):
        self.wrapper.write_text("#!/bin/sh\necho 'rehash: no space left'\nexit 3\n")
        outcome = self.anchor("--yes", "--json")
        self.assert_one_error_object(outcome, 9)
        self.assertIn("rehash: no space left", outcome.error()["message"])
        self.env = {"PATH": str(self.folder / "nowhere")}
        outcome = self.anchor("--yes", "--json")
        self.assert_one_error_object(outcome, 9)
        self.assertIn("ca-certificates", outcome.error()["hint"])

    def test_what_does_not_verify_is_not_anchored(self):
        other = self.ca.make("Other root", ca=True)
        self.farm_file = self.farm(f"localhost:{self.serve(self.leaf())}", roots=[other])
        self.assert_code(self.anchor("--yes"), 4)
        self.assertFalse(self.anchors.exists())


if __name__ == "__main__":
    harness.main()
