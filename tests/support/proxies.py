"""nginx and HAProxy of the system, each with its configuration, logs and files in a folder of a test, and clients that judge them."""

import contextlib
import os
import pathlib
import pwd
import re
import socket
import subprocess
import time

import farms
import harness
import servers

ANSWER = "served by the test"


class Proxy:
    """A server in the foreground on `port`, from `with` to its end, of the test. Subclasses say `command` and `configuration`."""

    def __init__(self, test, folder, env=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.env = harness.clean_environment({"PATH": f"{os.environ['PATH']}:/usr/sbin", **(env or {})})
        self.port = servers.free_port(test)
        self.file = self.folder / "configuration"
        self.log = self.folder / "log"

    def configure(self, *parts):
        self.file.write_text(self.configuration(*map(str, parts)))

    def __enter__(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command(), env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.wait_until(self.answers, "it does not listen")
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(harness.PATIENCE_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()

    def answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def wait_until(self, condition, what):
        deadline = time.monotonic() + harness.PATIENCE_SECONDS
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{what}: {self.log.read_text(errors='replace')}")
            time.sleep(0.05)

    def presented(self, name, root):
        """The certificates that the server sends for that name, as PEM, after openssl has verified them and the name."""
        shown = farms.tool("openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-servername", name, "-showcerts",
                           "-verify_hostname", name, "-verify_return_error", "-CAfile", root, "-no-CApath", "-no-CAstore")  # fmt: skip
        return re.findall(r"-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----\n", shown, re.DOTALL)

    def fetched(self, name, root, *more):
        """What curl, which trusts that root alone, gets from https://NAME."""
        return farms.tool("curl", "--silent", "--show-error", "--noproxy", "*", "--cacert", root, "--capath", "/nonexistent",
                          "--resolve", f"{name}:{self.port}:127.0.0.1", *more, f"https://{name}:{self.port}/")  # fmt: skip


class Nginx(Proxy):
    """configure(SERVER, MAIN): what stands inside `http`, where ports are 443, and what stands outside of it."""

    def command(self, *more):
        return ["nginx", "-p", str(self.folder), "-e", str(self.log), "-c", str(self.file), *more]

    def configuration(self, server, main=""):
        # The workers are to be of the user whose token it is; nginx only listens to this when it is root's.
        user = f"user {pwd.getpwuid(os.geteuid()).pw_name} root;" if os.geteuid() == 0 else ""
        places = "".join(f"{kind}_temp_path {self.folder / kind};\n" for kind in
                         ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))  # fmt: skip
        answer = f'location / {{ return 200 "{ANSWER}"; }}\n'
        served = re.sub(r"\blisten 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;\n{answer}", server)
        return (f"{user}\ndaemon off;\npid {self.folder / 'pid'};\nerror_log {self.log};\nworker_processes 2;\n{main}\n"
                f"events {{}}\nhttp {{\naccess_log off;\n{places}{served}\n}}\n")  # fmt: skip

    def reload(self):
        """Ends when the workers of the old configuration have: until then they take connections beside the new ones."""
        old = self.workers()
        done = subprocess.run(self.command("-s", "reload"), env=self.env, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=harness.PATIENCE_SECONDS)  # fmt: skip
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        self.wait_until(lambda: not old & self.workers(), "the old workers did not end")

    def workers(self):
        return set(pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split())


class HAProxy(Proxy):
    """configure(FILE): the file that holds certificate, chain and key."""

    def command(self):
        return ["haproxy", "-db", "-f", str(self.file)]

    def configuration(self, file):
        return ("defaults\nmode http\ntimeout client 30s\ntimeout server 30s\ntimeout connect 30s\n"
                f"frontend tls\nbind 127.0.0.1:{self.port} ssl crt {file}\n"
                f'http-request return status 200 content-type text/plain string "{ANSWER}"\n')  # fmt: skip
