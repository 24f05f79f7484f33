#!/usr/bin/python3
"""hsmreq plan: the reference farm with each value of each key of tokens, members, requests and the rest."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness  # noqa: E402
from sample_farm import (  # noqa: E402
    EDGE_KEY,
    NO_CHANGE,
    PFX_MEMBER,
    request,
    SUBJECT,
    SUBJECT_FIELDS,
    TOKEN_URIS,
    variant,
    VariantTest,
    WORKSTATION,
)

# What is tried: (farm file, what its plan has where the sample's has something else). Values stand at dotted paths;
# "names" is short for the first request's names with their reasons, "eku" for its extended key usages, "finding" for
# an id that is there, "code" for another exit code than 0.
VARIANTS = {
    "token.module as a path": (variant('token: module = "/usr/lib/softhsm/libsofthsm2.so"'), NO_CHANGE),
    "token.uri": (
        variant('token: uri = "pkcs11:token=net"', without=TOKEN_URIS), {"finding": "policy.members-share-token"}
    ),
    **{
        f"token.pin_source {source}": (variant(f'token: pin_source = "{source}"'), NO_CHANGE)
        for source in ("env:PIN", "file:/etc/pin", "file:pin", "fd:3", "credential:pin", "none")
    },
    "member with its own module and PIN source": (
        variant('member: module = "other"', 'member: pin_source = "env:PIN"'), NO_CHANGE
    ),
    "member.role reverse-proxy": (variant('member: role = "reverse-proxy"'), NO_CHANGE),
    "member.role edge": (variant('member: role = "edge"'), NO_CHANGE),
    "member.role workstation": (variant(more=WORKSTATION), NO_CHANGE),
    "member.receives token": (variant('member: receives = "token"'), NO_CHANGE),
    "member.receives pfx": (
        variant(*EDGE_KEY, more=PFX_MEMBER),
        {
            "requests.0.members": ["rp01", "rp02", "iis01"],
            "requests.0.key.sharing": "shared",
            "items": [{"request": "reverse-proxy", "member": None, "token_member": "rp01"}],
        },
    ),
    **{
        f"member.server {server}": (variant(f'member: server = "{server}"'), expected)
        for servers, expected in (
            (("nginx", "apache"), NO_CHANGE),
            (("haproxy", "iis", "tmg", "lync-edge"), {"finding": "policy.server-cannot-use-token"}),
        )
        for server in servers
    },
    "request": request(
        "",
        {
            "name": "mail",
            "subject.common_name": "mail.contoso.com",
            "members": ["rp01", "rp02"],
            "friendly_name": "Reverse Proxy Listener for Lync Server",
            "key.algorithm": "rsa-2048",
        },
    ),
    "request.common_name": request('common_name = "cn.contoso.com"\n', {"subject.common_name": "cn.contoso.com"}),
    "request.members": request('members = ["rp02"]\n', {"members": ["rp02"]}),
    "request.friendly_name": request('friendly_name = "Mail"\n', {"friendly_name": "Mail"}),
    "request.description": request('description = "d"\n', {"description": "d"}),
    "request.subject": request(SUBJECT + "\n", {f"subject.{name}": value for name, value in SUBJECT_FIELDS.items()}),
    "request.file_name": request('file_name = "m.{member}"\n', {"file_name": "m.{member}"}),
    "request.key": request(
        '[request.key]\nalgorithm = "ec-p384"\nhash = "sha384"\nsharing = "shared"\nprivate_key = "wrap-only"\n',
        {
            "key.algorithm": "ec-p384",
            "key.hash": "sha384",
            "key.purpose": "signature",
            "key.sharing": "shared",
            "key.private_key": "wrap-only",
            "key_usage.values": ["digitalSignature"],
        },
    ),
    "request.certificate": request(
        '[request.certificate]\nfile_format = "binary"\nextended_key_usage = ["serverAuth"]\n',
        {"file_format": "binary", "extended_key_usage.values": ["serverAuth"]},
    ),
    "request.key.uri": request(
        '[request.key]\nuri = "pkcs11:object=old;id=%01"\n', {"key.uri": "pkcs11:object=old;id=%01"}
    ),
    "evidence": (
        variant(more='\n[evidence]\nkey = "pkcs11:token=log;object=ev"\nmodule = "softhsm2"\npin_source = "env:EV"\n'),
        NO_CHANGE,
    ),
    "trust": (variant(more='\n[trust]\ninternal_roots = ["a.pem"]\nissuing_roots = ["/b.pem"]\n'), NO_CHANGE),
    "rules.weak_key_list": (variant(more='\n[rules]\nweak_key_list = "weak.txt"\n'), NO_CHANGE),
    "rules.accept": (
        variant(
            'simple_urls: admin = ["https://admin.contoso.com"]',
            more='\n[[rules.accept]]\nfinding = "name.admin-url-published"\nname = "admin.contoso.com"\n'
            'reason = "known"\nuntil = 2027-12-31\n',
        ),
        {"findings.0.accepted": "known"},
    ),
}


class MemberVariants(VariantTest):
    def test_each_plans_what_it_says(self):
        self.check_variants(VARIANTS)


if __name__ == "__main__":
    harness.main()
