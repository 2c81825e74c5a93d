"""The typed phone: counted, checked, nothing undefined."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.identification import UNKNOWN
from provisioning.engine.mac import MacAddress
from provisioning.engine.phone import Phone
from provisioning.engine.phone_building import (
    NIGHT_MINUTES,
    Request,
    Subject,
    build_phone,
    night_minute,
)
from provisioning.engine.timezones import Zones

ZONES = Zones.load(Path(__file__).parents[2] / "templates" / "timezones.yaml")
MAC = MacAddress("001565aabb01")


def build(accounts: int = 1, files: tuple[str, ...] = (), **variables: str) -> Phone:
    return build_phone(
        Subject(MAC, None, "Desk", "pbx.example.org", accounts),
        variables,
        Request(
            url="https://pbx/provisioning/T",
            base_url="https://pbx/provisioning/T",
            complete=True,
            device=UNKNOWN,
            file_exists=lambda collection, name: f"{collection}/{name}" in files,
        ),
        ZONES,
    )


def told(phone: Phone) -> dict[str, tuple[str, str]]:
    return {r.name: (r.value, r.used) for r in phone.replaced}


def test_a_phone_without_any_setting_has_a_value_for_everything():
    phone = build(accounts=3)

    assert [(a.number, a.enabled, a.username, a.port) for a in phone.accounts] == [
        (1, False, "", 5060), (2, False, "", 5060), (3, False, "", 5060),
    ]  # fmt: skip
    assert (phone.line_keys, phone.soft_keys, phone.expansion_modules) == ((), (), ())
    assert (phone.language, phone.tone_zone, phone.transfer_mode) == ("en", "us", "attended")
    assert (phone.clock.zone.name, phone.clock.ntp_server, phone.clock.hours) == (
        "UTC", "pool.ntp.org", 24,
    )  # fmt: skip
    assert (phone.ldap.server, phone.ldap.port, phone.ldap.tls) == ("pbx.example.org", 389, "none")
    assert (phone.network.vlan_phone, phone.screen.brightness) == (None, None)
    assert (phone.ringtone.number, phone.provisioning.nightly) == (1, True)
    assert phone.replaced == ()


@given(
    st.dictionaries(
        st.sampled_from(
            ["brightness", "cap_brightness", "cap_linekey_count", "cap_expkey_count", "timezone",
             "cap_expmodule_count", "vlan_id_phone", "ldap_port", "ldap_tls", "ringtone",
             "contrast", "account_username_1", "account_encryption_1", "account_dtmf_type_1",
             "sip_tls_port", "backlight_time", "provisioning_freq", "outbound_proxy_1",
             "outbound_proxy_port_1"]
        ),
        st.sampled_from(["", "0", "1", "-1", "text", "9" * 30, " 7 ", "\u0665"])
        | st.text(max_size=8),
    )
)  # fmt: skip
def test_no_setting_prevents_a_phone(variables):
    phone = build(**variables)

    assert len(phone.line_keys) <= 500
    assert phone.screen.brightness is None or 0 <= phone.screen.brightness <= 9
    assert 1 <= phone.ldap.port <= 65535
    assert phone.network.vlan_phone is None or 1 <= phone.network.vlan_phone <= 4094
    for replaced in phone.replaced:
        assert replaced.value.strip() == variables[replaced.name].strip()


@pytest.mark.parametrize(
    ("value", "brightness", "told_used"),
    [
        ("7", 7, None),
        (" 7 ", 7, None),
        ("", 5, None),
        ("text", 5, "5"),
        ("99", 9, "9"),
        ("-3", 0, "0"),
    ],
)
def test_a_number_is_converted_once_with_a_fallback(value, brightness, told_used):
    phone = build(cap_brightness="1", brightness=value)

    assert phone.screen.brightness == brightness
    assert told(phone).get("brightness") == (told_used and (value, told_used))


@pytest.mark.parametrize(
    ("value", "vlan"),
    [("", None), ("0", None), ("1", 1), ("4094", 4094), ("4095", None), ("ten", None), ("-1", None),
     ("1.5", None), ("00010", None)],
)  # fmt: skip
def test_what_is_no_vlan_is_untagged(value, vlan):
    """Text became VLAN 1 on some phones (seen in Tancredi)."""
    phone = build(vlan_id_phone=value)

    assert phone.network.vlan_phone == vlan
    assert ("vlan_id_phone" in told(phone)) == (vlan is None and value not in ("", "0"))


@pytest.mark.parametrize(("count", "numbers"), [("0", []), ("", []), ("x", []), ("3", [1, 2, 3])])
def test_keys_are_counted_by_the_model(count, numbers):
    phone = build(cap_linekey_count=count, linekey_type_2="blf", linekey_value_2="202")

    assert [key.number for key in phone.line_keys] == numbers
    if numbers:
        assert [key.type for key in phone.line_keys] == ["", "blf", ""]


def test_expansion_keys_count_on_over_all_modules():
    phone = build(cap_expkey_count="18", cap_expmodule_count="3", expkey_type_37="blf")

    assert [m.number for m in phone.expansion_modules] == [1, 2, 3]
    assert [m.keys[0].number for m in phone.expansion_modules] == [1, 19, 37]
    assert phone.expansion_modules[2].keys[0].type == "blf"


@pytest.mark.parametrize(
    ("keys", "modules"), [("", "3"), ("0", "3"), ("18", ""), ("18", "0"), ("x", "y")]
)
def test_a_module_without_keys_is_none(keys, modules):
    assert build(cap_expkey_count=keys, cap_expmodule_count=modules).expansion_modules == ()


def test_encryption_decides_about_ports():
    plain = build(account_username_1="201", outbound_proxy_1="proxy").accounts[0]
    tls = build(account_username_1="201", outbound_proxy_1="proxy", account_encryption_1="1")

    assert (plain.port, plain.proxy.port, plain.enabled) == (5060, 5060, True)
    assert (tls.accounts[0].port, tls.accounts[0].proxy.port) == (5061, 5061)
    assert build(sip_udp_port="5070").accounts[0].port == 5070


def test_a_file_that_is_not_there_is_not_asked_for():
    """A phone told to fetch a missing file may refuse the rest."""
    settings = {"cap_background_file": "1", "background_file": "a.png"}

    missing = build(**settings)
    present = build(files=("backgrounds/a.png",), **settings)

    assert missing.screen.background is None
    assert told(missing) == {"background_file": ("a.png", "")}
    assert present.screen.background.url == "https://pbx/provisioning/T/backgrounds/a.png"


def test_a_custom_tone_without_its_file_does_not_leave_the_phone_mute():
    settings = {"ringtone": "-1", "ringtone_file": "a.wav"}

    assert build(**settings).ringtone.number == 1
    assert build(files=("ringtones/a.wav",), **settings).ringtone.number == -1


@pytest.mark.parametrize(
    ("tls", "port", "expected"),
    [("", "", 389), ("starttls", "", 389), ("ldaps", "", 636), ("ldaps", "1636", 1636),
     ("nonsense", "", 389), ("none", "nonsense", 389)],
)  # fmt: skip
def test_the_phonebook_has_the_port_of_its_encryption(tls, port, expected):
    assert build(ldap_tls=tls, ldap_port=port).ldap.port == expected


def test_a_zone_nobody_knows_becomes_utc_and_is_told():
    phone = build(timezone="Mars/Olympus")

    assert phone.clock.zone.name == "UTC"
    assert told(phone) == {"timezone": ("Mars/Olympus", "UTC")}


@pytest.mark.parametrize(
    ("frequency", "nightly"), [("", True), ("everyday", True), ("never", False), ("x", True)]
)
def test_a_phone_fetches_every_night_unless_it_never_does(frequency, nightly):
    assert build(provisioning_freq=frequency).provisioning.nightly == nightly


@given(st.integers(0, 2**48 - 1))
def test_the_minute_of_the_night_is_the_same_every_night(number):
    mac = MacAddress(f"{number:012x}")

    assert night_minute(mac) == night_minute(MacAddress.parse(mac.colons))
    assert 0 <= night_minute(mac) < NIGHT_MINUTES


def test_the_minute_of_the_night_is_the_one_it_always_was():
    """Another function would move every phone of every site at the next update."""
    assert night_minute(MAC) == build().provisioning.night_minute
    assert [night_minute(MacAddress(f"0015650000{n:02x}")) for n in range(4)] == [163, 151, 18, 46]


@pytest.mark.parametrize("prefix", ["001565", "000413", "0c383e"])
def test_a_thousand_phones_in_a_row_are_spread_over_the_night(prefix):
    """Devices bought together have addresses in a row: they must not all come at once."""
    minutes = Counter(night_minute(MacAddress(f"{prefix}{n:06x}")) for n in range(1000))

    assert len(minutes) > 0.9 * NIGHT_MINUTES
    assert max(minutes.values()) <= 20
