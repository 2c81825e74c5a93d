"""What a device says of itself."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.identification import UNKNOWN, Identification, identify
from provisioning.engine.mac import MacAddress
from provisioning.engine.vendor_files import load_library

LIBRARY = load_library([Path(__file__).parents[2] / "templates" / "phones"])
MAC = MacAddress.parse("00-15-65-AA-BB-CC")


def of(user_agent: str) -> Identification:
    return identify(user_agent, LIBRARY.user_agents)


@pytest.mark.parametrize(
    ("user_agent", "vendor", "model", "version", "mac"),
    [
        ("Yealink SIP-T46G 28.83.0.12 00:15:65:aa:bb:cc", "yealink", "SIP-T46G", "28.83.0.12", MAC),
        ("yealink SIP-T46S 66.86.0.15 001565aabbcc", "yealink", "SIP-T46S", "66.86.0.15", MAC),
        ("Yealink SIP-T19P_E2 53.84.0.15", "yealink", "SIP-T19P_E2", "53.84.0.15", None),
        ("Yealink SIP-T46G 28.83.0.12 28.2.0.128.0.0.0", "yealink", "SIP-T46G", "28.83.0.12", None),
        ("snom785-SIP 10.1.184.14", "snom", "785", "10.1.184.14", None),
        ("Mozilla/4.0 (compatible; snomD785-SIP 10.1.184.14 1.1.3-s 000413AABBCC)", "snom", "D785",
         "10.1.184.14", MacAddress.parse("000413AABBCC")),
        ("Fanvil X6U Pro 2.4.13 0c383e010203", "fanvil", "X6U Pro", "2.4.13",
         MacAddress.parse("0c383e010203")),
        ("Sangoma S500 3.0.4.45", "sangoma", "S500", "3.0.4.45", None),
        ("Nethesis NP-X5 2.4.12 e0e656010203", "nethesis", "NP-X5", "2.4.12",
         MacAddress.parse("e0e656010203")),
    ],
)  # fmt: skip
def test_vendor_model_firmware_and_address_are_read(user_agent, vendor, model, version, mac):
    found = of(user_agent)

    assert (found.vendor, found.model, found.version, found.mac) == (vendor, model, version, mac)


@pytest.mark.parametrize(
    "user_agent",
    ["", " ", "curl/7.88.1", "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", "Yealinkish", "-"],
)
def test_a_program_that_is_no_phone_is_unknown(user_agent):
    assert of(user_agent) == UNKNOWN


def test_blanks_around_do_not_matter():
    assert of("  Sangoma S500 3.0.4.45\n") == of("Sangoma S500 3.0.4.45")


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("66.86.0.15", (66, 86, 0, 15)), ("", ()), ("v2.4-rc1", (2, 4, 1)), ("1." * 50, (1,) * 8)],
)
def test_versions_can_be_compared(version, numbers):
    assert Identification(version=version).version_numbers == numbers


def test_a_newer_version_is_greater_by_number_and_not_by_text():
    old, new = (Identification(version=v).version_numbers for v in ("10.9.0", "10.10.0"))

    assert old < new


@given(st.text(max_size=400))
def test_any_text_is_read_or_unknown(user_agent):
    found = of(user_agent)

    assert found == UNKNOWN or found.vendor in LIBRARY.vendors
    assert len(found.model) <= 300


@pytest.mark.parametrize("vendor", LIBRARY.vendors)
@pytest.mark.parametrize(
    "filling", [" ", "a", "1", ".", "1.", "a ", "1 ", ":", "0a:", "-", "D1 ", "/"]
)
def test_no_text_keeps_a_request_waiting(vendor, filling):
    """Whoever asks writes this text: a pattern must not try all ways to read it."""
    name = LIBRARY.vendors[vendor].name
    starts = (f"{name} ", f"{name} X1 1.1", f"{name} SIP-T46S 1.1.1 ", f"{name}1-SIP 1.1 ", "")
    patterns = [p for p in LIBRARY.user_agents if p.vendor == vendor]
    begun = time.process_time()
    for start in starts:
        identify(start + filling * 300 + "!", patterns)

    assert time.process_time() - begun < 0.2
