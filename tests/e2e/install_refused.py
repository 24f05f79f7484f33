"""What `install` refuses: nothing is stored and nothing is written, and the reader learns why."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import install_case
import issuing
from install_case import pem, serial
from renewal_case import key_id

LEAF = (
    "basicConstraints = critical, CA:FALSE\nkeyUsage = {usage}\nextendedKeyUsage = {purpose}\n"
    "subjectAltName = {names}\nauthorityKeyIdentifier = keyid\n"
)


def extensions(**changes):
    values = {"usage": "critical, digitalSignature", "purpose": "serverAuth", "names": "DNS:web.example.com"}
    return LEAF.format(**{**values, **changes})


class Content(install_case.InstallCase):
    def test_names_usages_and_dates(self):
        farm = self.ready(requests={"web": ["web.example.com", "www.example.com"]})
        both = "DNS:web.example.com, DNS:www.example.com"
        rows = [
            ("name.missing", {"extensions": extensions()}, ["www.example.com", "is missing"]),
            ("usage.server-auth-missing", {"extensions": extensions(names=both, purpose="clientAuth")}, ["serverAuth"]),
            ("usage.key-usage-not-critical", {"extensions": extensions(names=both, usage="digitalSignature")}, []),
            ("usage.key-encipherment-with-ec",
             {"extensions": extensions(names=both, usage="critical, digitalSignature, keyEncipherment")}, []),
            ("cert.expired", {"begins": "240101000000Z", "ends": "250101000000Z"}, ["expired on 2025-01-01"]),
            ("cert.not-yet-valid", {"begins": "400101000000Z", "ends": "400401000000Z"}, ["valid only from 2040-01-01"]),
        ]  # fmt: skip
        for finding, options, words in rows:
            with self.subTest(finding):
                self.refused(farm, 4, self.with_chain(self.answer(**options)), finding=finding, words=words)

    def test_the_day_given_by_hand_moves_no_certificates_validity(self):
        farm = self.ready()
        expired = self.answer(begins="240101000000Z", ends="250101000000Z")
        self.refused(farm, 4, self.with_chain(expired), more=["--date", "2024-06-01"], finding="cert.expired")

    def test_a_name_too_many_is_a_warning(self):
        farm = self.ready()
        more = self.answer(extensions=extensions(names="DNS:web.example.com, DNS:extra.example.com"))
        outcome = self.install(farm, self.with_chain(more), "--json")
        self.assert_code(outcome, 0)
        told = {one["id"]: one["severity"] for one in outcome.json()["items"][0]["findings"]}
        self.assertEqual(told["name.unexpected"], "warning")

    def test_everything_that_is_wrong_is_said_at_once(self):
        farm = self.ready(requests={"web": ["web.example.com", "www.example.com"]})
        leaf = self.answer(begins="240101000000Z", ends="250101000000Z", extensions=extensions())
        outcome = self.refused(farm, 4, leaf)
        found = [one["finding"] for one in [outcome.error(), *outcome.error()["also"]]]
        for finding in ("cert.expired", "name.missing", "cert.chain-incomplete"):
            self.assertIn(finding, found)

    def test_an_exception_in_the_farm_file_lets_it_through(self):
        farm = self.ready(requests={"web": ["web.example.com", "www.example.com"]})
        waiver = '\n[[rules.accept]]\nfinding = "name.missing"\nname = "www.example.com"\nreason = "served elsewhere"\n'
        accepting = self.write("accepting.toml", pathlib.Path(farm).read_text() + waiver)
        bundle = self.with_chain(self.answer(extensions=extensions()))
        self.refused(farm, 4, bundle, finding="name.missing")
        outcome = self.install(accepting, bundle, "--json", "--dry-run")
        self.assert_code(outcome, 0)
        self.assertIn("served elsewhere", [one["accepted"] for one in outcome.json()["items"][0]["findings"]])


class Chains(install_case.InstallCase):
    def test_a_missing_intermediate_is_named_with_its_url(self):
        farm = self.ready()
        where = extensions() + "authorityInfoAccess = caIssuers;URI:http://ca.example.com/issuing.cer\n"
        words = ["CN=Issuing CA", "http://ca.example.com/issuing.cer"]
        self.refused(farm, 4, self.answer(extensions=where), finding="cert.chain-incomplete", words=words)

    def test_another_root_than_the_farms(self):
        farm = self.ready()
        stranger = issuing.Issuer(self.folder / "stranger", name="Stranger")
        leaf = self.answer(issuer=stranger)
        self.refused(farm, 4, leaf, stranger.root, finding="cert.untrusted-root", words=["CN=Stranger"])
        self.refused(farm, 4, leaf, finding="cert.chain-incomplete", words=["CN=Stranger"])

    def test_an_expired_intermediate(self):
        farm = self.ready()
        old = issuing.Issuer(self.folder / "old", above=self.issuer, name="Old CA")
        request = self.folder / "old" / "ca.csr"
        ca = "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign\n"
        expired = self.issuer.issue(request, begins="200101000000Z", ends="210101000000Z", extensions=ca)
        leaf = self.answer(issuer=old)
        words = ["2021-01-01", "Ask the CA for its present certificate."]
        self.refused(farm, 4, self.bundle(leaf, expired), finding="cert.expired", words=words)

    def test_a_name_that_only_the_certificate_lacks_is_the_cas_to_mend(self):
        farm = self.ready(requests={"web": ["web.example.com", "meet.example.com"]})
        leaf = self.answer(extensions="subjectAltName = DNS:web.example.com\nextendedKeyUsage = serverAuth\n")
        words = ["Have the certificate issued again if the request has the name"]
        self.refused(farm, 4, self.with_chain(leaf), finding="name.missing", words=words)

    def test_a_certificate_from_a_log_of_certificate_transparency(self):
        farm = self.ready()
        usages = "subjectAltName = DNS:web.example.com\nextendedKeyUsage = serverAuth\n"
        leaf = self.answer(extensions=usages + "1.3.6.1.4.1.11129.2.4.3 = critical, DER:0500\n")
        words = ["Get the certificate itself from the CA"]
        self.refused(farm, 4, self.with_chain(leaf), finding="cert.precertificate", words=words)

    def test_a_wrong_signature_is_a_matter_of_cryptography(self):
        farm = self.ready()
        der = self.folder / "leaf.der"
        farms.tool("openssl", "x509", "-in", self.answer(), "-outform", "DER", "-out", der)
        altered = bytearray(der.read_bytes())
        altered[-1] ^= 1
        der.write_bytes(altered)
        waiver = '\n[[rules.accept]]\nfinding = "cert.bad-signature"\nreason = "never mind"\n'
        accepting = self.write("accepting.toml", pathlib.Path(farm).read_text() + waiver)
        for file in (farm, accepting):
            self.refused(file, 8, der, self.ca.root, finding="cert.bad-signature")


class Keys(install_case.InstallCase):
    labels = ("rp01", "rp02")

    def test_a_servers_certificate_that_is_marked_as_a_cas(self):
        farm = self.ready(members=["rp01", "rp02"])
        usages = "subjectAltName = DNS:web.example.com\nextendedKeyUsage = serverAuth\n"
        marked = self.answer(extensions=usages + "basicConstraints = critical, CA:TRUE\n")
        self.refused(farm, 3, self.with_chain(marked), words=["CAs alone", "CA:TRUE"])
        both = self.bundle(marked, self.answer("web.rp02"), self.ca.root, name="both.pem")
        outcome = self.install(farm, both, "--json", "--dry-run")
        self.assert_one_error_object(outcome, 4)
        self.assertIn("marked as a CA's", outcome.error()["message"])

    def test_a_certificate_for_no_key_of_the_farm(self):
        farm = self.ready()
        key, request = self.folder / "other.key", self.folder / "other.csr"
        farms.tool("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                   key, "-out", request, "-subj", "/CN=web.example.com")  # fmt: skip
        stray = self.ca.issue(request, extensions=extensions())
        theirs, ours = (issuing.public_key_sha256(file, kind) for file, kind in
                        ((stray, "x509"), (self.out / "web.rp01.csr", "req")))  # fmt: skip
        outcome = self.refused(farm, 8, self.with_chain(stray), finding="cert.key-mismatch", words=[theirs, ours])
        self.assertEqual(self.installed(outcome), [(None, "", None, "failed")])
        # The others go on, unless the first failure is to be the last.
        leaf = self.answer()
        self.refused(farm, 8, self.with_chain(leaf), stray, more=["--fail-fast"], finding="cert.key-mismatch")
        outcome = self.install(farm, self.with_chain(leaf), stray, "--json")
        self.assert_one_error_object(outcome, 8)
        self.assertEqual(self.installed(outcome), [("web", "rp01", 1, "created"), (None, "", None, "failed")])
        self.assertEqual((self.out / "web.rp01.pem").read_text(), pem(leaf))

    def test_one_bad_certificate_does_not_keep_the_other_out(self):
        farm = self.ready(members=list(self.labels))
        good = self.answer("web.rp02")
        bad = self.answer("web.rp01", begins="240101000000Z", ends="250101000000Z")
        outcome = self.install(farm, bad, self.with_chain(good), "--json")
        self.assert_one_error_object(outcome, 4)
        self.assertEqual(self.installed(outcome), [("web", "rp01", 1, "failed"), ("web", "rp02", 1, "created")])
        self.assertEqual(self.certificate_objects("rp01"), [])
        self.assertEqual(len(self.certificate_objects("rp02")), 1)

    def test_two_certificates_for_one_key(self):
        farm = self.ready()
        one, two = self.answer(), self.answer()
        self.refused(farm, 5, self.with_chain(one), two, words=[serial(one), serial(two)])

    def test_a_retired_generation(self):
        farm = self.ready()
        leaf = self.answer()
        self.certify()
        self.assert_code(self.renew(farm), 0)
        self.assert_code(self.retire(farm, 1, "--yes"), 0)
        self.refused(farm, 5, self.with_chain(leaf), finding="key.missing", words=["generation 1", "retired"])

    def test_two_keys_under_one_id(self):
        farm = self.ready()
        self.hand().generate(key_id())
        self.refused(farm, 5, self.with_chain(self.answer()), finding="key.ambiguous")

    def test_the_wrong_token_is_suspected_where_there_is_no_key_at_all(self):
        farm = self.ready()
        bundle = self.with_chain(self.answer())
        elsewhere = self.write("other.toml", pathlib.Path(farm).read_text().replace("token=rp01", "token=rp02"))
        self.refused(elsewhere, 8, bundle, finding="cert.key-mismatch", words=["no key of this farm"])

    def test_a_token_that_could_not_be_searched_is_named(self):
        farm = self.ready(members=list(self.labels))
        bundle = self.with_chain(self.answer("web.rp02"))
        away = self.write("away.toml", pathlib.Path(farm).read_text().replace("token=rp02", "token=away"))
        self.refused(away, 5, bundle, words=["not every token could be looked at", "rp02"])


class Faults(install_case.InstallCase):
    def setUp(self):
        super().setUp()
        self.at = self.ready()
        self.old = self.answer(begins="261001000000Z", ends="270601000000Z")
        self.assert_code(self.install(self.at, self.with_chain(self.old)), 0)
        self.bundle_file = self.with_chain(self.answer(), name="new.pem")

    def test_a_full_or_failing_token_keeps_the_older_certificate(self):
        rows = [("C_CreateObject=return:31", "CKR_DEVICE_MEMORY"), ("C_CreateObject=after:31", "CKR_DEVICE_MEMORY"),
                ("C_CreateObject=return:e2", "CKR_TOKEN_WRITE_PROTECTED"), ("C_CreateObject=return:30", "CKR_DEVICE_ERROR"),
                ("C_FindObjectsInit#3=return:6", "CKR_FUNCTION_FAILED")]  # fmt: skip
        for fault, name in rows:
            with self.subTest(fault):
                outcome = self.refused(self.at, 7, self.bundle_file, fault=fault)
                self.assertEqual(outcome.error()["rv"], name)
        outcome = self.refused(self.at, 7, self.bundle_file, more=["--store-chain"], fault="C_CreateObject#2=return:31")
        self.assertEqual([entry[2] for entry in self.certificate_objects()], [serial(self.old)])

    def test_a_token_that_gives_back_another_certificate(self):
        outcome = self.refused(self.at, 8, self.bundle_file, fault="C_GetAttributeValue=read:11,3003020100")
        self.assertIn("CKA_VALUE", outcome.error()["message"])

    def test_an_older_one_that_cannot_be_removed_is_removed_by_the_next_run(self):
        outcome = self.install(self.at, self.bundle_file, "--json", fault="C_DestroyObject=return:6")
        self.assert_one_error_object(outcome, 7)
        self.assertIn("the new certificate is stored", outcome.error()["hint"])
        self.assertEqual(len(self.certificate_objects()), 2)
        again = self.install(self.at, self.bundle_file, "--json")
        self.assert_code(again, 0)
        self.assertEqual(self.installed(again), [("web", "rp01", 1, "replaced")])
        self.assertEqual(len(self.certificate_objects()), 1)

    def test_a_lost_session_is_opened_again(self):
        for number, fault in enumerate(("C_CreateObject=return:b3", "C_FindObjectsInit#3=return:b3",
                                        "C_DestroyObject=return:b3")):  # fmt: skip
            with self.subTest(fault):
                once = fault.replace("=", "#1=", 1) if "#" not in fault else fault
                leaf = self.answer(begins=f"26110{number + 1}000000Z", ends="270601000000Z")
                self.assert_code(self.install(self.at, self.with_chain(leaf), fault=once), 0)
                self.assertEqual([entry[2] for entry in self.certificate_objects()], [serial(leaf)])

    def test_a_call_that_never_comes_back(self):
        outcome = self.install(self.at, self.bundle_file, "--json", "--timeout", "1", fault="C_CreateObject=hang:300")
        self.assert_one_error_object(outcome, 7)
        self.assertEqual(outcome.error()["function"], "C_CreateObject")
        self.assert_valid(outcome.stdout, "install")
        self.assert_code(self.install(self.at, self.bundle_file), 0)

    def test_a_wrong_pin(self):
        wrong = self.folder / "wrong"
        wrong.write_text("0000")
        wrong.chmod(0o600)
        self.refused(self.at, 6, self.bundle_file, more=["--pin-source", f"file:{wrong}"])


class Files(install_case.InstallCase):
    def test_what_stands_in_the_way_is_left(self):
        farm = self.ready()
        bundle = self.with_chain(self.answer())
        foreign = pem(self.issuer.root)
        for name, content in (("web.rp01.pem", "notes of somebody's\n"), ("web.rp01.pem", foreign),
                              ("web.rp01.fullchain.pem", foreign), ("web.rp01.chain.pem", "notes\n")):  # fmt: skip
            with self.subTest(name, content=content[:5]):
                path = self.out / name
                path.write_text(content)
                self.refused(farm, 9, bundle, words=[name, "--replace"])
                path.unlink()
        (self.out / "web.rp01.pem").write_text("notes\n")
        self.assert_code(self.install(farm, bundle, "--replace"), 0)
        self.assertEqual(farms.tool("openssl", "x509", "-in", self.out / "web.rp01.pem", "-noout", "-subject", "-nameopt",
                                    "RFC2253").strip(), "subject=CN=web.example.com")  # fmt: skip

    def test_a_full_disk_takes_the_certificate_back_out_of_the_token(self):
        farm = self.ready()
        leaf = self.answer(begins="261001000000Z", ends="270601000000Z")
        self.assert_code(self.install(farm, self.with_chain(leaf)), 0)
        new = self.with_chain(self.answer(), name="new.pem")
        # A folder where a file is to go fails as late as a full disk does.
        (self.out / "web.rp01.install.evidence.json").unlink()
        (self.out / "web.rp01.install.evidence.json").mkdir()
        outcome = self.install(farm, new, "--json")
        self.assert_one_error_object(outcome, 9)
        self.assertEqual([entry[2] for entry in self.certificate_objects()], [serial(leaf)])
        self.assertEqual((self.out / "web.rp01.pem").read_text(), pem(leaf))
        (self.out / "web.rp01.install.evidence.json").rmdir()
        self.assert_code(self.install(farm, new), 0)

    def test_an_output_directory_that_cannot_be_made(self):
        farm = self.ready()
        blocked = self.write("blocked", "")
        outcome = self.install(farm, self.with_chain(self.answer()), "--json", out=f"{blocked}/out")
        self.assert_one_error_object(outcome, 9)
        self.assertEqual(self.certificate_objects(), [])


class Input(install_case.InstallCase):
    def test_files_that_are_no_certificates(self):
        farm = self.ready()
        leaf = self.answer()
        rows = {
            "nothing.pem": ("", "empty"), "text.pem": ("hello\n", "no certificate"),
            "cut.pem": (pathlib.Path(leaf).read_text()[:200], ""), "large.pem": ("x" * (1 << 20) + "x", ""),
        }  # fmt: skip
        for name, (content, word) in rows.items():
            with self.subTest(name):
                self.refused(farm, 3, leaf, self.write(name, content), words=[word])
        self.refused(farm, 3, self.out / "web.rp01.csr", words=["that is the request"])
        self.refused(farm, 3, self.ca.root, words=["CAs alone"])
        self.refused(farm, 3, self.folder / "none.pem")

    def test_words_that_make_no_sense(self):
        farm = self.ready()
        for words in (["install"], ["install", farm], ["install", farm, "-", "-"], ["install", farm, "x.pem", "--generation", "1"]):
            self.assert_code(harness.run(words, env=self.tokens.env), 2)
        self.refused(farm, 2, "x.pem", more=["--only", "wob"], words=["did you mean web"])
        self.refused(farm, 2, "x.pem", more=["--member", "rp99"])

    def test_nothing_to_do_is_said(self):
        farm = self.ready(requests={"web": ["web.example.com"], "api": ["api.example.com"]})
        outcome = self.install(farm, self.with_chain(self.answer()), "--only", "api")
        self.assert_code(outcome, 0)
        self.assertIn("there is nothing to do", outcome.stderr)
        self.assertEqual(os.listdir(self.out).count("web.rp01.pem"), 0)


if __name__ == "__main__":
    harness.main()
