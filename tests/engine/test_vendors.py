"""Look-ups in the library of vendors and models."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.mac import MacAddress
from provisioning.engine.vendor_files import load_library
from provisioning.engine.vendors import MacRange, TemplateRef

LIBRARY = load_library([Path(__file__).parents[2] / "templates" / "phones"])


@pytest.mark.parametrize("prefix", ["00:15:65", "001565", "00-15-65", "00:15:65:A", "001565aabb01"])
def test_a_prefix_is_a_run_of_addresses(prefix):
    found = MacRange.of_prefix(prefix)
    digits = len(prefix.replace(":", "").replace("-", ""))

    assert MacAddress("001565aabb01") in found
    assert found.width == 16 ** (12 - digits)


@pytest.mark.parametrize(
    "prefix", ["", "00:15", "00:15:6g", "001565aabb0102", "yealink", "00:15:6"]
)
def test_what_is_no_prefix_is_refused(prefix):
    with pytest.raises(ValueError, match="is not a MAC prefix"):
        MacRange.of_prefix(prefix)


@given(st.integers(0, 2**48 - 1))
def test_an_address_belongs_to_the_narrowest_range_that_holds_it(number):
    mac = MacAddress(f"{number:012x}")
    holding = [(r.width, v.id) for v in LIBRARY.vendors.values() for r in v.ranges if mac in r]
    found = LIBRARY.vendor_of(mac)

    assert (found.id if found else None) == (min(holding)[1] if holding else None)


@pytest.mark.parametrize(
    "address",
    [
        "00:04:13:80:00:00", "00:04:13:80:9E:B2", "00:04:13:80:A2:2D", "00:04:13:80:F5:FA",
        "00:04:13:80:F8:E1", "00:04:13:80:FF:FF", "00:04:13:D8:4F:3E", "00:04:13:D8:52:7B",
        "00:04:13:D8:6E:EC", "00:04:13:D8:71:95", "00:04:13:E2:00:00", "00:04:13:E7:FF:FF",
        "00:AC:DC:E3:00:00", "00:AC:DC:E4:FF:FF",
    ],
)  # fmt: skip
def test_gigasets_ranges_inside_snoms_prefix_are_gigasets(address):
    """Both ends of each range (NethServer/dev 7764)."""
    assert LIBRARY.vendor_of(MacAddress.parse(address)).id == "gigaset"


def test_a_prefix_of_two_vendors_would_make_them_guess():
    """The narrowest range decides, so no two may be equal."""
    ranges = [(r.first, r.last) for v in LIBRARY.vendors.values() for r in v.ranges]

    assert len(ranges) == len(set(ranges))


@pytest.mark.parametrize(
    ("model_id", "base"),
    [
        ("yealink-T46", "yealink-T46"),
        ("yealink-T46-reception", "yealink-T46"),
        ("yealink-T46-reception-2", "yealink-T46"),
        ("yealink-T465", None),
        ("yealink", None),
        ("yealink-", None),
        ("", None),
        ("acme-T46", None),
    ],
)
def test_a_model_descends_from_the_one_its_name_continues(model_id, base):
    found = LIBRARY.base_of(model_id)

    assert (found.id if found else None) == base


def test_a_model_id_names_its_vendor():
    assert LIBRARY.vendor_of_model("snom-Future").id == "snom"
    assert LIBRARY.vendor_of_model("acme-A") is None
    assert LIBRARY.vendor_of_model("") is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("yealink.tmpl", TemplateRef("yealink", "phone.cfg.j2")),
        ("snom.tmpl", TemplateRef("snom", "phone.xml.j2")),
        ("yealink/phone.cfg.j2", TemplateRef("yealink", "phone.cfg.j2")),
        ("yealink/nothing.j2", None),
        ("yealink/vendor.yaml", None),
        ("yealink/../snom/phone.xml.j2", None),
        ("yealink/parts/x.j2", None),
        ("../yealink/phone.cfg.j2", None),
        ("acme/phone.j2", None),
        ("", None),
        ("/", None),
        ("nothing.tmpl", None),
    ],
)
def test_a_template_is_named_by_the_original_or_by_folder_and_file(name, found):
    assert LIBRARY.template(name) == found


def test_every_template_that_a_model_names_exists():
    for model in LIBRARY.models.values():
        for name in ("tmpl_phone", "tmpl_firmware", "tmpl_firmware_v2"):
            if model.variables.get(name):
                assert LIBRARY.template(model.variables[name]), (model.id, name)


def test_every_file_of_the_original_is_routed_to_its_vendor():
    """The rules that Tancredi 1.9 ships."""
    names = {
        "0c1105aabbcc.cfg": "akuvox", "9c7514aabbcc.cfg": "akuvox", "0c383eaabbcc.cfg": "fanvil",
        "00a859aabbcc.cfg": "fanvil", "00a85aaabbcc.cfg": "fanvil", "7c2f80aabbcc.xml": "gigaset",
        "589ec6aabbcc.xml": "gigaset", "000413e5aabb.xml": "gigaset", "000413807fab.xml": "gigaset",
        "00041380a5ab.xml": "gigaset", "000413d850ab.xml": "gigaset", "000413e7aabb.xml": "gigaset",
        "000413e2aabb.xml": "gigaset", "000413e3aabb.xml": "gigaset", "00acdce3aabb.xml": "gigaset",
        "00acdce4aabb.xml": "gigaset", "e0e656aabbcc.cfg": "nethesis",
        "cfg005058aabbcc.xml": "sangoma", "000413aabbcc.xml": "snom", "001565aabbcc.cfg": "yealink",
        "249ad8aabbcc.cfg": "yealink", "44dbd2aabbcc.cfg": "yealink", "805e0caabbcc.cfg": "yealink",
        "805ec0aabbcc.cfg": "yealink", "c4fc22aabbcc.cfg": "yealink",
    }  # fmt: skip
    for name, vendor in names.items():
        for written in (name, name.upper()):
            found = LIBRARY.route(written)
            assert found is not None, written
            assert (found.rule.vendor, found.rule.role) == (vendor, "phone")
            assert found.mac.bare in name


@given(st.text(max_size=40))
def test_any_file_name_is_routed_or_not_without_failing(name):
    for vendor in (None, *LIBRARY.vendors):
        found = LIBRARY.route(name, vendor=vendor)
        assert found is None or found.rule.pattern.fullmatch(name)


def test_a_name_with_a_line_break_behind_it_is_another_name():
    """``$`` let a line break through (seen in Tancredi)."""
    assert LIBRARY.route("001565aabbcc.cfg\n") is None
