"""The ACME test CA pebble on the loopback address, and lego as its client."""

import json
import pathlib
import socket
import subprocess
import time

import authority
import harness
import servers


class Pebble:
    """A running CA that takes every name for proved; stops at the end of a with statement."""

    def __init__(self, test, folder):
        self.test = test
        self.folder = pathlib.Path(folder)
        maker = authority.Authority(self.folder)
        self.root = maker.make("Pebble's own root", ca=True)
        self.server = maker.make("localhost", self.root)
        self.port = servers.free_port(test)
        self.log = self.folder / "pebble.log"
        configuration = {
            "listenAddress": f"127.0.0.1:{self.port}",
            "managementListenAddress": f"127.0.0.1:{servers.free_port(test)}",
            "certificate": str(self.server.file),
            "privateKey": str(self.server.key),
            "httpPort": servers.free_port(test),
            "tlsPort": servers.free_port(test),
            "ocspResponderURL": "",
            "externalAccountBindingRequired": False,
        }
        (self.folder / "pebble.json").write_text(json.dumps({"pebble": configuration}))

    def __enter__(self):
        settings = {"PEBBLE_VA_ALWAYS_VALID": "1", "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["pebble", "-config", self.folder / "pebble.json"],
                stdout=log, stderr=log, env=harness.clean_environment(settings),
            )  # fmt: skip
        deadline = time.monotonic() + harness.PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.__exit__()
                    raise AssertionError("pebble did not start: " + self.log.read_text()) from None
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(harness.PATIENCE_SECONDS)

    def certify(self, csr):
        """(issued, what lego says). The certificate is then in `folder`/certificates."""
        done = subprocess.run(
            [
                "lego", "--accept-tos", "--email", "admin@example.com", "--path", self.folder,
                "--server", f"https://localhost:{self.port}/dir", "--http", "--http.port", f"127.0.0.1:{servers.free_port(self.test)}",
                "--csr", csr, "run",
            ],
            capture_output=True, text=True, timeout=harness.PATIENCE_SECONDS,
            env=harness.clean_environment({"LEGO_CA_CERTIFICATES": str(self.root.file), "HOME": str(self.folder)}),
        )  # fmt: skip
        return done.returncode == 0, done.stdout + done.stderr
