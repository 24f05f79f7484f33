"""Keys in NSS' softokn, a token of another family than SoftHSM: databases of the test's own, which its p11-kit configuration names."""

import contextlib
import glob
import os
import pathlib
import shutil
import sys
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import cryptoki
import farms
import harness
import issuing
import request_case

NOBODY = 65534
MODULES = ("/usr/lib/*/libsoftokn3.so", "/usr/lib/*/nss/libsoftokn3.so")
MEMBER = '[[member]]\nname = "{0}"\nuri = "pkcs11:token={0}"'


def softokn():
    for path in (found for pattern in MODULES for found in glob.glob(pattern)):
        return path
    raise AssertionError("NSS is missing: install the packages libnss3 and libnss3-tools")


class NssToken(request_case.RequestCase):
    """The databases rp01 and rp02 in NSS, the token soft01 in SoftHSM, one PIN for all.

    p11-kit reads no configuration of root's own. So that nothing of the system is touched, root runs the program as
    nobody, from a folder that nobody may enter.
    """

    labels = ("soft01",)

    def setUp(self):
        super().setUp()
        self.who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        self.environment = {**self.tokens.env, "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "config")}
        self.databases = {label: self.make_database(label) for label in ("rp01", "rp02")}
        modules = self.folder / "config" / "pkcs11" / "modules"
        modules.mkdir(parents=True)
        tokens = " ".join(
            f"0x{4 + i:x}=[configdir='{place}' tokenDescription='{label}']"
            for i, (label, place) in enumerate(self.databases.items())
        )
        (modules / "nss.module").write_text(
            f"module: {softokn()}\nx-init-reserved: configdir='' flags=noCertDB,noModDB tokens=<{tokens}>\n"
        )
        self.issuer = issuing.Issuer(self.folder / "ca")
        program = shutil.copy(harness.PROGRAM, self.folder / "hsmreq")
        patch = unittest.mock.patch.object(harness, "PROGRAM", program)
        patch.start()
        self.addCleanup(patch.stop)

    def make_database(self, label):
        place = self.folder / "nss" / label
        place.mkdir(parents=True)
        farms.tool("certutil", "-N", "-d", f"sql:{place}", "-f", self.tokens.pin_file)
        return f"sql:{place}"

    def run_command(self, command, *more, out=True):
        """One run as the user whose configuration p11-kit reads."""
        where = ["--out", str(self.out)] if out else []
        if self.who:
            for path in [self.folder, *self.folder.rglob("*")]:
                with contextlib.suppress(FileNotFoundError):
                    os.chown(path, NOBODY, NOBODY)
        return harness.run([command, *map(str, more), *where], env=self.environment, cwd=self.folder, **self.who)

    def farm(self, **options):
        """A farm on NSS; the members of `soft` are SoftHSM's."""
        options = {"module": "nss", "policy": "wrap-only", "key": 'purpose = "signature"', **options}
        if options.get("algorithm", "ec-p256").startswith("ec-") and options["key"].startswith("purpose"):
            options["key"] = ""
        text = farms.generic(self.tokens, **options)
        for name in options.get("soft", []):
            plain = MEMBER.format(name)
            text = text.replace(plain, f'{plain}\nmodule = "{self.tokens.module}"')
        return self.write("farm.toml", f'{text}\n[trust]\nissuing_roots = ["{self.issuer.root}"]\n')

    def keys(self, label):
        """CKA_ID -> (type, label) of the private keys that certutil finds."""
        lines = farms.tool("certutil", "-K", "-d", self.databases[label], "-f", self.tokens.pin_file, check=False)
        found = {}
        for line in lines.splitlines():
            words = line.replace("<", " ").replace(">", " ").split()
            if words and words[0].isdigit():
                found[words[2]] = (words[1], words[3])
        return found

    def certificate(self, label, name):
        """The certificate that certutil finds under a label, as openssl writes it."""
        path = self.folder / "from-nss.pem"
        path.write_text(farms.tool("certutil", "-L", "-d", self.databases[label], "-n", name, "-a"))
        return farms.tool("openssl", "x509", "-in", path)

    def lives(self, algorithm, kind):
        farm = self.farm(algorithm=algorithm, members=["rp01", "rp02"])
        self.assert_code(self.run_command("request", farm), 0)
        for member in ("rp01", "rp02"):
            farms.openssl_request(self.out / f"web.{member}.csr")
            identity = cryptoki.key_id("small", "web", member)
            self.assertEqual(self.keys(member), {identity: (kind, f"small.web.{member}.g1")})
        before = self.contents()
        again = self.run_command("request", farm, "--json")
        self.assert_code(again, 0)
        self.assertEqual(self.states(again), [("web", "rp01", "unchanged"), ("web", "rp02", "unchanged")])
        self.assertEqual(self.contents(), before)

        leaves = [self.issuer.issue(self.out / f"web.{member}.csr") for member in ("rp01", "rp02")]
        self.assert_code(self.run_command("install", farm, *leaves), 0)
        for member, leaf in zip(("rp01", "rp02"), leaves):
            shown = self.certificate(member, f"small.web.{member}.g1")
            self.assertEqual(shown, farms.tool("openssl", "x509", "-in", leaf))
        proof = self.run_command("prove", farm, "--json")
        self.assert_code(proof, 0)
        self.assert_valid(proof.stdout, "prove")
        handshakes = [(i["token_member"], [h["protocol"] for h in i["handshakes"]]) for i in proof.json()["items"]]
        self.assertEqual(handshakes, [("rp01", ["TLSv1.2", "TLSv1.3"]), ("rp02", ["TLSv1.2", "TLSv1.3"])])

    def test_an_ec_key_is_made_kept_certified_and_proved(self):
        self.lives("ec-p256", "ec")

    def test_an_rsa_key_is_made_kept_certified_and_proved(self):
        self.lives("rsa-2048", "rsa")

    def test_a_key_that_no_evidence_vouches_for_leads_to_the_folder_that_has_it(self):
        farm = self.farm()
        self.assert_code(self.run_command("request", farm), 0)
        away = self.out.rename(self.folder / "elsewhere")
        outcome = self.run_command("request", farm, "--json")
        self.assert_finding(outcome, 4, "policy.not-generated-in-token")  # it says CKA_LOCAL false of every key
        self.assertIn("--out", outcome.error()["hint"])
        self.assertEqual(len(self.keys("rp01")), 1, "an older key is never touched")
        self.out = away
        self.assert_code(self.run_command("request", farm), 0)

    def test_a_key_that_must_stay_is_refused_since_the_token_wraps_it_all_the_same(self):
        outcome = self.run_command("request", self.farm(policy="non-exportable"), "--json")
        self.assert_finding(outcome, 4, "policy.probe-failed")
        self.assertEqual(self.keys("rp01"), {}, "the key was destroyed again")

    def test_a_key_that_decrypts_is_refused_with_the_purpose_that_works(self):
        outcome = self.run_command("request", self.farm(algorithm="rsa-2048", key='hash = "sha256"'), "--json")
        self.assert_one_error_object(outcome, 7)
        self.assertEqual(outcome.error()["rv"], "CKR_KEY_TYPE_INCONSISTENT")
        self.assertIn('key.purpose = "signature"', outcome.error()["hint"])
        self.assertEqual(self.keys("rp01"), {})

    def test_a_wrong_pin_ends_it(self):
        farm = self.farm()
        self.tokens.pin_file.write_text("11111111")
        outcome = self.run_command("request", farm, "--json")
        self.assert_one_error_object(outcome, 6)
        self.assertEqual(outcome.error()["rv"], "CKR_PIN_INCORRECT")

    def test_by_its_path_it_lacks_its_parameters(self):
        outcome = self.run_command("request", self.farm(module=softokn()), "--json")
        # NSS 3.110 (Debian 13) begins without them, and then has no such token.
        without_token = outcome.code == 5
        self.assert_one_error_object(outcome, 5 if without_token else 7)
        self.assertIn("compare the URI" if without_token else "x-init-reserved", outcome.error()["hint"])

    def test_a_second_configuration_of_the_file_can_not_be_used_in_one_run(self):
        modules = self.folder / "config" / "pkcs11" / "modules"
        text = (modules / "nss.module").read_text()
        (modules / "nss.module").write_text(text.replace("'rp02'", "'rp03'"))
        (modules / "other.module").write_text(text)
        farm = pathlib.Path(self.farm(members=["rp01", "rp02"]))
        plain = MEMBER.format("rp02")
        farm.write_text(farm.read_text().replace(plain, f'{plain}\nmodule = "other"'))
        outcome = self.run_command("request", farm, "--json")
        self.assert_one_error_object(outcome, 5)
        self.assertIn("one x-init-reserved", outcome.error()["hint"])
        self.assert_code(self.run_command("request", farm, "--member", "rp02"), 0)

    def test_a_shared_key_travels_to_softhsm(self):
        for algorithm in ("ec-p256", "rsa-2048"):
            with self.subTest(algorithm):
                farm = self.farm(name=algorithm, algorithm=algorithm, sharing="shared", members=["rp01", "soft01"],
                                 soft=["soft01"])  # fmt: skip
                self.assert_code(self.run_command("request", farm), 0)
                outcome = self.run_command("distribute", farm, "--json")
                self.assert_code(outcome, 0)
                self.assert_valid(outcome.stdout, "distribute")
                identity = cryptoki.key_id(algorithm, "web")
                found = sorted(o["kind"] for o in farms.objects(self.tokens, "soft01") if o["ID"] == identity)
                self.assertEqual(found, ["Private Key", "Public Key"])
                leaf = self.issuer.issue(self.out / "web.csr")
                self.assert_code(self.run_command("install", farm, leaf), 0)
                self.assert_code(self.run_command("prove", farm, "--member", "soft01"), 0)
                shutil.rmtree(self.out)

    def test_a_key_from_softhsm_is_refused_since_it_would_arrive_looser(self):
        farm = self.farm(algorithm="rsa-2048", sharing="shared", members=["soft01", "rp01"], soft=["soft01"])
        self.assert_code(self.run_command("request", farm), 0)
        outcome = self.run_command("distribute", farm, "--json")
        self.assert_finding(outcome, 4, "policy.attribute-differs")
        self.assertIn("key.generate_on", outcome.error()["hint"])
        self.assertEqual(self.keys("rp01"), {}, "neither the copy nor the wrapping key stays")

    def test_an_ec_key_from_softhsm_is_refused_with_the_target_s_own_words(self):
        farm = self.farm(sharing="shared", members=["soft01", "rp01"], soft=["soft01"])
        self.assert_code(self.run_command("request", farm), 0)
        outcome = self.run_command("distribute", farm, "--json")
        self.assert_one_error_object(outcome, 7)
        self.assertEqual((outcome.error()["function"], outcome.error()["rv"]),
                         ("C_UnwrapKey", "CKR_TEMPLATE_INCOMPLETE"))  # fmt: skip
        self.assertEqual(self.keys("rp01"), {})


if __name__ == "__main__":
    harness.main()
