"""The member ``dhcp`` of a ``vendor.yaml``: what is taken, and mistakes told with their place."""

from pathlib import Path

import pytest

from provisioning.engine.dhcp.facts import DhcpFacts, VendorClass
from provisioning.engine.vendor_files import VendorFileError, load_library

SHIPPED = load_library([Path(__file__).parents[3] / "templates" / "phones"]).vendors


def acme(tree: Path, content: str):
    folder = tree / "acme"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vendor.yaml").write_text(f"name: Acme\n{content}\n", encoding="utf-8")
    return tree


def test_a_vendor_tells_its_options_macros_and_vendor_classes(tmp_path):
    tree = acme(
        tmp_path,
        "dhcp: {options: [66, 67], filename_macro: '{mac}.xml', refused_options: [114], "
        "vendor_classes: [{prefix: acme}, {prefix: 'Acme, Inc.', verified: false}]}",
    )
    assert load_library([tree]).vendors["acme"].dhcp == DhcpFacts(
        options=(66, 67),
        filename_macro="{mac}.xml",
        refused_options=(114,),
        vendor_classes=(VendorClass("acme"), VendorClass("Acme, Inc.", verified=False)),
    )


def test_a_vendor_that_tells_nothing_is_given_nothing(tmp_path):
    assert load_library([acme(tmp_path, "")]).vendors["acme"].dhcp == DhcpFacts()


def test_a_site_may_add_a_vendor_class_and_keep_the_rest(tmp_path):
    shipped = acme(tmp_path / "shipped", "dhcp: {options: [66], filename_macro: a}")
    own = acme(tmp_path / "own", "dhcp: {vendor_classes: [{prefix: acme}]}")
    assert load_library([shipped, own]).vendors["acme"].dhcp == DhcpFacts(
        options=(66,), filename_macro="a", vendor_classes=(VendorClass("acme"),)
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("dhcp: [66]", "dhcp: must be a mapping"),
        ("dhcp: {option: [66]}", "dhcp.option: unknown member; there are filename_macro"),
        ("dhcp: {options: 66}", "dhcp.options: must be a list"),
        ("dhcp: {options: [67]}", "dhcp.options: [67] is not [66], [66, 67] or [114]"),
        ("dhcp: {options: [66, 114]}", "dhcp.options: [66, 114] is not"),
        ("dhcp: {options: [[66]]}", "dhcp.options: [[66]] is not"),
        ("dhcp: {options: [66], refused_options: [66]}", "dhcp.refused_options: wants of 66, 67"),
        ("dhcp: {refused_options: [43]}", "dhcp.refused_options: wants of 66, 67 and 114"),
        ("dhcp: {filename_macro: 'a b'}", "dhcp.filename_macro: wants letters"),
        ("dhcp: {filename_macro: '\"'}", "dhcp.filename_macro: wants letters"),
        ("dhcp: {filename_macro: '../a'}", "dhcp.filename_macro: wants letters"),
        ("dhcp: {filename_macro_of_mac_ranges: 'a,b'}", "filename_macro_of_mac_ranges: wants"),
        ("dhcp: {vendor_classes: [acme]}", "dhcp.vendor_classes.0: wants a prefix"),
        ("dhcp: {vendor_classes: [{verified: true}]}", "vendor_classes.0: wants a prefix"),
        ("dhcp: {vendor_classes: [{prefix: a, x: b}]}", "vendor_classes.0: wants a prefix"),
        ("dhcp: {vendor_classes: [{prefix: a}, {prefix: ''}]}", "vendor_classes.1.prefix: wants"),
        ('dhcp: {vendor_classes: [{prefix: "a\'b"}]}', "vendor_classes.0.prefix: wants"),
        ("dhcp: {vendor_classes: [{prefix: 'a '}]}", "vendor_classes.0.prefix: wants"),
        ("dhcp: {vendor_classes: [{prefix: 3}]}", "vendor_classes.0.prefix: wants"),
        ("dhcp: {vendor_classes: [{prefix: a, verified: 1}]}", "0.verified: must be true or"),
        ("first_boot: {dhcp: macro}", "first_boot.dhcp: is not one of directory, filename_macro"),
        (
            "families: {a: {series: A, first_boot: {dhcp: x}}}",
            "families.a.first_boot.dhcp: is not one of",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, content, told):
    with pytest.raises(VendorFileError) as mistake:
        load_library([acme(tmp_path, content)])
    assert told in str(mistake.value)
    assert "vendor.yaml:2: " in str(mistake.value)


@pytest.mark.parametrize("vendor", sorted(SHIPPED))
def test_every_shipped_vendor_has_an_option_and_each_series_a_way_it_knows(vendor):
    facts = SHIPPED[vendor].dhcp
    assert facts.options
    for series in SHIPPED[vendor].series:
        if series.dhcp.startswith("filename"):
            assert facts.file_name(series.dhcp)


def test_only_vendor_classes_that_are_established_are_shipped():
    """Others are not documented."""
    known = {v.id: [c.prefix for c in v.dhcp.vendor_classes] for v in SHIPPED.values()}
    assert {vendor: found for vendor, found in known.items() if found} == {
        "snom": ["snom"], "yealink": ["yealink"],
    }  # fmt: skip
