"""Certificates that are installed: whatever container they come in, to the right key, renewed, seen by outside readers."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import install_case
from install_case import fingerprint, pem, serial
from renewal_case import key_id

FILES = ["web.rp01.chain.pem", "web.rp01.fullchain.pem", "web.rp01.install.evidence.json", "web.rp01.pem",
         "web.rp01.prove.evidence.json"]  # fmt: skip
REQUESTED = ["summary.json", "web.rp01.csr", "web.rp01.evidence.json"]


class Containers(install_case.InstallCase):
    def test_every_container_ends_in_the_same_files_and_object(self):
        farm = self.ready()
        leaf = self.answer()
        bundle = self.with_chain(leaf)
        chain = self.ca.root
        p7b, p7b_der, der = (self.folder / name for name in ("chain.p7b", "chain.der.p7b", "leaf.cer"))
        farms.tool("openssl", "crl2pkcs7", "-nocrl", "-certfile", bundle, "-out", p7b)
        farms.tool("openssl", "crl2pkcs7", "-nocrl", "-certfile", bundle, "-outform", "DER", "-out", p7b_der)
        farms.tool("openssl", "x509", "-in", leaf, "-outform", "DER", "-out", der)
        windows = self.folder / "windows.p7b"
        windows.write_text(p7b.read_text().replace("PKCS7", "CERTIFICATE"))
        backwards = self.bundle(self.issuer.root, chain, leaf, name="backwards.pem")
        cases = {
            "two PEM files": ([leaf, chain], None), "an unordered bundle with the root": ([backwards], None),
            "PKCS#7 in PEM": ([p7b], None), "PKCS#7 in DER": ([p7b_der], None), "as Windows writes it": ([windows], None),
            "DER and PEM": ([chain, der], None), "standard input": (["-"], bundle.read_bytes()),
            "both ways": ([chain, "-"], leaf.read_bytes()), "the same twice": ([bundle, leaf, chain], None),
        }  # fmt: skip
        for name, (files, piped) in cases.items():
            with self.subTest(name):
                for part in FILES:
                    (self.out / part).unlink(missing_ok=True)
                for identity, _, _ in self.certificate_objects():
                    farms.tool("pkcs11-tool", "--module", self.tokens.module, "--token-label", "rp01", "--login", "--pin",
                               self.tokens.pin, "--delete-object", "--type", "cert", "--id", identity,
                               env=self.tokens.env)  # fmt: skip
                outcome = self.install(farm, *files, "--json", input=piped or "")
                self.assert_code(outcome, 0)
                self.assertEqual(self.installed(outcome), [("web", "rp01", 1, "created")])
                self.assertEqual(self.names(), sorted(REQUESTED + FILES))
                self.assertEqual((self.out / "web.rp01.pem").read_text(), pem(leaf))
                self.assertEqual((self.out / "web.rp01.chain.pem").read_text(), pem(chain))
                self.assertEqual((self.out / "web.rp01.fullchain.pem").read_text(), pem(leaf) + pem(chain))
                self.assertEqual(self.certificate_objects(), [(key_id(), "small.web.rp01.g1", serial(leaf))])
                self.assertEqual(self.token_certificate(key_id()), pem(leaf))
                self.assertEqual(outcome.json()["findings"], [])

    def test_openssl_accepts_the_files(self):
        farm = self.ready()
        self.assert_code(self.install(farm, self.with_chain(self.answer())), 0)
        shown = farms.tool("openssl", "verify", "-CAfile", self.issuer.root, "-untrusted", self.out / "web.rp01.chain.pem",
                           self.out / "web.rp01.pem")  # fmt: skip
        self.assertIn("OK", shown)
        self.assertEqual((self.out / "web.rp01.pem").stat().st_mode & 0o777, 0o644)

    def test_without_intermediates_there_is_no_chain_file(self):
        farm = self.ready()
        leaf = self.answer(issuer=self.issuer)
        self.assert_code(self.install(farm, leaf), 0)
        self.assertNotIn("web.rp01.chain.pem", self.names())
        self.assertEqual((self.out / "web.rp01.fullchain.pem").read_text(), pem(leaf))

    def test_an_intermediate_among_the_issuing_roots_completes_the_chain(self):
        roots = self.bundle(self.issuer.root, self.ca.root, name="roots.pem")
        farm = self.trusting(roots=roots)
        self.assert_code(self.request(farm), 0)
        outcome = self.install(farm, self.answer(), "--json")
        self.assert_code(outcome, 0)
        (item,) = outcome.json()["items"]
        self.assertEqual([(one["subject"], one["file"]) for one in item["chain"]], [("CN=Issuing CA", None)])
        self.assertEqual((self.out / "web.rp01.chain.pem").read_text(), pem(self.ca.root))

    def test_of_two_issuers_with_one_name_the_fitting_one_is_found_wherever_it_stands(self):
        farm = self.ready()
        leaf = self.answer()
        elsewhere = install_case.issuing.Issuer(self.folder / "elsewhere", name="Other root")
        ca = "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n"
        cross_signed = elsewhere.issue(self.folder / "issuing-ca" / "ca.csr", extensions=ca)
        other_key = install_case.issuing.Issuer(self.folder / "former", above=self.issuer, name="Issuing CA").root
        orders = {
            "cross-signed first": [cross_signed, self.ca.root], "cross-signed last": [self.ca.root, cross_signed],
            "another key first": [other_key, self.ca.root], "another key last": [self.ca.root, other_key],
            "all of them": [other_key, cross_signed, elsewhere.root, self.ca.root],
        }  # fmt: skip
        for name, issuers in orders.items():
            with self.subTest(name):
                outcome = self.install(farm, self.bundle(leaf, *issuers), "--json")
                self.assert_code(outcome, 0)
                self.assertEqual((self.out / "web.rp01.chain.pem").read_text(), pem(self.ca.root))
                self.assertEqual({one["id"] for one in outcome.json()["findings"]}, {"cert.not-in-chain"})
        self.refused(farm, 4, self.bundle(leaf, cross_signed), finding="cert.chain-incomplete", words=["CN=Other root"])

    def test_the_machines_roots_count_where_the_farm_names_none(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        bundle = self.with_chain(self.answer())
        self.refused(farm, 4, bundle, self.issuer.root, finding="cert.untrusted-root")
        self.assert_code(self.install(farm, bundle, env={"SSL_CERT_FILE": str(self.issuer.root)}), 0)

    def test_a_ca_certificate_that_leads_nowhere_is_said_to_be_too_many(self):
        farm = self.ready()
        stranger = install_case.issuing.Issuer(self.folder / "stranger", name="Stranger")
        outcome = self.install(farm, self.with_chain(self.answer()), stranger.root, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual([one["id"] for one in outcome.json()["findings"]], ["cert.not-in-chain"])


class Objects(install_case.InstallCase):
    def test_outside_readers_see_the_intermediate_under_an_id_and_label_of_its_own(self):
        farm = self.ready()
        leaf = self.answer()
        self.assert_code(self.install(farm, self.with_chain(leaf)), 0)
        self.assertEqual(len(self.certificate_objects()), 1)
        own_id = fingerprint(self.ca.root)[:40]
        expected = sorted([(key_id(), "small.web.rp01.g1", serial(leaf)), (own_id, "Issuing CA", serial(self.ca.root))])
        for state in ("created", "unchanged"):
            outcome = self.install(farm, self.with_chain(leaf), "--store-chain", "--json")
            self.assert_code(outcome, 0)
            ((item,),) = ([i["tokens"] for i in outcome.json()["items"]],)
            self.assertEqual([(one["key_id"], one["state"]) for one in item[0]["intermediates"]], [(own_id, state)])
            self.assertEqual(self.certificate_objects(), expected)
        self.assertEqual(self.token_certificate(own_id), pem(self.ca.root))
        listed = farms.tool("p11tool", "--provider", self.tokens.module, "--list-all-certs", "pkcs11:token=rp01",
                            env=self.tokens.env)  # fmt: skip
        self.assertEqual(listed.count("X.509 Certificate"), 2, listed)
        self.assertIn("Label: Issuing CA", listed)

    def test_an_intermediate_that_somebody_else_has_stored_is_not_stored_again(self):
        farm = self.ready()
        install_case.issuing.store(self.tokens, "rp01", self.ca.root, "aabb", name="theirs")
        self.assert_code(self.install(farm, self.with_chain(self.answer()), "--store-chain"), 0)
        self.assertEqual([one for one in self.certificate_objects() if one[0] != key_id()],
                         [("aabb", "theirs", serial(self.ca.root))])  # fmt: skip

    def test_audit_takes_an_intermediate_for_no_orphan(self):
        farm = self.ready()
        # Its name begins as the labels of the farm's keys do.
        named = install_case.issuing.Issuer(self.folder / "named", above=self.issuer, name="small.web CA")
        leaf = self.answer(issuer=named)
        self.assert_code(self.install(farm, leaf, named.root, "--store-chain"), 0)
        outcome = self.run_command("audit", farm, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual([one["findings"] for one in outcome.json()["items"]], [[]])

    def test_the_object_is_public_and_cannot_be_changed(self):
        farm = self.ready()
        self.assert_code(self.install(farm, self.with_chain(self.answer())), 0)
        text = farms.tool("p11tool", "--provider", self.tokens.module, "--list-all-certs", "pkcs11:token=rp01",
                          env=self.tokens.env)  # fmt: skip
        self.assertNotIn("CKA_PRIVATE", text)
        changed = farms.tool("pkcs11-tool", "--module", self.tokens.module, "--token-label", "rp01", "--login", "--pin",
                             self.tokens.pin, "--set-id", "00", "--id", key_id(), "--type", "cert", env=self.tokens.env,
                             check=False)  # fmt: skip
        self.assertEqual([identity for identity, _, _ in self.certificate_objects()], [key_id()], changed)

    def test_what_is_not_a_leaf_of_this_key_under_its_id_is_told_and_left(self):
        farm = self.ready()
        install_case.issuing.store(self.tokens, "rp01", self.ca.root, key_id(), name="misplaced")
        outcome = self.install(farm, self.with_chain(self.answer()), "--json")
        self.assert_code(outcome, 0)
        (item,) = outcome.json()["items"]
        told = [(one["id"], one["severity"]) for one in item["findings"]]
        self.assertIn(("cert.key-mismatch", "warning"), told)
        self.assertEqual(len(self.certificate_objects()), 2)


class Renewed(install_case.InstallCase):
    def setUp(self):
        super().setUp()
        self.at = self.ready()
        self.old = self.answer(begins="261001000000Z", ends="270601000000Z")
        self.assert_code(self.install(self.at, self.with_chain(self.old)), 0)
        self.first = {name: (self.out / name).read_bytes() for name in FILES if "prove" not in name}
        self.new = self.answer()

    def test_the_newer_one_takes_the_place_and_the_former_files_are_kept(self):
        outcome = self.install(self.at, self.with_chain(self.new), "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.installed(outcome), [("web", "rp01", 1, "replaced")])
        (item,) = outcome.json()["items"]
        self.assertEqual(item["tokens"][0]["replaced"], 1)
        number = serial(self.old)
        self.assertEqual(item["files"]["former"], f"web.rp01.{number}.pem")
        self.assertEqual(self.certificate_objects(), [(key_id(), "small.web.rp01.g1", serial(self.new))])
        self.assertEqual((self.out / "web.rp01.pem").read_text(), pem(self.new))
        for name, content in self.first.items():
            kept = name.replace("web.rp01", f"web.rp01.{number}", 1)
            self.assertEqual((self.out / kept).read_bytes(), content, kept)
        former = self.install_evidence()["predicate"]["installation"]["former"]
        self.assertEqual(former, {"serial": number, "sha256": fingerprint(self.old), "file": f"web.rp01.{number}.pem"})

    def test_the_older_one_is_refused_unless_it_is_asked_for(self):
        self.assert_code(self.install(self.at, self.with_chain(self.new)), 0)
        self.refused(self.at, 9, self.with_chain(self.old), words=["younger", "--replace"])
        (self.out / "web.rp01.pem").unlink()
        self.refused(self.at, 9, self.with_chain(self.old), words=["younger", "token rp01"])
        self.assert_code(self.install(self.at, self.with_chain(self.old), "--replace"), 0)
        self.assertEqual([one[2] for one in self.certificate_objects()], [serial(self.old)])
        self.assertEqual((self.out / "web.rp01.pem").read_text(), pem(self.old))

    def test_back_and_forth_keeps_both(self):
        for leaf in (self.new, self.old, self.new):
            self.assert_code(self.install(self.at, self.with_chain(leaf), "--replace"), 0)
        self.assertEqual((self.out / "web.rp01.pem").read_text(), pem(self.new))
        for leaf in (self.old, self.new):
            self.assertEqual((self.out / f"web.rp01.{serial(leaf)}.pem").read_text(), pem(leaf))
        self.assertEqual(len(self.certificate_objects()), 1)

    def test_a_chain_that_is_no_longer_needed_goes(self):
        direct = self.answer(issuer=self.issuer)
        self.assert_code(self.install(self.at, direct), 0)
        self.assertNotIn("web.rp01.chain.pem", self.names())
        self.assertIn(f"web.rp01.{serial(self.old)}.chain.pem", self.names())
        self.assertEqual((self.out / "web.rp01.fullchain.pem").read_text(), pem(direct))

    def test_the_next_generation_gets_its_own(self):
        self.assert_code(self.renew(self.at), 0)
        following = self.answer("web.rp01.g2")
        outcome = self.install(self.at, self.with_chain(following), self.new, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.installed(outcome), [("web", "rp01", 1, "replaced"), ("web", "rp01", 2, "created")])
        self.assertEqual(sorted(one[0] for one in self.certificate_objects()), sorted([key_id(1), key_id(2)]))
        self.assertEqual((self.out / "web.rp01.g2.pem").read_text(), pem(following))
        # With its certificate there, renew moves on.
        self.assert_code(self.renew(self.at), 0)
        self.assertIn("web.rp01.g3.csr", self.names())


class Again(install_case.InstallCase):
    def test_a_second_run_changes_nothing(self):
        farm = self.ready()
        bundle = self.with_chain(self.answer())
        self.assert_code(self.install(farm, bundle, "--reason", "change 4711"), 0)
        before = {name: value for name, value in self.contents().items() if "prove" not in name}
        outcome = self.install(farm, bundle, "--json", fault="")
        self.assert_code(outcome, 0)
        self.assertEqual(self.installed(outcome), [("web", "rp01", 1, "unchanged")])
        for function in ("C_CreateObject", "C_DestroyObject"):
            self.assertEqual(self.calls(function), 0)
        self.assertEqual({name: value for name, value in self.contents().items() if "prove" not in name}, before)

    def test_lost_files_and_lost_objects_are_put_back(self):
        farm = self.ready()
        bundle = self.with_chain(self.answer())
        self.assert_code(self.install(farm, bundle), 0)
        objects, content = self.certificate_objects(), (self.out / "web.rp01.fullchain.pem").read_bytes()
        for name in FILES:
            (self.out / name).unlink()
        self.assert_code(self.install(farm, bundle), 0)
        self.assertEqual((self.out / "web.rp01.fullchain.pem").read_bytes(), content)
        farms.tool("pkcs11-tool", "--module", self.tokens.module, "--token-label", "rp01", "--login", "--pin",
                   self.tokens.pin, "--delete-object", "--type", "cert", "--id", key_id(), env=self.tokens.env)  # fmt: skip
        self.assert_code(self.install(farm, bundle), 0)
        self.assertEqual(self.certificate_objects(), objects)

    def test_a_dry_run_logs_in_and_changes_nothing(self):
        farm = self.ready()
        before = self.contents()
        outcome = self.install(farm, self.with_chain(self.answer()), "--dry-run", "--json", fault="")
        self.assert_code(outcome, 0)
        self.assertEqual(self.installed(outcome), [("web", "rp01", 1, "planned")])
        self.assertEqual(self.calls("C_Login"), 1)
        self.assertEqual((self.contents(), self.certificate_objects()), (before, []))


if __name__ == "__main__":
    harness.main()
