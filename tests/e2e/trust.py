"""`trust`: what servers behind the proxy present, told apart by what is wrong."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import servers
import trust_case
from trust_case import day


class Servers(trust_case.TrustCase):
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

    def test_a_present_protocol_with_algorithms_of_old(self):
        leaf = self.leaf(algorithm=["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        port = self.serve(leaf, "-tls1_2", "-sigalgs", "RSA+SHA1", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
        item = self.told(self.trust(self.farm(f"localhost:{port}"), "--json"))["items"][0]
        self.assertEqual(self.ids(item), ["trust.backend-protocol"])
        self.assertIn("TLSv1.2 with ECDHE-RSA-AES128-GCM-SHA256, which OpenSSL", item["findings"][0]["message"])

    def test_a_server_that_wants_a_certificate_of_its_clients_shows_its_own(self):
        for flag in ("-tls1_2", "-tls1_3"):
            with self.subTest(flag):
                self.assertEqual(self.judged(self.serve(self.leaf(), flag, "-Verify", "3"), 0), ("trusted", []))

    def test_whoever_is_no_tls_server_is_unreachable(self):
        rows = {
            "nobody listens": servers.closed(self),
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

    def test_a_server_that_refuses_every_offer(self):
        # Its cipher needs an RSA key, and it has none.
        port = self.serve(self.leaf(), "-tls1_2", "-cipher", "AES128-SHA")
        outcome = self.trust(self.farm(f"localhost:{port}"), "--json")
        self.assert_one_error_object(outcome, 10)
        self.assertIn("refuses every offer", outcome.error()["message"])

    def test_one_that_is_down_does_not_hide_the_others(self):
        more = f'[[director]]\nexternal_web_fqdn = "dir.contoso.com"\nbackend = "localhost:{self.serve(self.leaf())}"\n'
        outcome = self.trust(self.farm(servers.closed(self), more=more), "--json")
        self.assert_one_error_object(outcome, 10)
        document = outcome.json()
        self.assertEqual([item["state"] for item in document["items"]], ["unreachable", "trusted"])
        self.assertEqual(document["bundle"], "internal-ca-bundle.pem")

    def test_a_ca_s_certificate_on_a_server_has_to_have_the_name_too(self):
        port = self.serve(self.root, chain=False)
        self.assertEqual(self.judged(port, 4), ("refused", ["trust.backend-name"]))

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


if __name__ == "__main__":
    harness.main()
