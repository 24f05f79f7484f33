"""The certificates of a recipe in tests/data/findings/*/*.chain (the format: e2e/rules_cases.py)."""

import datetime

import authority

FARM = """[farm]
name = "web"
product = "generic"
ca = "private"
[trust]
issuing_roots = ["roots.pem"]
[[member]]
name = "rp01"
module = "softhsm2"
uri = "pkcs11:token=rp01"
[[request]]
name = "web"
names = ["a.example.com"]
"""


def day(offset):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=offset)
    return moment.strftime("%y%m%d%H%M%SZ")


def make(folder, recipe):
    """Writes case.pem, roots.pem and farm.toml; answers what `inspect` is to be called with there."""
    ca = authority.Authority(folder)
    made = {}
    tables = {name: dict(value) for name, value in recipe.items() if isinstance(value, dict)}
    for name, options in sorted(tables.items(), key=lambda one: depth(one[0], tables)):
        for end in ("begins", "ends"):
            if end in options:
                options[end] = day(options[end])
        if "extensions" in options:
            options["extensions"] += "\n"
        issuer = made.get(options.pop("issuer", None))
        made[name] = ca.make(options.pop("subject"), issuer, **options)
    for name in recipe.get("damaged", []):
        der = made[name].der
        damaged = der[:-1] + bytes([der[-1] ^ 1])
        made[name].file.write_bytes(authority.openssl("x509", "-inform", "DER", input=damaged))
    ca.write("case.pem", *(made[name] for name in recipe["file"]))
    ca.write("roots.pem", *(made[name] for name in recipe["trusted"]))
    (folder / "farm.toml").write_text(FARM)
    return ["case.pem", "--farm", "farm.toml", *recipe.get("arguments", [])]


def depth(name, tables):
    """Issuers come first."""
    return 1 + depth(tables[name]["issuer"], tables) if "issuer" in tables[name] else 0
