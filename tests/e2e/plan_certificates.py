#!/usr/bin/python3
"""hsmreq plan: the reference farm with each value of each key of [certificate] and [key]."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness  # noqa: E402
from sample_farm import (  # noqa: E402
    key,
    names_with,
    NO_CHANGE,
    of_request,
    OID,
    SAMPLE_NAMES,
    SECOND_POOL,
    SUBJECT,
    subject_of,
    variant,
    VariantTest,
)

# What is tried: (farm file, what its plan has where the sample's has something else). Values stand at dotted paths;
# "names" is short for the first request's names with their reasons, "eku" for its extended key usages, "finding" for
# an id that is there, "code" for another exit code than 0.
VARIANTS = {
    "certificate.layout combined": (variant('certificate: layout = "combined"'), NO_CHANGE),
    "certificate.layout per-pool": (
        variant('certificate: layout = "per-pool"', more=SECOND_POOL),
        {
            "requests.0.name": "webext.contoso.com",
            "requests.1.name": "webext2.contoso.com",
            "names": SAMPLE_NAMES,
            "names 1": {"webext2.contoso.com": ["subject", "pool"]},
        },
    ),
    "certificate.shared_names first-pool": (
        variant('certificate: layout = "per-pool"', 'certificate: shared_names = "first-pool"', more=SECOND_POOL),
        {"names": SAMPLE_NAMES, "names 1": {"webext2.contoso.com": ["subject", "pool"]}},
    ),
    "certificate.shared_names every-pool": (
        variant('certificate: layout = "per-pool"', 'certificate: shared_names = "every-pool"', more=SECOND_POOL),
        {
            "names": SAMPLE_NAMES,
            "names 1": {"webext2.contoso.com": ["subject", "pool"], **names_with({}, ["webext.contoso.com"])},
        },
    ),
    "pool.members per pool": (
        variant('certificate: layout = "per-pool"', 'pool: members = ["rp02"]'),
        {"requests.0.members": ["rp02"], "requests.0.name": "webext.contoso.com"},
    ),
    "certificate.name": (variant('certificate: name = "proxy"'), of_request("name", "proxy")),
    "certificate.common_name": (
        variant('certificate: common_name = "proxy.contoso.com"'),
        {
            "names": {"proxy.contoso.com": ["subject"], **names_with({"webext.contoso.com": ["pool"]})},
            "requests.0.subject.common_name": "proxy.contoso.com",
        },
    ),
    "certificate.extra_names": (
        variant('certificate: extra_names = ["x.contoso.com", "MEET.contoso.com"]'),
        {"names": names_with({"x.contoso.com": ["extra"], "meet.contoso.com": ["meet", "extra"]})},
    ),
    "certificate.wildcard_for": (
        variant('certificate: wildcard_for = ["contoso.com"]'),
        {
            "names": names_with(
                {"*.contoso.com": ["meet", "dialin", "autodiscover"]},
                ["meet.contoso.com", "dialin.contoso.com", "lyncdiscover.contoso.com"],
            ),
            "finding": "name.wildcard-phone-edition",
        },
    ),
    "certificate.friendly_name": (
        variant('certificate: friendly_name = "Prüfung"'), of_request("friendly_name", "Prüfung")
    ),
    "certificate.description": (variant('certificate: description = "d"'), of_request("description", "d")),
    "certificate.subject": (
        variant("certificate: " + SUBJECT), {**subject_of(0), "finding": "subject.organizational-unit"}
    ),
    "certificate.key_usage": (
        variant('certificate: key_usage = ["keyEncipherment", "digitalSignature", "dataEncipherment"]'),
        of_request("key_usage.values", ["digitalSignature", "keyEncipherment", "dataEncipherment"]),
    ),
    "certificate.key_usage empty": (variant("certificate: key_usage = []"), of_request("key_usage", None)),
    "certificate.extended_key_usage": (
        variant(f'certificate: extended_key_usage = ["serverAuth", "{OID}"]'), {"eku": ["serverAuth", OID]}
    ),
    "certificate.extended_key_usage as OID": (
        variant('certificate: extended_key_usage = ["1.3.6.1.5.5.7.3.1"]'), {"eku": ["serverAuth"]}
    ),
    "certificate.default_extensions ca": (variant('certificate: default_extensions = "ca"'), NO_CHANGE),
    "certificate.default_extensions add": (
        variant('certificate: default_extensions = "add"'), of_request("subject_key_identifier", True)
    ),
    "certificate.default_extensions suppress": (
        variant('certificate: default_extensions = "suppress"', 'farm: ca = "private"'), NO_CHANGE
    ),
    "certificate.file_format base64": (variant('certificate: file_format = "base64"'), NO_CHANGE),
    "certificate.file_format binary": (
        variant('certificate: file_format = "binary"'), of_request("file_format", "binary")
    ),
    "certificate.file_name": (
        variant('certificate: file_name = "{farm}-{member}.{friendly_name}"'),
        of_request("file_name", "{farm}-{member}.{friendly_name}"),
    ),
    "certificate.ad_cs_template": (
        variant('certificate: ad_cs_template = "WebServer"'), of_request("ad_cs_template", "WebServer")
    ),
    "key.algorithm rsa-3072": (
        variant('key: algorithm = "rsa-3072"'), {"requests.0.key.algorithm": "rsa-3072", "finding": "key.rsa-size"}
    ),
    "key.algorithm rsa-4096": key("algorithm", "rsa-4096"),
    **{
        f"key.algorithm {curve}": (
            variant(f'key: algorithm = "{curve}"'),
            {
                "requests.0.key.algorithm": curve,
                "requests.0.key.purpose": "signature",
                "requests.0.key_usage.values": ["digitalSignature"],
            },
        )
        for curve in ("ec-p256", "ec-p384", "ec-p521")
    },
    "key.algorithm ed25519": (
        variant('key: algorithm = "ed25519"', 'farm: ca = "private"'),
        {
            "code": 4,
            "requests.0.key.algorithm": "ed25519",
            "requests.0.key.purpose": "signature",
            "requests.0.key_usage.values": ["digitalSignature"],
            "requests.0.subject_key_identifier": True,
            "finding": "key.ed25519-libp11",
        },
    ),
    "key.hash sha256": (variant('key: hash = "sha256"'), NO_CHANGE),
    "key.hash sha384": key("hash", "sha384"),
    "key.hash sha512": key("hash", "sha512"),
    "key.purpose exchange": (variant('key: purpose = "exchange"'), NO_CHANGE),
    "key.purpose signature": key("purpose", "signature"),
    "key.private_key wrap-only": (
        variant('key: private_key = "wrap-only"'),
        {"requests.0.key.private_key": "wrap-only", "finding": "policy.wrap-only-by-convention"},
    ),
    "key.private_key exportable": (
        variant('key: private_key = "exportable"'),
        {"requests.0.key.private_key": "exportable", "finding": "policy.security-note"},
    ),
    "key.sharing shared": (
        variant('key: sharing = "shared"', 'key: private_key = "wrap-only"'),
        {
            "requests.0.key.sharing": "shared",
            "requests.0.key.private_key": "wrap-only",
            "items": [{"request": "reverse-proxy", "member": None, "token_member": "rp01"}],
        },
    ),
    "key.generate_on": (
        variant('key: sharing = "shared"', 'key: private_key = "wrap-only"', 'key: generate_on = "rp02"'),
        {"items": [{"request": "reverse-proxy", "member": None, "token_member": "rp02"}]},
    ),
    "key.label": (
        variant('key: label = "{friendly_name}.g{generation}"'),
        of_request("key.label", "{friendly_name}.g{generation}"),
    ),
    "key.label without a generation": (
        variant('key: label = "{friendly_name}"'),
        {"requests.0.key.label": "{friendly_name}", "finding": "policy.label-without-generation"},
    ),
    "key.wrapping_key": (
        variant('key: private_key = "wrap-only"', 'key: wrapping_key = "pkcs11:object=wrap;type=secret-key"'),
        {
            "requests.0.key.private_key": "wrap-only",
            "requests.0.key.wrapping_key": "pkcs11:object=wrap;type=secret-key",
        },
    ),
}


class CertificateVariants(VariantTest):
    def test_each_plans_what_it_says(self):
        self.check_variants(VARIANTS)


if __name__ == "__main__":
    harness.main()
