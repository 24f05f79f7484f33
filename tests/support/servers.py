"""Servers on the loopback for one test each: TLS by the openssl tool, and some that are none."""

import contextlib
import pathlib
import random
import socket
import subprocess
import threading


def tls(test, key, certificate, *more):
    """`openssl s_server` with these and further arguments; answers "127.0.0.1:PORT"."""
    command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate, *more]
    server = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)  # fmt: skip
    for close in (server.stdin.close, server.stdout.close, server.wait, server.kill):
        test.addCleanup(close)
    said = []
    for line in server.stdout:
        if line.startswith("ACCEPT "):
            return line.split()[1]
        said.append(line)
    raise AssertionError("openssl s_server did not start: " + "".join(said))


def port_of(address):
    return address.rsplit(":", 1)[1]


def listening(test, greeting=None):
    """A port that takes connections and says nothing, or the greeting and no more."""
    listener = socket.create_server(("127.0.0.1", 0))
    test.addCleanup(listener.close)
    held = []

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                held.append(connection)
                if greeting is not None:
                    connection.sendall(greeting)
                    connection.close()

    threading.Thread(target=serve, daemon=True).start()
    test.addCleanup(lambda: [connection.close() for connection in held])
    return f"127.0.0.1:{listener.getsockname()[1]}"


def free_port(test):
    """A port for that test until it ends: none that the system gives away by itself (those of clients and of `bind` to 0), and
    none of another running test, which holds it by an abstract socket of that name."""
    first_given_away = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in random.sample(range(1024, first_given_away), 1000):
        held = socket.socket(socket.AF_UNIX)
        try:
            held.bind(f"\0port {port} of a test")
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            held.close()
            continue
        test.addCleanup(held.close)
        return port
    raise AssertionError("a thousand ports are taken")


def closed(test):
    """Where nobody listens."""
    return f"127.0.0.1:{free_port(test)}"
