"""A token behind `p11-kit server`: another process, reached through another module than the tokens here."""

import glob
import signal
import subprocess
import time

import harness

CLIENT_MODULES = "/usr/lib/*/pkcs11/p11-kit-client.so"


class ServedToken:
    """While inside `with`: `module` is the client's path, `env` leads it to the server."""

    def __init__(self, tokens, label, folder):
        self.socket = folder / "p11-kit.sock"
        found = glob.glob(CLIENT_MODULES)
        if not found:
            raise AssertionError("p11-kit's client module is missing: install the package p11-kit-modules")
        self.module = found[0]
        self.env = {"P11_KIT_SERVER_ADDRESS": f"unix:path={self.socket}"}
        command = ["p11-kit", "server", "--foreground", "--provider", tokens.module, "-n", str(self.socket),
                   f"pkcs11:token={label}"]  # fmt: skip
        self.process = subprocess.Popen(command, env=harness.clean_environment(tokens.env), stdout=subprocess.DEVNULL)

    def __enter__(self):
        deadline = time.monotonic() + harness.PATIENCE_SECONDS
        while not self.socket.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("p11-kit server does not serve")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
