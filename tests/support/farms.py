"""Farm files for tests, and the outside judges of what comes out of them."""

import re
import subprocess

import harness

GENERIC = """[farm]
name = "{name}"
product = "generic"
ca = "private"

[key]
algorithm = "{algorithm}"
private_key = "{policy}"
sharing = "{sharing}"
{key}
[token]
module = "{module}"
pin_source = "file:{pin_file}"

{members}
{requests}
"""


def generic(tokens, **options):
    """A generic farm: by default one request, "web", on one member, "rp01", with an ec-p256 key."""
    members = options.get("members", ["rp01"])
    requests = options.get("requests", {"web": ["web.example.com"]})
    return GENERIC.format(
        name=options.get("name", "small"),
        algorithm=options.get("algorithm", "ec-p256"),
        policy=options.get("policy", "non-exportable"),
        sharing=options.get("sharing", "per-member"),
        key=options.get("key", ""),
        module=options.get("module", tokens.module),
        pin_file=tokens.pin_file,
        members="\n".join(f'[[member]]\nname = "{name}"\nuri = "pkcs11:token={name}"' for name in members),
        requests="\n".join(
            f'[[request]]\nname = "{name}"\nnames = {names!r}\n{options.get("request", "")}'
            for name, names in requests.items()
        ),
    )


def tool(*command, env=None, check=True):
    """Runs an outside program and returns what it printed on both streams."""
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=harness.clean_environment(env),
        timeout=harness.PATIENCE_SECONDS,
    )
    text = done.stdout.decode(errors="replace")
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{text}")
    return text


def openssl_request(path):
    """OpenSSL's view of a request whose signature it has verified."""
    form = "DER" if str(path).endswith(".p10") else "PEM"
    text = tool("openssl", "req", "-verify", "-noout", "-text", "-inform", form, "-in", path)
    if "verify OK" not in text:
        raise AssertionError(text)
    return text


def certtool_request(path):
    """GnuTLS' view of a request whose signature it has verified."""
    extra = ["--inder"] if str(path).endswith(".p10") else []
    text = tool("certtool", "--crq-info", *extra, "--infile", path)
    if "Self signature: verified" not in text:
        raise AssertionError(text)
    return text


def objects(tokens, label):
    """What pkcs11-tool lists on a token after login: a list of dictionaries by its own words."""
    text = tool(
        "pkcs11-tool", "--module", tokens.module, "--token-label", label, "--login", "--pin", tokens.pin,
        "--list-objects", env=tokens.env,
    )  # fmt: skip
    found = []
    for line in text.splitlines():
        if match := re.match(r"(Private Key|Public Key|Certificate|Secret Key|Data) Object", line):
            found.append({"kind": match.group(1)})
        elif found and (match := re.match(r"\s+([\w ]+?):\s+(.*)", line)):
            found[-1][match.group(1)] = match.group(2).strip()
    return found


def pairs(tokens, label):
    """(private keys, public keys) on a token."""
    kinds = [entry["kind"] for entry in objects(tokens, label)]
    return kinds.count("Private Key"), kinds.count("Public Key")
