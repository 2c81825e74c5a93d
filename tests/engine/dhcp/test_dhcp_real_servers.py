"""dnsmasq, Kea and ISC dhcpd with our configuration, and phones that ask them (``peers/``)."""

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from peers import dhcp_server
from peers.dhcp_phone import lease, offers
from peers.segment import program_or_skip
from provisioning.engine.dhcp import dhcpd, dnsmasq, kea
from provisioning.engine.dhcp.plan import DhcpOption, OwnAddress, Plan, make_plan
from provisioning.engine.mac import MacAddress
from provisioning.engine.vendor_files import load_library

LIBRARY = load_library([Path(__file__).parents[3] / "templates" / "phones"])
BASE = "https://pbx.example.org/provisioning"
OWN = [
    OwnAddress(MacAddress.parse(mac), vendor, f"{BASE}/0123abcd/{file}")
    for mac, vendor, file in (
        ("0c:11:05:00:00:01", "akuvox", "0c1105000001.cfg"),
        ("00:50:58:00:00:01", "sangoma", ""),
        ("7c:2f:80:00:00:99", "gigaset", "7c2f80000099.xml"),
    )
]
PLAN = make_plan(LIBRARY, LIBRARY.vendors, BASE, OWN)
SERVERS = {
    "dnsmasq": (dhcp_server.dnsmasq, dnsmasq.render),
    "kea": (dhcp_server.kea, kea.render),
    "dhcpd": (dhcp_server.dhcpd, dhcpd.render),
}
SNOM = {66: "https://pbx.example.org", 67: "/provisioning/{mac}.xml"}
YEALINK = {66: f"{BASE}/$MAC.cfg"}
FANVIL = {66: f"{BASE}/$mac.cfg"}
GIGASET_P = {114: f"{BASE}/{{mac}}.xml"}
MAXWELL = {114: f"{BASE}/%MACD.xml"}

PHONES = {
    "Yealink": ("00:15:65:00:00:01", "yealink", YEALINK),
    "Yealink with an unknown prefix": ("02:15:65:00:00:01", "yealink", YEALINK),
    "Yealink with a vendor class of the site": ("80:5e:c0:00:00:01", "reception", YEALINK),
    "Snom": ("00:04:13:00:00:01", "snomD785", SNOM),
    "Snom with an unknown prefix": ("02:04:13:00:00:01", "snom300", SNOM),
    "Gigaset P that says it is Snom's": ("00:04:13:e5:00:01", "snomP710", GIGASET_P),
    "Gigaset P by its vendor's prefix": ("58:9e:c6:91:00:01", "", GIGASET_P),
    "Gigaset Maxwell": ("7c:2f:80:00:00:01", "", MAXWELL),
    "Gigaset outside of every range that says it is Snom's": ("58:9e:c6:00:00:01", "snom", MAXWELL),
    "Fanvil": ("0c:38:3e:00:00:01", "", FANVIL),
    "NethPhone": ("e0:e6:56:00:00:01", "", FANVIL),
    "Sangoma": ("00:50:58:00:00:02", "", {66: BASE}),
    "Sangoma with an address of its own": ("00:50:58:00:00:01", "", {66: f"{BASE}/0123abcd/"}),
    "Akuvox": ("0c:11:05:00:00:01", "", {66: f"{BASE}/0123abcd/0c1105000001.cfg"}),
    "Akuvox that says it is Yealink's": ("0c:11:05:00:00:01", "yealink", {66: OWN[0].url}),
    "Akuvox that nobody knows": ("0c:11:05:00:00:02", "", {}),
    "computer": ("02:00:00:00:00:01", "MSFT 5.0", {}),
    "computer whose vendor class has a brand in it": ("02:00:00:00:00:01", "OEM-yealink-x", {}),
    "computer that writes a brand otherwise": ("02:00:00:00:00:01", "Yealink", {}),
}


@pytest.fixture(scope="module", params=SERVERS)
def server(request):
    start, render = SERVERS[request.param]
    with start(render(PLAN)) as segment:
        yield segment


@pytest.mark.parametrize("phone", PHONES)
def test_a_phone_receives_exactly_its_options(server, phone):
    mac, vendor_class, expected = PHONES[phone]
    assert lease(server, mac, vendor_class).provisioning == expected


def test_the_ends_of_every_range_are_where_the_plan_has_them(server):
    """Runs of P710 end inside a byte, between Snom's own (NethServer/dev 7764)."""
    ends = {
        end
        for vendor in LIBRARY.vendors.values()
        for found in vendor.ranges
        for end in (found.first - 1, found.first, found.last, found.last + 1)
    }
    phones = [MacAddress(f"{end:012x}") for end in sorted(ends)]
    answers = offers(server, [(mac.colons, "") for mac in phones])
    for mac, answer in zip(phones, answers, strict=True):
        expected = {option.code: option.value for option in PLAN.options_for(mac)}
        assert answer.provisioning == expected, mac


@pytest.mark.parametrize("mac", ["00:04:13:e5:00:01", "7c:2f:80:00:00:01"])
def test_gigaset_sees_its_option_unasked_and_66_not_even_asked(server, mac):
    """An option 66 of another brand would lead it elsewhere (NethVoice's manual)."""
    unasked, asked = (next(offers(server, [(mac, "")], wanted)) for wanted in ((1, 3), (66, 67)))
    for answer in (unasked, asked):
        assert set(answer.provisioning) == {114}
        assert not answer.server_name
        assert not answer.file


GENERAL = "http://boot.example.org/"


def with_a_general_66(name: str, rendered: str) -> str:
    """What the note in the configuration says of an option 66 for everybody, followed."""
    if name == "dnsmasq":
        return re.sub(r"(?m)^# (dhcp-option=\S+,66,)\.\.\.$", rf"\1{GENERAL}", rendered)
    if name == "dhcpd":
        case = f'else {{ option tftp-server-name "{GENERAL}"; }}\n}}\n'
        return rendered.removesuffix("}\n") + case
    classes = json.loads(f"{{{rendered}}}")["client-classes"]
    classes[-1]["option-data"] = [{"code": 66, "data": GENERAL}]
    return f'"client-classes": {json.dumps(classes)}'


@pytest.mark.parametrize("name", SERVERS)
def test_a_general_66_written_as_the_note_says_reaches_everybody_but_the_phones(name):
    """Gigaset's phones would follow it (NethVoice's manual)."""
    start, render = SERVERS[name]
    known = [
        (mac, vendor_class, expected or {66: GENERAL})
        for mac, vendor_class, expected in PHONES.values()
    ]
    with start(with_a_general_66(name, render(PLAN))) as segment:
        answers = offers(segment, [(mac, vendor_class) for mac, vendor_class, _ in known])
        for (mac, vendor_class, expected), answer in zip(known, answers, strict=True):
            assert answer.provisioning == expected, (mac, vendor_class)


ANY_VALUE = "".join(map(chr, range(0x21, 0x7F))) + " ."


@pytest.mark.parametrize("name", SERVERS)
def test_no_sign_in_a_value_means_anything_to_a_server(name):
    known = {found.name: found for found in PLAN.classes}
    options = (DhcpOption(66, ANY_VALUE), DhcpOption(67, ANY_VALUE.swapcase()))
    plan = Plan((), (replace(known["zt-fanvil"], after=(), options=options),))
    start, render = SERVERS[name]
    with start(render(plan)) as segment:
        [answer] = offers(segment, [("0c:38:3e:00:00:01", "")])
    assert answer.provisioning == {66: ANY_VALUE, 67: ANY_VALUE.swapcase()}


def test_dhcpd_takes_the_configuration_where_there_are_no_namespaces(tmp_path):
    program = program_or_skip("dhcpd", "isc-dhcp-server")
    main, leases = dhcp_server.dhcpd_files(dhcpd.render(PLAN), tmp_path)
    done = subprocess.run(
        [program, "-t", "-cf", main, "-lf", leases], capture_output=True, text=True, timeout=10
    )
    assert done.returncode == 0, done.stderr
