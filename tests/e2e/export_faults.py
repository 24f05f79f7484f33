"""Tokens that refuse, lie or die while a key leaves them, and what is left of the key in the process."""

import concurrent.futures
import pathlib
import resource
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import authority
import cryptoki
import export_case
import farms
import harness

CKR_FUNCTION_NOT_PERMITTED = "68"
CKR_MECHANISM_INVALID = "70"
OAEP, KEY_WRAP, KEY_WRAP_PAD = "9", "2109", "210a"
HIDE_WRAPPING = f"C_GetMechanismList=hide:{KEY_WRAP};C_GetMechanismList=hide:{KEY_WRAP_PAD}"
KNOWN_KEY = "AES-256 key made by hsmreq (C_CreateObject)"


def small_files():
    """For a process to come: its files end at 8 KiB, which a search for room passes and evidence does not."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that writing on answers EFBIG
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


class Faults(export_case.ExportCase):
    def setUp(self):
        super().setUp()
        self.ready_farm = self.ready(algorithm="ec-p256")

    def failing(self, fault, code, *more):
        outcome = self.export(self.ready_farm, "--json", *more, fault=fault)
        self.assert_one_error_object(outcome, code)
        self.assert_valid(outcome.stdout, "export")
        self.assert_nothing_exported()
        return outcome

    def assert_exported_by(self, fault, *mechanisms):
        item = self.exported(self.ready_farm, fault=fault)
        self.assertEqual(item["mechanisms"], list(mechanisms))
        self.assertEqual(self.public_half(self.key_in()), self.public_key("web"))
        self.pfx.unlink()

    def test_a_token_without_any_way_to_wrap(self):
        outcome = self.failing(HIDE_WRAPPING, 7)
        self.assertIn("CKM_AES_KEY_WRAP_PAD", outcome.error()["message"])
        self.assertEqual(self.calls("C_CreateObject"), 0)
        self.failing(HIDE_WRAPPING, 7, "--dry-run")

    def test_a_token_that_wraps_for_no_rsa_key_gets_an_aes_key_of_ours(self):
        rows = [f"C_GetMechanismList=hide:{OAEP}", f"C_WrapKey#1=return:{CKR_MECHANISM_INVALID};"
                f"C_WrapKey#2=return:{CKR_MECHANISM_INVALID};C_WrapKey#3=return:{CKR_MECHANISM_INVALID};"
                f"C_WrapKey#4=return:{CKR_MECHANISM_INVALID}",
                f"C_CreateObject#1=return:{CKR_FUNCTION_NOT_PERMITTED}"]  # fmt: skip
        for fault in rows:
            with self.subTest(fault):
                self.assert_exported_by(fault, "CKM_AES_KEY_WRAP_PAD", KNOWN_KEY)

    def test_a_token_that_refuses_both_is_quoted_twice(self):
        outcome = self.failing(f"C_CreateObject=return:{CKR_FUNCTION_NOT_PERMITTED}", 7)
        self.assertEqual(outcome.error()["function"], "C_CreateObject")
        self.assertEqual(len(outcome.error()["also"]), 1)

    def test_one_step_where_it_is_offered(self):
        self.assert_exported_by("C_GetMechanismList=one-step", "CKM_RSA_AES_KEY_WRAP (sha1)")

    def test_a_token_that_answers_ok_with_other_bytes(self):
        for fault in ("C_WrapKey=wrap", "C_WrapKey#1=wrap", "C_WrapKey#2=wrap", "C_WrapKey#3=wrap",
                      f"C_GetMechanismList=hide:{OAEP};C_WrapKey=wrap"):  # fmt: skip
            with self.subTest(fault):
                outcome = self.failing(fault, 8)
                self.assertIn("wrong answer", outcome.error()["hint"])

    def test_a_private_key_that_is_not_the_other_half_of_its_public_key(self):
        """Beside the private key lies another key's public object, and the certificate is for that one."""
        other = self.authority.make("web.example.com", self.issuer)
        der = authority.openssl("pkey", "-in", other.key, "-pubout", "-outform", "DER")
        identity = cryptoki.key_id("small", "web")
        self.hand().destroy("public", identity)
        self.hand().create("public", {**cryptoki.PUBLIC, "KEY_TYPE": 3, "ID": identity, "LABEL": b"small.web.g1".hex(),
                                      "EC_PARAMS": cryptoki.CURVES["ec-p256"], "EC_POINT": "0441" + der[-65:].hex()})  # fmt: skip
        for name in ("web.csr", "web.evidence.json"):
            (self.out / name).unlink()
        (self.out / "web.pem").write_text(other.pem)
        outcome = self.failing("", 8)
        self.assertIn("not the private half", outcome.error()["message"])
        self.assertGreater(self.calls("C_WrapKey"), 0)

    def test_a_one_time_key_that_could_do_more_is_not_used(self):
        outcome = self.export(self.ready_farm, "--json", fault="C_GetAttributeValue=read:105,01")
        self.assert_finding(outcome, 4, "policy.attribute-differs")
        self.assertEqual(self.calls("C_WrapKey"), 0)
        self.assert_nothing_exported()

    def test_a_session_that_is_lost_once(self):
        for function in ("C_WrapKey", "C_CreateObject", "C_FindObjectsInit"):
            with self.subTest(function):
                self.exported(self.ready_farm, fault=f"{function}#1=return:b3")
                self.pfx.unlink()

    def test_a_token_that_goes_away_or_never_answers(self):
        self.failing("C_WrapKey=return:30", 7)
        outcome = self.failing("C_WrapKey=hang:30", 7, "--timeout", "1")
        self.assertEqual(outcome.error()["function"], "C_WrapKey")

    def test_nothing_stays_in_the_token(self):
        before = farms.objects(self.tokens, "rp01")
        self.exported(self.ready_farm)
        self.assertEqual(farms.objects(self.tokens, "rp01"), before)

    def test_no_file_without_its_evidence(self):
        outcome = self.export(self.ready_farm, "--json", preexec_fn=small_files)
        self.assert_one_error_object(outcome, 9)
        self.assertIn("web.export.1.evidence.json", outcome.error()["message"])
        self.assert_nothing_exported()

    def test_no_evidence_without_its_file(self):
        """Somebody else takes the file's name while the key is on its way."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            fault = "C_DestroyObject=hang:1"
            run = pool.submit(self.export, self.ready_farm, "--json", fault=fault)
            deadline = time.monotonic() + harness.PATIENCE_SECONDS
            while not self.trace.exists() or "C_DestroyObject" not in self.trace.read_text():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
            self.pfx.write_bytes(b"precious")
            self.assert_one_error_object(run.result(), 9)
        self.assertEqual(self.pfx.read_bytes(), b"precious")
        self.assertEqual(self.evidence_files(), [])


class Memory(export_case.ExportCase):
    """Searches the process's memory, while the token works, for pieces of the private numbers in both byte orders."""

    piece = 12

    def pieces(self):
        numbers = self.secret_numbers(self.key_in())
        found = [n[i : i + self.piece] for n in numbers for i in range(0, len(n) - self.piece + 1, self.piece)]
        self.assertGreater(len(found), 1)
        return ",".join(part.hex() for one in found for part in (one, one[::-1]))

    def run_and_search(self, farm, pieces, *more, **options):
        rules = f"C_DestroyObject=search:{pieces};C_Finalize=search:{pieces}"
        outcome = self.export(farm, "--json", *more, fault=rules, **options)
        found = [line for line in self.trace.read_text().split() if line.startswith("found")]
        return outcome, found

    def assert_gone_at_the_end(self, farm, *more, **options):
        """While the key is here the search finds it, so it can fail; when all is done it finds nothing."""
        outcome, found = self.run_and_search(farm, self.pieces(), *more, **options)
        self.assert_code(outcome, 0)
        self.assertIn("found-before:C_DestroyObject", found)
        self.assertEqual([line for line in found if "C_Finalize" in line], [])
        self.assertEqual(self.calls("C_Finalize"), 1)

    def test_no_clear_key_is_left_after_an_export(self):
        for algorithm in ("rsa-2048", "ec-p256"):
            self.out = self.folder / algorithm
            farm = self.ready(algorithm=algorithm, file=f"{algorithm}.toml", name=algorithm)
            self.exported(farm, "--replace")
            for target in ("windows-server-2019", "windows-server-2016", "haproxy"):
                with self.subTest(algorithm, target=target):
                    self.assert_gone_at_the_end(farm, target=target, output=self.folder / f"{algorithm}.{target}")

    def test_nor_when_the_file_was_there_already(self):
        farm = self.ready()
        self.exported(farm)
        pieces = self.pieces()
        file = self.folder / "web.pem"
        self.exported(farm, target="haproxy", output=file)
        for options in ({}, {"target": "haproxy", "output": file}):
            outcome, found = self.run_and_search(farm, pieces, **options)
            self.assertEqual(outcome.json()["items"][0]["state"], "unchanged")
            self.assertEqual(found, [])

    def test_nor_when_nothing_can_be_published(self):
        farm = self.ready()
        self.exported(farm)
        pieces = self.pieces()
        outcome, found = self.run_and_search(farm, pieces, output=self.folder / "other.pfx", preexec_fn=small_files)
        self.assert_code(outcome, 9)
        self.assertIn("found-before:C_DestroyObject", found)
        self.assertEqual([line for line in found if "C_Finalize" in line], [])


if __name__ == "__main__":
    harness.main()
