"""What a unit says it is: the wrong one must be left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_entries import LIBRARY
from provisioning.engine.gateways.identity import (
    Identity,
    has_known_holes,
    identify,
    is_other_unit,
)
from provisioning.engine.mac import MacAddress

LABEL = MacAddress("c074ad0b1c2d")
OTHER = MacAddress("c074ad0b1c2e")
FOREIGN = MacAddress("001565000001")
HT = """\
Grandstream HT802 Command Shell Copyright 2006-2024
Product Model: HT802
MAC Address: C0:74:AD:0B:1C:2D
Software Version: 1.0.29.8
"""


def refused(model: str, called: str, mac: MacAddress | None, *, known=(LABEL,)) -> bool:
    found = LIBRARY.models[model]
    of_brand = [m for m in LIBRARY.models.values() if m.brand == found.brand]
    patterns = LIBRARY.brand_of(found).dialogue.identity
    return is_other_unit(Identity(called, mac, ""), found, known, of_brand, patterns)


def test_a_grandstream_tells_model_address_and_firmware():
    patterns = LIBRARY.brands["grandstream"].dialogue.identity
    assert identify(HT, patterns) == Identity("HT802", LABEL, "1.0.29.8")


def test_the_greeting_alone_tells_the_model():
    patterns = LIBRARY.brands["grandstream"].dialogue.identity
    assert identify(HT.splitlines()[0], patterns) == Identity("HT802", None, "")


def test_a_trinity_tells_its_address_as_serial_number():
    patterns = LIBRARY.brands["patton"].dialogue.identity
    text = "Product: SIM-4BRI   Serial: 00A0BA11A2B3   Release: 3.18-SIM"
    assert identify(text, patterns) == Identity("SIM-4BRI", MacAddress("00a0ba11a2b3"), "3.18-SIM")


@pytest.mark.parametrize(
    ("called", "mac", "other"),
    [
        ("HT802", LABEL, False),
        ("ht802v2", LABEL, False),
        ("HT802", None, False),
        ("HT802", OTHER, True),
        ("HT801", LABEL, True),
        ("HT841", LABEL, True),
        ("", LABEL, True),
        ("", None, True),
    ],
)
def test_a_grandstream_must_have_the_right_name_and_no_wrong_address(called, mac, other):
    assert refused("grandstream-ht802", called, mac) is other


def test_a_gateway_with_two_addresses_may_show_the_one_that_is_not_on_the_label():
    """The label has the LAN's address, the WAN port is used (NethVoice's manual)."""
    assert not refused("grandstream-ht812", "HT812", OTHER)
    assert not refused("grandstream-ht812", "HT812", OTHER, known=(LABEL, OTHER))
    assert refused("grandstream-ht812", "HT812", FOREIGN)
    assert refused("grandstream-ht812", "HT812", MacAddress("c074ad0b1c2f"), known=(LABEL, OTHER))


@pytest.mark.parametrize(
    ("called", "mac", "other"),
    [
        ("SIM-4BRI", LABEL, False),
        ("SN4141/4BIS4V/EUI", LABEL, False),  # nobody knows what they call themselves
        ("SN4141/4BIS4V/EUI", None, True),
        ("SN4141/4BIS4V/EUI", OTHER, True),
        ("SIM-2BRI", LABEL, True),
        ("SIM-14BRI", None, True),
        ("SIM-4FXO", LABEL, True),
    ],
)
def test_a_trinity_with_an_unknown_name_is_known_by_its_address(called, mac, other):
    assert refused("patton-trinity-bri-4", called, mac) is other


@pytest.mark.parametrize(
    ("model", "firmware", "holes"),
    [
        ("grandstream-ht801", "1.0.27.2", True),
        ("grandstream-ht801", "1.0.29.8", False),
        ("grandstream-ht801", "1.0.31.1", False),
        ("grandstream-ht801", "", False),
        ("grandstream-ht801", "unknown", False),
        ("patton-trinity-bri-1", "3.18-SIM", False),
    ],
)
def test_firmware_with_known_holes_is_told(model, firmware, holes):
    found = Identity("HT801", LABEL, firmware)
    assert has_known_holes(found, LIBRARY.models[model]) is holes


@given(text=st.text(max_size=300))
def test_any_words_can_be_read(text):
    for brand in LIBRARY.brands.values():
        identify(text, brand.dialogue.identity)
