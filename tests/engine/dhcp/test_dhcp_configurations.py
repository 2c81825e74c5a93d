"""What the configurations look like; what servers make of them: ``test_dhcp_real_servers``."""

import json
import re
from pathlib import Path

import pytest

from provisioning.engine.dhcp import dhcpd, dnsmasq, kea
from provisioning.engine.dhcp.plan import OwnAddress, make_plan
from provisioning.engine.mac import MacAddress
from provisioning.engine.vendor_files import load_library

LIBRARY = load_library([Path(__file__).parents[3] / "templates" / "phones"])
BASE = "https://pbx.example.org/provisioning"
AKUVOX = OwnAddress(MacAddress.parse("0c:11:05:00:00:01"), "akuvox", f"{BASE}/0123/a.cfg")
RENDERERS = [dnsmasq.render, kea.render, dhcpd.render]


def plan(*vendors: str, own=()):
    return make_plan(LIBRARY, vendors, BASE, own)


def test_dnsmasq_has_a_tag_for_a_brand_and_options_for_the_tag():
    assert dnsmasq.render(plan("nethesis", "yealink")).splitlines()[3:] == [
        "# An option 66 for everybody else must not reach these phones. If there is one:",
        "# dhcp-option=tag:!zt-yealink,tag:!zt-nethesis,66,...",
        "",
        "# Yealink",
        "# option 60 begins with yealink",
        "dhcp-match=set:zt-yealink,60,79:65:61:6c:69:6e:6b",
        *(
            f"dhcp-mac=set:zt-yealink,{oui}:*:*:*"
            for oui in (
                "00:15:65", "24:9a:d8", "34:97:d7", "44:db:d2", "64:4f:56", "80:5e:0c", "80:5e:c0",
                "b0:61:a9", "c4:fc:22", "e4:34:d7", "ec:1d:a9", "f0:16:53",
            )
        ),
        f'dhcp-option=tag:zt-yealink,66,"{BASE}/$MAC.cfg"',
        "",
        "# NethPhone",
        "dhcp-mac=set:zt-nethesis,e0:e6:56:*:*:*",
        f'dhcp-option=tag:zt-nethesis,tag:!zt-yealink,66,"{BASE}/$mac.cfg"',
    ]  # fmt: skip


def test_kea_has_a_class_for_a_brand_that_names_the_classes_before_it():
    classes = json.loads(f"{{{kea.render(plan('fanvil', 'snom'))}}}")["client-classes"]
    assert [found["name"] for found in classes] == [
        "zt-gigaset-ranges", "zt-snom", "zt-fanvil", "zt-everybody-else",
    ]  # fmt: skip
    ranges, snom, fanvil, _ = classes
    assert "option-data" not in ranges  # Gigaset is not in use, but its phones are not Snom's.
    assert snom["test"] == (
        "not member('zt-gigaset-ranges') and (substring(option[60].hex,0,4) == 'snom' or "
        "substring(pkt4.mac,0,3) == 0x000413 or substring(pkt4.mac,0,3) == 0x1c7126)"
    )
    assert snom["option-data"] == [
        {"name": "tftp-server-name", "code": 66, "data": "https://pbx.example.org"},
        {"name": "boot-file-name", "code": 67, "data": "/provisioning/{mac}.xml"},
    ]
    assert fanvil["test"].startswith("not member('zt-snom') and (")


def test_dhcpd_tries_one_case_after_the_other():
    cases = dhcpd.render(plan("nethesis", "sangoma", own=[AKUVOX])).partition("match if")[2]
    assert (
        cases
        == f"""\
 substring(hardware, 0, 1) = 01;

  if substring(hardware, 1, 6) = 0c:11:05:00:00:01 {{
    option tftp-server-name "{BASE}/0123/a.cfg";
  }}
  # NethPhone
  elsif substring(hardware, 1, 3) = e0:e6:56 {{
    option tftp-server-name "{BASE}/$mac.cfg";
  }}
  # Sangoma
  elsif substring(hardware, 1, 3) = 00:50:58 {{
    option tftp-server-name "{BASE}";
  }}
}}
"""
    )


@pytest.mark.parametrize("render", RENDERERS)
def test_the_same_phones_make_the_same_text(render):
    one = render(make_plan(LIBRARY, ["snom", "gigaset"], BASE, [AKUVOX]))
    other = render(make_plan(LIBRARY, {"gigaset": 1, "snom": 2}, BASE, (AKUVOX,)))
    assert one == other
    assert one.isascii()


@pytest.mark.parametrize("render", RENDERERS)
def test_nobody_in_use_is_a_configuration_too(render):
    text = render(plan())
    assert "66" not in text
    assert text.endswith("\n")


def test_a_vendor_class_that_is_not_verified_says_so_in_every_configuration(tmp_path):
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "vendor.yaml").write_text(
        "dhcp: {options: [66], filename_macro: a, vendor_classes: "
        "[{prefix: Acme Phone, verified: false}, {prefix: acme}]}\n",
        encoding="utf-8",
    )
    made = make_plan(load_library([tmp_path]), ["acme"], BASE)
    for render in RENDERERS:
        doubts = [line for line in render(made).splitlines() if "not verified" in line]
        assert len(doubts) == 1
        assert re.search("Acme Phone", doubts[0])
