"""`trust`: what servers behind the proxy present, told apart by what is wrong, and what is made of the roots."""

import base64
import datetime
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import authority
import farms
import harness
import servers

FARM = """[farm]
name = "contoso"
product = "lync-server-2013"
sip_domains = ["contoso.com"]
ca = "private"

[[pool]]
external_web_fqdn = "webext.contoso.com"
backend = "{pool}"
{more}
[simple_urls]
dialin = ["https://dialin.contoso.com"]
meet_pattern = "https://meet.{{sip_domain}}"

[token]
module = "softhsm2"
[[member]]
name = "rp01"
uri = "pkcs11:token=rp01"
{trust}
"""


def day(offset):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=offset, hours=1)
    return moment.strftime("%y%m%d%H%M%SZ")


class TrustCase(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.ca = authority.Authority(self.folder)
        self.root = self.ca.make("Contoso root", ca=True, days=3650)
        self.issuing = self.ca.make("Contoso issuing", self.root, ca=True, days=1825)
        self.out = self.folder / "out"

    def leaf(self, issuer=None, name="localhost", **options):
        return self.ca.make(name, issuer or self.issuing, **options)

    def serve(self, leaf, *more, chain=True):
        """The port on which the leaf is served, with what it sends beside it."""
        sent = ["-cert_chain", self.issuing.file] if chain else []
        return servers.port_of(servers.tls(self, leaf.key, leaf.file, *sent, *more))

    def farm(self, backend, roots=None, more="", accept=""):
        roots = [self.root] if roots is None else roots
        trust = f"[trust]\ninternal_roots = [{', '.join(repr(str(root.file)) for root in roots)}]\n" if roots else ""
        return self.write("farm.toml", FARM.format(pool=backend, more=more, trust=trust + accept))

    def trust(self, farm, *more, **options):
        return harness.run(["trust", farm, "--out", str(self.out), *more], **options)

    def told(self, outcome, code=0):
        self.assert_code(outcome, code)
        self.assert_valid(outcome.stdout, "trust")
        return outcome.json()

    def ids(self, item):
        return sorted(finding["id"] for finding in item["findings"])

    def judged(self, port, code, *more, **options):
        """(state, findings) of the one backend on that port."""
        item = self.told(self.trust(self.farm(f"localhost:{port}", **options), "--json", *more), code)["items"][0]
        return item["state"], self.ids(item)

    def bundle(self):
        return self.out / "internal-ca-bundle.pem"


class Servers(TrustCase):
    def test_a_good_chain_is_trusted_and_the_bundle_verifies_the_leaf(self):
        leaf = self.leaf()
        farm = self.farm(f"localhost:{self.serve(leaf)}")
        document = self.told(self.trust(farm, "--json"))
        item = document["items"][0]
        self.assertEqual((item["state"], self.ids(item), item["root"]), ("trusted", [], "CN=Contoso root"))
        self.assertEqual((item["protocol"], item["uses"]), ("TLSv1.3", ["pool webext.contoso.com", "simple URLs", "autodiscover"]))
        self.assertEqual(document["bundle"], "internal-ca-bundle.pem")
        self.assertIn("OK", farms.tool("openssl", "verify", "-CAfile", self.bundle(), leaf.file))
        subjects = re.findall(r"^# (.*)$", self.bundle().read_text(), re.MULTILINE)
        self.assertEqual(subjects, ["CN=Contoso root", "CN=Contoso issuing"])
        self.assertEqual(self.bundle().stat().st_mode & 0o777, 0o644)

    def test_what_is_wrong_with_a_certificate_is_told_apart(self):
        other = self.ca.make("Other root", ca=True)
        other_issuing = self.ca.make("Other issuing", other, ca=True)
        rows = [
            ("wrong root, sent along", self.leaf(other), ["-cert_chain", other.file], 4, ["trust.root-mismatch"]),
            ("wrong root behind an intermediate", self.leaf(other_issuing), ["-cert_chain", other_issuing.file], 4,
             ["trust.root-mismatch"]),
            ("wrong name", self.leaf(name="elsewhere.contoso.com"), None, 4, ["trust.backend-name"]),
            ("expired", self.leaf(begins=day(-60), ends=day(-2)), None, 4, ["cert.expired"]),
            ("expiring", self.leaf(begins=day(-60), ends=day(10)), None, 0, ["trust.backend-expiring"]),
            ("not yet valid", self.leaf(begins=day(5), ends=day(60)), None, 4, ["cert.not-yet-valid"]),
            ("SHA-1", self.leaf(hash="sha1"), None, 0, ["trust.backend-sha1"]),
            ("weak key", self.leaf(algorithm=["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]), None, 4,
             ["key.rsa-too-small"]),
        ]  # fmt: skip
        for what, leaf, sent, code, ids in rows:
            with self.subTest(what):
                more = ["-cipher", "DEFAULT:@SECLEVEL=0", *(sent or [])]
                state, found = self.judged(self.serve(leaf, *more, chain=sent is None), code)
                self.assertEqual((state, found), ("refused" if code else "trusted", ids))

    def test_a_chain_that_is_not_sent_whole(self):
        leaf = self.leaf()
        port = self.serve(leaf, chain=False)
        # Nothing tells an intermediate that was left out from another root.
        self.assertEqual(self.judged(port, 4), ("refused", ["cert.chain-incomplete", "trust.root-mismatch"]))
        # Another server sends it: then it is the intermediate.
        second = f'[[director]]\nexternal_web_fqdn = "dir.contoso.com"\nbackend = "localhost:{self.serve(self.leaf())}"\n'
        items = self.told(self.trust(self.farm(f"localhost:{port}", more=second), "--json"), 4)["items"]
        self.assertEqual([(i["state"], self.ids(i)) for i in items],
                         [("refused", ["cert.chain-incomplete"]), ("trusted", [])])  # fmt: skip

    def test_a_leaf_straight_from_the_root_is_whole(self):
        self.assertEqual(self.judged(self.serve(self.leaf(self.root), chain=False), 0), ("trusted", []))

    def test_a_root_with_the_same_name_and_another_key(self):
        twin = self.ca.make("Contoso root", ca=True)
        port = self.serve(self.leaf(self.root), chain=False)
        outcome = self.trust(self.farm(f"localhost:{port}", roots=[twin]), "--json")
        item = self.told(outcome, 4)["items"][0]
        self.assertIn("trust.root-mismatch", self.ids(item))
        self.assertIn("with another key", outcome.stdout)

    def test_warn_days(self):
        port = self.serve(self.leaf(begins=day(-10), ends=day(40)))
        self.assertEqual(self.judged(port, 0), ("trusted", []))
        self.assertEqual(self.judged(port, 0, "--warn-days", "60"), ("trusted", ["trust.backend-expiring"]))
        outcome = self.trust(self.farm(f"localhost:{port}"), "--warn-days", "never")
        self.assert_code(outcome, 2)

    def test_old_protocols_are_diagnosed(self):
        leaf = self.leaf(algorithm=["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        for flag, name in (("-tls1", "TLSv1"), ("-tls1_1", "TLSv1.1")):
            with self.subTest(name):
                port = self.serve(leaf, flag, "-cipher", "ALL:@SECLEVEL=0")
                item = self.told(self.trust(self.farm(f"localhost:{port}"), "--json"))["items"][0]
                self.assertEqual((item["protocol"], self.ids(item)), (name, ["trust.backend-protocol"]))
                self.assertEqual(item["state"], "trusted")
        port = self.serve(leaf, "-tls1_2")
        self.assertEqual(self.judged(port, 0), ("trusted", []))

    def test_a_server_that_wants_a_certificate_of_its_clients_shows_its_own(self):
        for flag in ("-tls1_2", "-tls1_3"):
            with self.subTest(flag):
                self.assertEqual(self.judged(self.serve(self.leaf(), flag, "-Verify", "3"), 0), ("trusted", []))

    def test_whoever_is_no_tls_server_is_unreachable(self):
        rows = {
            "nobody listens": servers.closed(),
            "no TLS": servers.listening(self, b"220 mail.contoso.com ESMTP\r\n"),
            "web without TLS": servers.listening(self, b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            "closes at once": servers.listening(self, b""),
            "never answers": servers.listening(self),
            "no such name": "no-such-host.invalid:4443",
        }
        for what, address in rows.items():
            with self.subTest(what):
                outcome = self.trust(self.farm(address), "--json", "--timeout", "1")
                self.assert_one_error_object(outcome, 10)
                self.assertEqual(outcome.json()["items"][0]["state"], "unreachable")
                self.assertIn("pool[0].backend", outcome.error()["hint"])

    def test_one_that_is_down_does_not_hide_the_others(self):
        more = f'[[director]]\nexternal_web_fqdn = "dir.contoso.com"\nbackend = "localhost:{self.serve(self.leaf())}"\n'
        outcome = self.trust(self.farm(servers.closed(), more=more), "--json")
        self.assert_one_error_object(outcome, 10)
        document = outcome.json()
        self.assertEqual([item["state"] for item in document["items"]], ["unreachable", "trusted"])
        self.assertEqual(document["bundle"], "internal-ca-bundle.pem")

    def test_every_kind_of_backend_is_asked_once(self):
        port = self.serve(self.leaf())
        more = f"""[[director]]
external_web_fqdn = "dir.contoso.com"
backend = "localhost:{port}"
[mobility]
autodiscover = true
[office_web_apps]
external_fqdns = ["owa.contoso.com"]
backend = "127.0.0.1:{port}"
[exchange]
autodiscover_fqdns = ["autodiscover.contoso.com"]
backend = "localhost:{port}"
"""
        items = self.told(self.trust(self.farm(f"localhost:{port}", more=more), "--json"), 4)["items"]
        self.assertEqual([(i["address"], i["uses"], i["state"]) for i in items], [
            (f"localhost:{port}", ["pool webext.contoso.com", "director dir.contoso.com", "simple URLs", "autodiscover",
                                   "Exchange"], "trusted"),
            (f"127.0.0.1:{port}", ["Office Web Apps"], "refused"),
        ])  # fmt: skip
        self.assertEqual(self.ids(items[1]), ["trust.backend-name"])

    def test_an_address_counts_when_the_certificate_has_it(self):
        port = self.serve(self.leaf(extensions="", names=["x"]))
        self.assertEqual(self.told(self.trust(self.farm(f"127.0.0.1:{port}"), "--json"), 4)["items"][0]["state"], "refused")
        leaf = self.ca.make("by address", self.issuing, names=["x,IP:127.0.0.1"])
        port = self.serve(leaf)
        self.assertEqual(self.told(self.trust(self.farm(f"127.0.0.1:{port}"), "--json"))["items"][0]["state"], "trusted")


class Roots(TrustCase):
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
        self.assert_code(self.trust(self.farm(servers.closed())), 10)
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

    def test_an_output_directory_that_takes_nothing(self):
        blocked = self.write("blocked", "a file\n")
        outcome = harness.run(["trust", self.farm(f"localhost:{self.serve(self.leaf())}"), "--out", blocked, "--json"])
        self.assert_one_error_object(outcome, 9)


class ChainFile(TrustCase):
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


class Windows(TrustCase):
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


class Anchor(TrustCase):
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
