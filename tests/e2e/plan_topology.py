#!/usr/bin/python3
"""hsmreq plan: the reference farm with each value of each key that says what is published."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import harness  # noqa: E402
from sample_farm import (  # noqa: E402
    DIRECTOR,
    EDGE,
    EDGE_KEY,
    EDGE_NAMES,
    MEET,
    names,
    names_with,
    NO_CHANGE,
    of_request,
    SECOND_POOL,
    TOKEN_URIS,
    variant,
    VariantTest,
)

# What is tried: (farm file, what its plan has where the sample's has something else). Values stand at dotted paths;
# "names" is short for the first request's names with their reasons, "eku" for its extended key usages, "finding" for
# an id that is there, "code" for another exit code than 0.
VARIANTS = {
    "farm.name": (variant('farm: name = "C_1.a-b"'), {"farm": "C_1.a-b"}),
    "farm.product skype-for-business-2015": (variant('farm: product = "skype-for-business-2015"'), NO_CHANGE),
    "farm.product skype-for-business-2019": (variant('farm: product = "skype-for-business-2019"'), NO_CHANGE),
    "farm.ca lets-encrypt": (variant('farm: ca = "lets-encrypt"'), {"eku": ["serverAuth"], "finding": "usage.client-auth-dropped"}),
    "farm.ca google": (variant('farm: ca = "google"'), {"eku": ["serverAuth"], "finding": "usage.client-auth-dropped"}),
    "farm.ca digicert": (variant('farm: ca = "digicert"'), NO_CHANGE),
    "farm.ca sectigo": (variant('farm: ca = "sectigo"'), {"eku": ["serverAuth"], "finding": "usage.client-auth-dropped"}),
    "farm.ca private": (variant('farm: ca = "private"'), of_request("subject_key_identifier", True)),
    "farm.sip_domains": (
        variant('farm: sip_domains = ["contoso.com"]', without=['"fabrikam.com" = ["https://meet.fabrikam.com"]\n']),
        {"names": names_with({}, ["meet.fabrikam.com", "lyncdiscover.fabrikam.com"])},
    ),
    "pool.external_web_fqdn": (
        variant('pool: external_web_fqdn = "Web.Contoso.com"'),
        {
            "names": {"web.contoso.com": ["subject", "pool"], **names_with({}, ["webext.contoso.com"])},
            "requests.0.subject.common_name": "web.contoso.com",
        },
    ),
    "several pools": (variant(more=SECOND_POOL), {"names": names_with({"webext2.contoso.com": ["pool"]})}),
    "pool.backend": (variant('pool: backend = "[2001:db8::1]:4443"'), NO_CHANGE),
    "pool.members": (variant('pool: members = ["rp01"]'), NO_CHANGE),
    "pool.listen": (variant('pool: listen = "192.0.2.10:8443"'), NO_CHANGE),
    "no director": (variant(without=[DIRECTOR]), {"names": names_with({}, ["webdirext.contoso.com"])}),
    "director.external_web_fqdn": (
        variant('director: external_web_fqdn = "d.contoso.com"'),
        {"names": names_with({"d.contoso.com": ["director"]}, ["webdirext.contoso.com"])},
    ),
    "director.backend": (variant('director: backend = "dir01.corp.contoso.com"'), NO_CHANGE),
    "simple_urls.dialin": (
        variant('simple_urls: dialin = ["https://phone.contoso.com"]'),
        {"names": names_with({"phone.contoso.com": ["dialin"]}, ["dialin.contoso.com"])},
    ),
    "simple URLs on one host": (
        variant(
            'simple_urls: dialin = ["https://lync.contoso.com/Dialin"]',
            'simple_urls.meet: "contoso.com" = ["https://lync.contoso.com/Meet"]',
        ),
        {"names": names_with({"lync.contoso.com": ["meet", "dialin"]}, ["meet.contoso.com", "dialin.contoso.com"])},
    ),
    "simple_urls.meet on a host of each domain": (
        variant('simple_urls.meet: "contoso.com" = ["https://lync.contoso.com/Meet"]'),
        {"names": names_with({"lync.contoso.com": ["meet"]}, ["meet.contoso.com"])},
    ),
    "simple_urls.meet on one host for all": (
        variant(
            'simple_urls.meet: "contoso.com" = ["https://lync.contoso.com/contoso.com/Meet"]',
            'simple_urls.meet: "fabrikam.com" = ["https://lync.contoso.com/fabrikam.com/Meet"]',
        ),
        {"names": names_with({"lync.contoso.com": ["meet"]}, ["meet.contoso.com", "meet.fabrikam.com"])},
    ),
    "simple_urls.meet_pattern": (
        variant('simple_urls: meet_pattern = "https://join.{sip_domain}"', without=[MEET]),
        {
            "names": names_with(
                {"join.contoso.com": ["meet"], "join.fabrikam.com": ["meet"]},
                ["meet.contoso.com", "meet.fabrikam.com"],
            )
        },
    ),
    "simple_urls.admin": (
        variant('simple_urls: admin = ["https://admin.contoso.com"]'), {"finding": "name.admin-url-published"}
    ),
    "simple_urls.site": (
        variant(
            more='\n[[simple_urls.site]]\nname = "apac"\nmeet = ["https://meet2.contoso.com"]\n'
            'dialin = ["https://dialin2.contoso.com"]\n'
        ),
        {"names": names_with({"meet2.contoso.com": ["meet"], "dialin2.contoso.com": ["dialin"]})},
    ),
    "simple_urls.backend": (variant('simple_urls: backend = "fe01:4443"'), NO_CHANGE),
    "mobility.autodiscover false": (
        variant("mobility: autodiscover = false"),
        {"names": names_with({}, ["lyncdiscover.contoso.com", "lyncdiscover.fabrikam.com"])},
    ),
    "mobility.autodiscover by default": (variant(without=["autodiscover = true "]), NO_CHANGE),
    "mobility.autodiscover_over https": (variant('mobility: autodiscover_over = "https"'), NO_CHANGE),
    "mobility.autodiscover_over http": (
        variant('mobility: autodiscover_over = "http"'),
        {"names": names_with({}, ["lyncdiscover.contoso.com", "lyncdiscover.fabrikam.com"])},
    ),
    "mobility.autodiscover_domains": (
        variant('mobility: autodiscover_domains = ["fabrikam.com"]'),
        {"names": names_with({}, ["lyncdiscover.contoso.com"])},
    ),
    "mobility.backend": (variant('mobility: backend = "fe01.corp.contoso.com"'), NO_CHANGE),
    "office_web_apps.external_fqdns": (
        variant('office_web_apps: external_fqdns = ["office.contoso.com"]'),
        {"names": names_with({"office.contoso.com": ["office-web-apps"]}, ["officewebapps01.contoso.com"])},
    ),
    "office_web_apps.backend": (variant('office_web_apps: backend = "wac01:443"'), NO_CHANGE),
    "exchange by default": (
        variant('exchange: autodiscover_fqdns = ["autodiscover.contoso.com"]', 'exchange: backend = "exch01"'),
        {"finding": "name.exchange-not-covered"},
    ),
    "exchange.on_this_certificate": (
        variant(
            'exchange: autodiscover_fqdns = ["autodiscover.contoso.com"]',
            'exchange: web_services_fqdns = ["mail.contoso.com"]',
            "exchange: on_this_certificate = true",
        ),
        {"names": names_with({"autodiscover.contoso.com": ["exchange"], "mail.contoso.com": ["exchange"]})},
    ),
    "edge": (
        variant(*EDGE_KEY, more=EDGE),
        {
            "names": EDGE_NAMES,
            "requests.0.subject.common_name": "access.contoso.com",
            "requests.0.name": "reverse-proxy",
            "requests.0.key.sharing": "shared",
            "requests.0.key.private_key": "exportable",
            "finding": "edge.av-roll",
        },
    ),
    "edge.web_conferencing_fqdn, xmpp_domains, online_sip_domains, pooled": (
        variant(
            *EDGE_KEY,
            more=EDGE + 'web_conferencing_fqdn = "webcon.contoso.com"\nxmpp_domains = ["contoso.com"]\n'
            'online_sip_domains = ["contoso.com", "online.contoso.com"]\npooled = true\nserver_keys = "pfx"\n',
        ),
        {
            "names": {
                **EDGE_NAMES,
                "webcon.contoso.com": ["edge-web-conferencing"],
                "sip.online.contoso.com": ["edge-sip"],
                "contoso.com": ["edge-xmpp"],
            },
            "finding": "edge.xmpp-form",
        },
    ),
    "edge.server_keys hsm": (
        variant(
            'key: sharing = "shared"', 'token: uri = "pkcs11:token=net"',
            without=TOKEN_URIS, more=EDGE + 'server_keys = "hsm"\n',
        ),
        {"names": EDGE_NAMES, "requests.0.key.private_key": "non-exportable", "requests.0.key.sharing": "shared"},
    ),  # fmt: skip
}


class TopologyVariants(VariantTest):
    def test_each_plans_what_it_says(self):
        self.check_variants(VARIANTS)

    def test_names_stand_in_the_order_of_their_reasons(self):
        plan = self.plan(VARIANTS["edge.web_conferencing_fqdn, xmpp_domains, online_sip_domains, pooled"][0])
        self.assertEqual(
            list(names(plan)),
            [
                "access.contoso.com", "webext.contoso.com", "webdirext.contoso.com", "meet.contoso.com",
                "meet.fabrikam.com", "dialin.contoso.com", "officewebapps01.contoso.com", "lyncdiscover.contoso.com",
                "lyncdiscover.fabrikam.com", "webcon.contoso.com", "sip.contoso.com", "sip.fabrikam.com",
                "sip.online.contoso.com", "contoso.com",
            ],
        )  # fmt: skip


if __name__ == "__main__":
    harness.main()
