"""Exported keys at work: a TLS server with what was in the file, and a client that trusts the test CA."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import export_case
import farms
import harness
import servers


class Serves(export_case.ExportCase):
    def served(self, file, chain):
        """The port of a server that is given these."""
        return servers.port_of(servers.tls(self, file, file, "-cert_chain", chain, "-www"))

    def assert_reached(self, port, *more):
        shown = farms.tool("curl", "--silent", "--show-error", "--cacert", self.root.file, "--resolve",
                           f"web.example.com:{port}:127.0.0.1", *more, f"https://web.example.com:{port}/")  # fmt: skip
        self.assertIn("TLS", shown)

    def test_a_server_serves_with_the_pfx_as_openssl_unpacks_it(self):
        farm = self.ready()
        for target in ("windows-server-2019", "windows-server-2016"):
            with self.subTest(target):
                self.exported(farm, "--replace", target=target)
                unpacked = self.secret_file("unpacked.pem", "")
                farms.tool("openssl", "pkcs12", "-in", self.pfx, "-passin", f"file:{self.password_file}", "-nodes", "-out",
                           unpacked)  # fmt: skip
                chain = self.folder / "chain.pem"
                farms.tool("openssl", "pkcs12", "-in", self.pfx, "-passin", f"file:{self.password_file}", "-nokeys",
                           "-cacerts", "-out", chain)  # fmt: skip
                port = self.served(unpacked, chain)
                self.assert_reached(port, "--tlsv1.3")
                self.assert_reached(port, "--tls-max", "1.2")

    def test_a_server_serves_with_the_pem_as_it_is(self):
        for algorithm in ("rsa-2048", "ec-p256"):
            with self.subTest(algorithm):
                self.out = self.folder / algorithm
                farm = self.ready(algorithm=algorithm, file=f"{algorithm}.toml", name=algorithm)
                file = self.folder / f"{algorithm}.pem"
                self.exported(farm, target="haproxy", password=None, output=file)
                self.assert_reached(self.served(file, file))


if __name__ == "__main__":
    harness.main()
