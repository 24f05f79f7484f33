"""The program's products in the servers of Debian: nginx with the exported key and with the key in the token, and HAProxy."""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import farms
import harness
import install_case
import issuing
import proxies

NAMES = ["web.example.com", "meet.example.com", "dialin.example.com"]
GUIDE = harness.SOURCE / "docs" / "guide.md"
PASSWORD = "correct horse battery"


def guide_blocks(language):
    """What the guide shows for nginx with the key in a token: for OpenSSL; outside of nginx's `http`, inside of it."""
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)


class Servers(install_case.InstallCase):
    def served(self, **options):
        """A farm whose first certificate is installed."""
        farm = self.ready(requests={"web": NAMES}, **options)
        self.install_next(farm, 1, options)
        return farm

    def install_next(self, farm, generation, options):
        shared = options.get("sharing") == "shared"
        self.stem = ("web" if shared else "web.rp01") + ("" if generation == 1 else f".g{generation}")
        self.assert_code(self.install(farm, self.with_chain(self.answer(self.stem))), 0)

    def successor(self, farm, **options):
        self.assert_code(self.renew(farm), 0)
        self.install_next(farm, 2, options)

    def current(self):
        return install_case.pem(self.out / f"{self.stem}.pem")

    def assert_serves(self, proxy):
        """Every name, by both versions of TLS, with the current certificate and the CA below the root, and nothing else."""
        root = self.issuer.root
        expected = [self.current(), install_case.pem(self.ca.root)]
        for name in NAMES:
            self.assertEqual(proxy.presented(name, root), expected)
            for version in (["--tlsv1.3"], ["--tls-max", "1.2"]):
                self.assertIn(proxies.ANSWER, proxy.fetched(name, root, *version))
        with self.assertRaisesRegex(AssertionError, "no alternative certificate subject name matches"):
            proxy.fetched("other.example.com", root)
        with self.assertRaisesRegex(AssertionError, "SSL certificate problem"):
            proxy.fetched(NAMES[0], self.stranger())

    def stranger(self):
        """A root that has nothing to do with the certificates."""
        return issuing.Issuer(self.folder / "stranger", name="Stranger").root

    def exported(self, farm, target, file, generation):
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o600)
        words = [] if target == "haproxy" else ["--password-source", f"file:{password}"]
        outcome = self.run_command("export", farm, "--request", "web", "--for", target, *words, "--output", str(file),
                                   "--reason", "a server", "--acknowledge-security-note", "--replace", "--json")  # fmt: skip
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.json()["items"][0]["generation"], generation)
        return file

    def unpacked(self, pfx, generation):
        """(certificates, key) as an administrator takes them out of the file with openssl."""
        take = ["openssl", "pkcs12", "-in", pfx, "-passin", f"file:{self.folder / 'password'}"]
        key, leaf, chain = (self.folder / f"{kind}.{generation}.pem" for kind in ("key", "leaf", "chain"))
        farms.tool(*take, "-nocerts", "-nodes", "-out", key)
        farms.tool(*take, "-clcerts", "-nokeys", "-out", leaf)
        farms.tool(*take, "-cacerts", "-nokeys", "-out", chain)
        return self.bundle(leaf, chain, name=f"unpacked.{generation}.pem"), key


class FromFiles(Servers):
    def serve_with_nginx(self, target, **options):
        options = {"policy": "exportable", "sharing": "shared", **options}
        farm = self.served(**options)
        nginx = proxies.Nginx(self, self.folder / "nginx")

        def configure(generation):
            file = self.exported(farm, target, self.folder / "web.pfx", generation)
            certificates, key = self.unpacked(file, generation)
            nginx.configure(f"server {{ listen 443 ssl; ssl_protocols TLSv1.2 TLSv1.3;\nssl_certificate {certificates};\n"
                            f"ssl_certificate_key {key}; }}")  # fmt: skip

        configure(1)
        with nginx:
            self.assert_serves(nginx)
            self.successor(farm, **options)
            configure(2)
            nginx.reload()
            self.assert_serves(nginx)

    def test_nginx_serves_with_the_pfx_for_today_as_openssl_unpacks_it(self):
        self.serve_with_nginx("windows-server-2019", algorithm="rsa-2048")

    def test_nginx_serves_with_the_pfx_for_old_servers_as_openssl_unpacks_it(self):
        self.serve_with_nginx("windows-server-2016", algorithm="rsa-2048")

    def serve_with_haproxy(self, **options):
        options = {"policy": "exportable", "sharing": "shared", **options}
        farm = self.served(**options)
        file = self.folder / "web.haproxy.pem"
        haproxy = proxies.HAProxy(self, self.folder / "haproxy")
        haproxy.configure(self.exported(farm, "haproxy", file, 1))
        with haproxy:
            self.assert_serves(haproxy)
        self.successor(farm, **options)
        self.exported(farm, "haproxy", file, 2)
        with haproxy:
            self.assert_serves(haproxy)

    def test_haproxy_serves_with_the_pem_of_an_rsa_key(self):
        self.serve_with_haproxy(algorithm="rsa-2048")

    def test_haproxy_serves_with_the_pem_of_an_ec_key(self):
        self.serve_with_haproxy(algorithm="ec-p256")


class FromTheToken(Servers):
    """nginx with the lines of the guide, in which only places are changed."""

    def lines(self):
        main, server = guide_blocks("nginx")
        uri = self.key_uri()
        changes = {
            r"/etc/nginx/tls/\S+?\.fullchain\.pem": str(self.out / f"{self.stem}.fullchain.pem"),
            r"file:/\S+?(?=\")": f"file:{self.tokens.pin_file}",
            r"pkcs11:token=[^?]*": f"pkcs11:token=rp01;{re.search('id=[^;]*', uri).group()};type=private",
        }
        for shown, own in changes.items():
            server, found = re.subn(shown, lambda _, own=own: own, server)
            self.assertEqual(found, 1, f"{shown} in the guide")
        return server, main

    def nginx(self, **more):
        (openssl,) = guide_blocks("ini")
        environment = {"PKCS11_MODULE_PATH": self.tokens.module, "OPENSSL_CONF": self.write("openssl.cnf", openssl), **more}
        return proxies.Nginx(self, self.folder / "nginx", {**self.tokens.env, **environment})

    def key_uri(self):
        return json.loads((self.out / f"{self.stem}.evidence.json").read_text())["predicate"]["key"]["uri"]

    def serve(self, **options):
        farm = self.served(**options)
        nginx = self.nginx()
        nginx.configure(*self.lines())
        with nginx:
            self.assert_serves(nginx)
            self.successor(farm, **options)
            self.assertNotEqual(nginx.presented(NAMES[0], self.issuer.root)[0], self.current())
            nginx.configure(*self.lines())
            nginx.reload()
            self.assert_serves(nginx)
            self.assert_code(self.retire(farm, 1, "--yes"), 0)
            self.assert_serves(nginx)
        with nginx:
            self.assert_serves(nginx)

    def test_with_an_rsa_key(self):
        self.serve(algorithm="rsa-2048")

    def test_with_an_ec_key(self):
        self.serve(algorithm="ec-p256")

    def test_a_pin_file_that_ends_in_a_newline_is_a_wrong_pin_for_nginx(self):
        self.served()
        self.tokens.pin_file.write_text(self.tokens.pin + "\n")
        nginx = self.nginx()
        nginx.configure(*self.lines())
        with self.assertRaisesRegex(AssertionError, "PIN incorrect"), nginx:
            pass

    def test_without_the_engine_s_section_nginx_does_not_start(self):
        self.served()
        nginx = self.nginx(OPENSSL_CONF="/etc/ssl/openssl.cnf")
        nginx.configure(*self.lines())
        with self.assertRaisesRegex(AssertionError, "not initialised"), nginx:
            pass


if __name__ == "__main__":
    harness.main()
