"""Which phones get which DHCP options, whatever the server."""

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.dhcp.plan import (
    OWN,
    DhcpOption,
    OwnAddress,
    make_plan,
)
from provisioning.engine.dhcp.urls import BaseUrlRefused, OwnUrlRefused
from provisioning.engine.mac import MacAddress
from provisioning.engine.vendor_files import load_library

LIBRARY = load_library([Path(__file__).parents[3] / "templates" / "phones"])
BASE = "https://pbx.example.org/provisioning"
PLAN = make_plan(LIBRARY, LIBRARY.vendors, BASE)
MACS = st.integers(0, 2**48 - 1).map(lambda number: MacAddress(f"{number:012x}"))
NEAR_THE_ENDS = st.sampled_from(
    [r for v in LIBRARY.vendors.values() for r in v.ranges]
).flatmap(
    lambda r: st.builds(
        lambda end, off: MacAddress(f"{end + off:012x}"),
        st.sampled_from([r.first, r.last]),
        st.integers(-300, 300),
    )
)  # fmt: skip


def given_to(plan, mac: str, vendor_class: str = "") -> dict[int, str]:
    options = plan.options_for(MacAddress.parse(mac), vendor_class)
    return {option.code: option.value for option in options}


def own(mac: str, vendor: str = "akuvox", url: str = f"{BASE}/0123/a.cfg") -> OwnAddress:
    return OwnAddress(MacAddress.parse(mac), vendor, url)


@pytest.mark.parametrize(
    ("mac", "options"),
    [
        ("e0:e6:56:00:00:01", {66: f"{BASE}/$mac.cfg"}),
        ("0c:38:3e:00:00:01", {66: f"{BASE}/$mac.cfg"}),
        ("00:15:65:00:00:01", {66: f"{BASE}/$MAC.cfg"}),
        ("00:04:13:00:00:01", {66: "https://pbx.example.org", 67: "/provisioning/{mac}.xml"}),
        ("7c:2f:80:00:00:01", {114: f"{BASE}/%MACD.xml"}),
        ("00:04:13:e5:00:01", {114: f"{BASE}/{{mac}}.xml"}),
        ("00:50:58:00:00:01", {66: BASE}),
        ("0c:11:05:00:00:01", {}),
        ("00:0b:82:00:00:01", {}),
    ],
)
def test_each_brand_gets_what_it_reads(mac, options):
    """The table of supported phones in NethVoice's manual."""
    assert given_to(PLAN, mac) == options


@given(st.one_of(MACS, NEAR_THE_ENDS))
def test_without_a_vendor_class_the_narrowest_range_decides(mac):
    """Gigaset's P phones live inside Snom's 00:04:13."""
    vendor = LIBRARY.vendor_of(mac)
    codes = {option.code for option in PLAN.options_for(mac)}
    expected = vendor.dhcp.options if vendor and vendor.id != "akuvox" else ()
    assert codes == set(expected)


@given(st.one_of(MACS, NEAR_THE_ENDS), st.sampled_from(["snom", "snomD785", "yealink"]))
def test_no_claim_brings_option_66_to_a_gigaset(mac, claim):
    vendor = LIBRARY.vendor_of(mac)
    if vendor and vendor.id == "gigaset":
        assert PLAN.options_for(mac, claim) == PLAN.options_for(mac)
        assert {option.code for option in PLAN.options_for(mac)} == {114}


@given(st.one_of(MACS, NEAR_THE_ENDS), st.sampled_from(["snom", "snomD785", "yealink"]))
def test_a_vendor_class_wins_over_the_prefix_of_a_vendor_that_has_none(mac, claim):
    """A prefix may be shared: 0C383E is said to be."""
    vendor = LIBRARY.vendor_of(mac)
    if vendor is None or vendor.id not in ("gigaset", "snom", "yealink"):
        macro = "{mac}" if claim.startswith("snom") else "$MAC"
        assert macro in PLAN.options_for(mac, claim)[-1].value


@pytest.mark.parametrize("claim", ["Yealink", "OEM-yealink", " yealink", "yealin"])
def test_a_vendor_class_counts_from_its_beginning_and_by_its_case(claim):
    assert given_to(PLAN, "02:00:00:00:00:01", claim) == {}


def test_a_vendor_that_is_not_in_use_still_keeps_its_phones_from_others_options():
    plan = make_plan(LIBRARY, ["snom"], BASE)
    assert set(given_to(plan, "00:04:13:00:00:01")) == {66, 67}
    assert given_to(plan, "00:04:13:e5:00:01") == {}
    assert given_to(plan, "00:15:65:00:00:01", "yealink") == {}
    assert plan.names == ("zt-gigaset-ranges", "zt-snom")


def test_a_vendor_whose_phones_want_their_own_address_gives_none_to_the_others():
    plan = make_plan(LIBRARY, ["akuvox"], BASE, [own("0c:11:05:00:00:01")])
    assert given_to(plan, "0c:11:05:00:00:01") == {66: f"{BASE}/0123/a.cfg"}
    assert given_to(plan, "0c:11:05:00:00:02") == {}
    assert plan.classes == ()
    assert plan.names == (OWN,)


def test_a_phones_own_address_wins_over_its_brand_and_over_what_it_says():
    plan = make_plan(LIBRARY, LIBRARY.vendors, BASE, [own("00:15:65:00:00:01", "yealink")])
    for claim in ("", "yealink", "snom300"):
        assert given_to(plan, "00:15:65:00:00:01", claim) == {66: f"{BASE}/0123/a.cfg"}
    assert given_to(plan, "00:15:65:00:00:02") == {66: f"{BASE}/$MAC.cfg"}


@pytest.mark.parametrize(
    ("vendor", "options"),
    [
        ("akuvox", {66: f"{BASE}/0123/a.cfg"}),
        ("snom", {66: "https://pbx.example.org", 67: "/provisioning/0123/a.cfg"}),
        ("gigaset", {114: f"{BASE}/0123/a.cfg"}),
    ],
)
def test_an_own_address_comes_in_the_options_of_the_phones_vendor(vendor, options):
    plan = make_plan(LIBRARY, [], BASE, [own("02:00:00:00:00:01", vendor)])
    assert given_to(plan, "02:00:00:00:00:01") == options


def test_the_same_phones_make_the_same_plan_in_whatever_order_they_come():
    phones = [own("0c:11:05:00:00:03"), own("0c:11:05:00:00:01"), own("00:50:58:00:00:02")]
    plans = {
        make_plan(LIBRARY, vendors, BASE, some)
        for vendors in permutations(["snom", "yealink", "gigaset"])
        for some in permutations(phones)
    }
    assert len(plans) == 1


def test_a_phone_with_two_addresses_is_refused():
    twice = [own("0c:11:05:00:00:01"), own("0c-11-05-00-00-01")]
    with pytest.raises(OwnUrlRefused, match="0C-11-05-00-00-01 is given twice"):
        make_plan(LIBRARY, [], BASE, twice)


def test_a_base_url_too_long_for_an_option_with_its_file_name_is_refused():
    long = f"https://pbx.example.org/{'p' * 225}"
    assert make_plan(LIBRARY, ["sangoma"], long)
    with pytest.raises(BaseUrlRefused):
        make_plan(LIBRARY, ["yealink"], long)


def test_an_unknown_vendor_is_a_mistake_of_the_caller():
    with pytest.raises(KeyError):
        make_plan(LIBRARY, ["acme"], BASE)


SITE = """\
dhcp: {options: [66], filename_macro: a.cfg, vendor_classes: [{prefix: acme, verified: false}]}
oui: ["02:AC:DE"]
mac_ranges:
  - {first: "000413E50100", last: "000413E501FF"}
  - {first: "000413E40000", last: "000413E4FFFF"}
"""


def test_a_sites_own_vendor_takes_its_narrower_ranges_from_all_others(tmp_path):
    """A range inside one of Gigaset's, and one around a single address of Gigaset's."""
    for name in ("Acme Ltd", "gigaset", "snom"):
        (tmp_path / name).mkdir()
        shipped = Path(__file__).parents[3] / "templates" / "phones" / name / "vendor.yaml"
        text = shipped.read_text(encoding="utf-8") if shipped.exists() else SITE
        (tmp_path / name / "vendor.yaml").write_text(text, encoding="utf-8")
    library = load_library([tmp_path])
    plan = make_plan(library, library.vendors, BASE)

    acme = {66: f"{BASE}/a.cfg"}
    for mac in ("00:04:13:e5:01:00", "00:04:13:e4:1f:3e", "02:ac:de:00:00:00"):
        assert given_to(plan, mac) == acme
    assert given_to(plan, "02:00:00:00:00:01", "acme 3") == acme
    for mac in ("00:04:13:e5:00:ff", "00:04:13:e5:02:00", "00:04:13:e4:1f:3f"):
        assert set(given_to(plan, mac)) == {114}
    assert "zt--41-cme-20--4c-td" in plan.names


def test_a_range_that_others_have_taken_whole_leaves_no_class_behind(tmp_path):
    """A class that no phone can be in has no syntax in any server."""
    for name, last in (
        ("acme", "0204000000FF"),
        ("bcme", "0204000000FF"),
        ("ccme", "02040000007F"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "vendor.yaml").write_text(
            f"dhcp: {{options: [66], filename_macro: {name}}}\n"
            f'mac_ranges: [{{first: "020400000000", last: "{last}"}}]\n'
        )
    library = load_library([tmp_path])
    plan = make_plan(library, library.vendors, BASE)
    assert plan.names == ("zt-acme-ranges", "zt-ccme-ranges")
    assert given_to(plan, "02:04:00:00:00:7f") == {66: f"{BASE}/ccme"}
    assert given_to(plan, "02:04:00:00:00:80") == {66: f"{BASE}/acme"}


def test_an_option_is_a_number_and_a_text():
    [option] = PLAN.options_for(MacAddress.parse("00:15:65:00:00:01"))
    assert option == DhcpOption(66, f"{BASE}/$MAC.cfg")
