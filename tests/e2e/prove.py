"""Proofs that hold: keys of every kind, certificates on file and in the token, copies, what is written about them."""

import hashlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import issuing
import prove_case
from renewal_case import key_id

ALGORITHMS = ("rsa-2048", "rsa-3072", "ec-p256", "ec-p384", "ec-p521")


class Proofs(prove_case.ProveCase):
    def test_every_kind_of_key_in_both_versions_of_tls(self):
        farm = self.trusting(requests={name: [f"{name}.example.com"] for name in ALGORITHMS})
        text = pathlib.Path(farm).read_text()
        for name in ALGORITHMS:
            text = text.replace(f'name = "{name}"\n', f'name = "{name}"\nkey.algorithm = "{name}"\n')
        pathlib.Path(farm).write_text(text)
        self.assert_code(self.request(farm), 0)
        for name in ALGORITHMS:
            self.install(f"{name}.rp01")
        outcome = self.prove(farm, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.proofs(outcome), [(name, "rp01", 1, "proved") for name in ALGORITHMS])
        for item in outcome.json()["items"]:
            with self.subTest(item["request"]):
                rsa = item["request"].startswith("rsa")
                self.assertEqual([h["protocol"] for h in item["handshakes"]], ["TLSv1.2", "TLSv1.3"])
                if rsa:
                    signatures = ["rsa_pkcs1_sha256", "rsa_pss_rsae_sha256"]
                    self.assertEqual([h["signature_algorithm"] for h in item["handshakes"]], signatures)
                self.assertEqual(item["names"], [f"{item['request']}.example.com"])
                self.assertEqual(item["decryption"], "CKM_RSA_PKCS" if rsa else None)

    def test_a_key_for_signatures_alone_is_not_asked_to_decrypt(self):
        farm = self.ready(algorithm="rsa-2048", key='purpose = "signature"')
        self.assert_code(self.prove(farm, fault=""), 0)
        self.assertEqual(self.calls("C_DecryptInit"), 0)

    def test_oaep_where_the_token_has_no_other_decryption(self):
        farm = self.ready(algorithm="rsa-2048")
        outcome = self.prove(farm, "--json", fault="C_DecryptInit#1=return:70")
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.json()["items"][0]["decryption"], "CKM_RSA_PKCS_OAEP with SHA1")

    def test_every_name_counts_also_addresses_and_what_a_wildcard_stands_for(self):
        names = ["web.example.com", "*.example.org", "192.0.2.7", "2001:db8::7", "xn--bcher-kva.example"]
        farm = self.trusting(requests={"web": names})
        self.assert_code(self.request(farm), 0)
        self.install()
        outcome = self.prove(farm, "--json")
        self.assert_code(outcome, 0)
        item = outcome.json()["items"][0]
        self.assertEqual(sorted(item["names"]), sorted(names))
        self.assertEqual({h["server_name"] for h in item["handshakes"]}, {"web.example.com"})

    def test_an_intermediate_in_the_chain_file(self):
        farm = self.trusting()
        self.assert_code(self.request(farm), 0)
        middle = issuing.Issuer(self.folder / "middle", above=self.issuer, name="Test issuer")
        self.install(issuer=middle)
        (self.out / "web.rp01.chain.pem").write_bytes(middle.root.read_bytes())
        self.assert_code(self.prove(farm), 0)

    def test_a_bundle_in_any_order_whatever_the_day_of_the_rules(self):
        farm = self.ready()
        file = self.out / "web.rp01.pem"
        file.write_bytes(self.issuer.root.read_bytes() + file.read_bytes())
        for day in ("2020-01-01", "2040-01-01"):
            self.assert_code(self.prove(farm, "--date", day), 0)

    def test_the_system_store_where_the_farm_names_no_root(self):
        farm = self.farm()
        self.assert_code(self.request(farm), 0)
        self.install()
        self.assert_code(self.prove(farm), 8)
        self.assert_code(self.prove(farm, env={"SSL_CERT_FILE": str(self.issuer.root)}), 0)

    def test_a_certificate_that_is_in_the_token_alone(self):
        farm = self.trusting()
        self.assert_code(self.request(farm), 0)
        self.certify()
        outcome = self.prove(farm, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.json()["items"][0]["certificate"]["place"], "token")

    def test_an_existing_key_that_the_farm_file_names(self):
        self.hand().generate("abcdef", label="old key")
        farm = self.trusting(request='key.uri = "pkcs11:object=old%20key"')
        self.assert_code(self.request(farm), 0)
        self.install()
        outcome = self.prove(farm, "--json")
        self.assert_code(outcome, 0)
        self.assertIn("id=%AB%CD%EF", outcome.json()["items"][0]["key_uri"])

    def test_an_uninitialised_token_and_foreign_keys_beside_it(self):
        farm = self.ready()
        for i in range(10):
            self.hand().generate(f"{i:04x}")
        listed = farms.tool("softhsm2-util", "--show-slots", env=self.tokens.env)
        self.assertIn("Initialized:      no", listed)
        self.assert_code(self.prove(farm), 0)

    def test_a_dry_run_proves_and_writes_nothing(self):
        farm = self.ready()
        before = self.names()
        outcome = self.prove(farm, "--dry-run", "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.proofs(outcome), [("web", "rp01", 1, "proved")])
        self.assertEqual(self.names(), before)


class Generations(prove_case.ProveCase):
    def test_the_one_in_service_while_its_successor_waits_for_the_ca(self):
        farm = self.ready()
        self.assert_code(self.renew(farm), 0)
        outcome = self.prove(farm, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.proofs(outcome), [("web", "rp01", 1, "proved")])

    def test_both_while_either_may_serve(self):
        farm = self.ready()
        self.assert_code(self.renew(farm), 0)
        self.install("web.rp01.g2")
        outcome = self.prove(farm, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.proofs(outcome), [("web", "rp01", n, "proved") for n in (1, 2)])
        self.assertIn("web.rp01.g2.prove.evidence.json", self.names())

    def test_an_older_one_that_expired_or_was_retired_is_passed_over(self):
        farm = self.trusting()
        self.assert_code(self.request(farm), 0)
        self.install(begins="200101000000Z", ends="200201000000Z")
        self.assert_code(self.renew(farm), 0)
        self.install("web.rp01.g2")
        outcome = self.prove(farm, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.proofs(outcome), [("web", "rp01", 2, "proved")])
        self.assert_code(self.retire(farm, 1, "--yes"), 0)
        self.assert_code(self.prove(farm), 0)

    def test_an_older_one_is_held_to_the_names_of_its_time(self):
        farm = self.ready()
        self.assert_code(self.renew(self.trusting(requests={"web": ["web.example.com", "new.example.com"]})), 0)
        self.install("web.rp01.g2")
        outcome = self.prove(farm, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual([i["names"] for i in outcome.json()["items"]],
                         [["web.example.com"], ["web.example.com", "new.example.com"]])  # fmt: skip


class Copies(prove_case.ProveCase):
    labels = ("rp01", "rp02")

    def shared(self):
        farm = self.trusting(members=["rp01", "rp02"], policy="wrap-only", sharing="shared")
        self.assert_code(self.request(farm), 0)
        self.install("web")
        return farm

    def test_a_copy_is_proved_on_its_own_token(self):
        farm = self.shared()
        outcome = self.prove(farm, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.proofs(outcome), [("web", "rp01", 1, "proved")])
        self.assertIn("rp02 holds no copy", self.prove(farm).stderr)
        for asked in (["--member", "rp02"], ["--only", "web/rp02"]):
            self.refused(farm, 5, "rp02 holds no copy", "hsmreq distribute", more=asked)
        self.assert_code(self.run_command("distribute", farm), 0)
        outcome = self.prove(farm, "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.proofs(outcome), [("web", name, 1, "proved") for name in ("rp01", "rp02")])
        self.assertEqual([i["copy"] for i in outcome.json()["items"]], [False, True])
        predicate = self.proof("web.rp02.prove.evidence.json")["predicate"]
        self.assertEqual((predicate["token"]["label"], predicate["key"]["copy"]), ("rp02", True))

    def test_one_members_copy_alone(self):
        farm = self.shared()
        self.assert_code(self.run_command("distribute", farm), 0)
        for more in (["--member", "rp02"], ["--only", "web/rp02"], ["--shard", "2/2"]):
            with self.subTest(more):
                outcome = self.prove(farm, "--json", *more)
                self.assert_code(outcome, 0)
                self.assertEqual(self.proofs(outcome), [("web", "rp02", 1, "proved")])

    def test_copies_that_came_with_the_second_generation(self):
        farm = self.shared()
        self.assert_code(self.renew(farm), 0)
        self.install("web.g2")
        self.assert_code(self.run_command("distribute", farm), 0)
        outcome = self.prove(farm, "--json", "--member", "rp02")
        self.assert_code(outcome, 0)
        self.assertEqual(self.proofs(outcome), [("web", "rp02", 2, "proved")])

    def test_members_that_share_one_token_share_the_proof(self):
        text = pathlib.Path(self.shared()).read_text().replace("token=rp02", "token=rp01;model=SoftHSM%20v2")
        outcome = self.prove(self.write("farm.toml", text), "--json")
        self.assert_code(outcome, 0)
        self.assertEqual(self.proofs(outcome), [("web", "rp01", 1, "proved")])


class Evidence(prove_case.ProveCase):
    def test_says_what_was_proved_with_what(self):
        farm = self.ready(algorithm="rsa-2048")
        self.assert_code(self.prove(farm, "--reason", "after the move"), 0)
        statement = self.proof()
        der = farms.tool("sh", "-c", 'openssl x509 -in "$1" -outform DER | sha256sum', "sh", self.out / "web.rp01.pem")
        key = issuing.public_key_sha256(self.out / "web.rp01.pem", "x509")
        self.assertEqual([(s["name"], s["digest"]["sha256"]) for s in statement["subject"]],
                         [("web.rp01.pem", der.split()[0]), ("SubjectPublicKeyInfo", key)])  # fmt: skip
        predicate = statement["predicate"]
        self.assertEqual(predicate["key"]["id"], key_id())
        self.assertEqual(predicate["run"]["reason"], "after the move")
        self.assertTrue(predicate["certificate"]["for_production"])
        self.assertEqual(predicate["libraries"]["libp11"], farms.tool("pkg-config", "--modversion", "libp11").strip())
        self.assertIn("OpenSSL 3", predicate["libraries"]["openssl"])
        self.assertEqual(predicate["module"]["sha256"],
                         hashlib.sha256(pathlib.Path(self.tokens.module).read_bytes()).hexdigest())  # fmt: skip

    def test_holds_no_pin_and_is_written_anew_each_time(self):
        farm = self.ready()
        self.assert_code(self.prove(farm), 0)
        first = self.proof()["predicate"]["run"]
        self.assert_code(self.prove(farm, "--reason", "again"), 0)
        self.assertNotEqual(self.proof()["predicate"]["run"], first)
        for path in self.out.iterdir():
            self.assertNotIn(self.tokens.pin.encode(), path.read_bytes())


if __name__ == "__main__":
    harness.main()
