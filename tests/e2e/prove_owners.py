"""Who has the module in a proof, how often a PIN is asked for and sent, and a server that reaches the token the same way."""

import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import prove_case
from renewal_case import key_id
from request_trace import spy


class Owners(prove_case.ProveCase):
    """Who has the module, and how often a PIN is asked for and sent."""

    labels = ("rp01", "rp02")

    def two_members(self):
        farm = self.trusting(members=["rp01", "rp02"])
        self.assert_code(self.request(farm), 0)
        self.install("web.rp01")
        self.install("web.rp02")
        return farm

    def test_they_take_turns_and_each_logs_in_once_a_token(self):
        farm = self.two_members()
        log = self.folder / "spy"
        environment = {"PKCS11SPY": self.tokens.module, "PKCS11SPY_OUTPUT": str(log)}
        self.assert_code(self.prove(farm, "--module", spy(), "--trust-module", env=environment), 0)
        calls = re.findall(r"^\d+: (C_\w+)$", log.read_text(errors="replace"), flags=re.MULTILINE)
        turns = [call for call in calls if call in ("C_Initialize", "C_Finalize", "C_Login")]
        phase = ["C_Initialize", "C_Login", "C_Login", "C_Finalize"]
        self.assertEqual(turns, phase * 2)

    def test_a_prompt_asks_once_for_each_token(self):
        farm = self.two_members()
        arguments = ["prove", farm, "--out", str(self.out), "--pin-source", "prompt"]
        with harness.TerminalRun(arguments, env=self.tokens.env) as terminal:
            for label in ("rp01", "rp02"):
                terminal.wait_for(f"PIN of token {label} ")
                terminal.wait_until(lambda: not terminal.echoes(), "the terminal still echoes")
                terminal.type(self.tokens.pin + "\n")
            self.assertEqual(terminal.finish(), 0, terminal.shown)
        self.assertEqual(len(re.findall("PIN of", terminal.shown)), 2, terminal.shown)

    def test_a_descriptor_is_read_once(self):
        farm = self.two_members()
        read, write = os.pipe()
        os.write(write, self.tokens.pin.encode())
        os.close(write)
        self.addCleanup(os.close, read)
        self.assert_code(self.prove(farm, "--pin-source", f"fd:{read}", pass_fds=[read]), 0)


class Peers(prove_case.ProveCase):
    """The proxy's own way to the token, OpenSSL's engine pkcs11, which is libp11 once more."""

    def serve(self, certificate):
        """An s_server with the token's key; its address."""
        folder = self.folder / "served"
        folder.mkdir(exist_ok=True)
        (folder / "page").write_text("it is served")
        key = f"pkcs11:token=rp01;id={in_uri(key_id())};type=private?pin-value={self.tokens.pin}"
        server = subprocess.Popen(
            ["openssl", "s_server", "-engine", "pkcs11", "-keyform", "engine", "-key", key, "-cert", str(certificate),
             "-accept", "127.0.0.1:0", "-WWW"],
            cwd=folder, env=harness.clean_environment({**self.tokens.env, "PKCS11_MODULE_PATH": self.tokens.module}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        said = ""
        for line in server.stdout:
            said += line
            if line.startswith("ACCEPT"):
                return line.split()[1]
        raise AssertionError(f"openssl s_server does not serve: {said}")

    def fetch(self, address, trusted, version):
        return farms.tool("sh", "-c", 'printf "GET /page HTTP/1.0\\r\\n\\r\\n" | openssl s_client -connect "$1" -servername '
                          'web.example.com -verify_hostname web.example.com -verify_return_error -CAfile "$2" -quiet "$3"',
                          "sh", address, trusted, version)  # fmt: skip

    def test_serve_with_what_was_proved(self):
        for algorithm in ("rsa-2048", "ec-p256"):
            self.out = self.folder / algorithm
            self.tokens = harness.Tokens(self.folder / f"{algorithm}-token", pin=self.tokens.pin)
            self.tokens.make_token("rp01")
            farm = self.trusting(algorithm=algorithm, file=f"{algorithm}.toml")
            self.assert_code(self.request(farm), 0)
            self.assert_code(self.prove(farm, "--interim"), 0)
            interim = self.out / "web.rp01.interim.pem"
            self.install()
            self.assert_code(self.prove(farm), 0)
            for certificate, trusted in ((interim, interim), (self.out / "web.rp01.pem", self.issuer.root)):
                address = self.serve(certificate)
                for version in ("-tls1_2", "-tls1_3"):
                    with self.subTest(algorithm=algorithm, certificate=certificate.name, version=version):
                        self.assertIn("it is served", self.fetch(address, trusted, version))


def in_uri(digits):
    return "".join(f"%{digits[i:i + 2]}" for i in range(0, len(digits), 2))


if __name__ == "__main__":
    harness.main()
