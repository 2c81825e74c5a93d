"""The first contact by hand: what is typed where, in both languages, for every brand."""

import re
from pathlib import Path

import pytest

from provisioning.engine.first_contact import (
    Field,
    TypedValue,
    load_general,
    load_instructions,
    typed_values,
)
from provisioning.engine.vendor_files import VendorFileError, load_library

TEMPLATES = Path(__file__).parents[2] / "templates"
LIBRARY = load_library([TEMPLATES / "phones"])
GENERAL = load_general(TEMPLATES / "manual.yaml")
SHIPPED = {
    name: instructions
    for vendor in LIBRARY.vendors.values()
    for name, instructions in load_instructions(vendor, GENERAL).items()
}
IN_USE = sorted({model.series for model in LIBRARY.models.values()})
URL = "https://pbx.example.org:8443/provisioning/0123456789abcdef/001565000001.cfg"
STEPS = ("enter", "reset", "switch_off")

ACME = """\
Acme:
  fields: [{label: Server, part: url}]
  enter: {en: Type., it: Scrivi., verified: true}
  reset: {en: Reset., it: Reimposta., verified: false}
  switch_off: {en: Off., it: Spegni., verified: false}
"""


def acme(tree: Path, manual: str | None = ACME, vendor: str = "name: Acme\n"):
    folder = tree / "acme"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vendor.yaml").write_text(vendor, encoding="utf-8")
    if manual is not None:
        (folder / "manual.yaml").write_text(manual, encoding="utf-8")
    return tree


def of_acme(*trees: Path):
    return load_instructions(load_library(trees).vendors["acme"], GENERAL)


@pytest.mark.parametrize("series", IN_USE)
def test_every_brand_has_instructions_of_its_own(series):
    assert SHIPPED[series] != GENERAL


@pytest.mark.parametrize("series", ["general", *IN_USE])
@pytest.mark.parametrize("step", STEPS)
def test_both_languages_are_complete_and_short(series, step):
    instructions = GENERAL if series == "general" else SHIPPED[series]
    text = getattr(instructions, step).text
    for words in (text.en, text.it):
        assert 40 < len(words) < 500
        assert words == words.strip()
        assert words.endswith(".")
        assert words.isprintable()
    assert text.en != text.it
    # An address, a file, the name of a setting: what is typed is the same in both.
    typed = r"\.htm\?\w+=\w+|\b\w+_\w+\b|\b\d+\b"
    assert sorted(re.findall(typed, text.en)) == sorted(re.findall(typed, text.it))


@pytest.mark.parametrize("series", IN_USE)
def test_a_phone_is_told_of_its_vendors_redirect_service_where_it_has_one(series):
    """A stale entry there sends a used phone to its old server."""
    asks = {s.name: s.redirect for v in LIBRARY.vendors.values() for s in v.series}
    assert ("redirect service" in SHIPPED[series].reset.text.en) == asks[series]


@pytest.mark.parametrize("series", IN_USE)
def test_a_phone_that_asks_by_pnp_is_told_to_switch_it_off(series):
    asks = {s.name: s.pnp for v in LIBRARY.vendors.values() for s in v.series}
    told = SHIPPED[series].switch_off.text.en
    assert re.search(r"(?i)\bpnp|plug and play", told) is not None or not asks[series]
    assert "DHCP" in told


def test_what_no_source_says_is_not_verified():
    """The pages' names are not documented."""
    assert not any(instructions.enter.verified for instructions in SHIPPED.values())
    assert SHIPPED["Snom"].reset.verified  # Snom's service hub


@pytest.mark.parametrize(
    ("series", "values"),
    [
        ("Yealink", [("Server URL", URL)]),
        (
            "Fanvil",
            [
                ("Server Address", "pbx.example.org:8443"),
                ("Configuration File Name", "provisioning/0123456789abcdef/001565000001.cfg"),
                ("Protocol Type", "HTTPS"),
            ],
        ),
        ("Sangoma", [("Upgrade Mode", "HTTPS"), ("Config Server Path", URL)]),
    ],
)
def test_what_is_typed_is_the_phones_own_url_in_the_parts_its_page_has(series, values):
    assert typed_values(SHIPPED[series], URL) == tuple(TypedValue(*value) for value in values)


def test_a_nethphone_is_set_up_like_a_fanvil_whose_hardware_it_is():
    assert SHIPPED["NethPhone"] == SHIPPED["Fanvil"]


def test_a_url_is_parted_as_it_stands():
    address, path, protocol = typed_values(SHIPPED["Fanvil"], "http://[2001:db8::1]/a/%25MACD.xml")
    assert (address.value, path.value) == ("[2001:db8::1]", "a/%25MACD.xml")
    assert protocol.value == "HTTP"
    address, path, _ = typed_values(SHIPPED["Fanvil"], "https://s/s/a.cfg")
    assert (address.value, path.value) == ("s", "s/a.cfg")


@pytest.mark.parametrize("url", ["", "pbx.example.org/0123", "https://", "/provisioning/0123"])
def test_what_is_no_url_is_refused_without_repeating_it(url):
    with pytest.raises(ValueError, match="has a scheme and a host") as mistake:
        typed_values(GENERAL, url)
    assert "0123" not in str(mistake.value)


def test_a_vendor_without_a_manual_has_the_general_one(tmp_path):
    assert of_acme(acme(tmp_path, manual=None)) == {"Acme": GENERAL}


def test_a_sites_manual_wins_over_the_shipped_one(tmp_path):
    shipped = acme(tmp_path / "shipped")
    own = acme(tmp_path / "own", ACME.replace("label: Server", "label: Mine"), "accounts: 2\n")
    assert of_acme(shipped, own)["Acme"].fields == (Field("Mine", "url"),)


def test_a_vendor_that_borrows_templates_has_the_lenders_manual_but_for_its_own_words(tmp_path):
    tree = acme(tmp_path)
    folder = tree / "bcme"
    folder.mkdir()
    (folder / "vendor.yaml").write_text(
        "name: Bcme\ntemplates_from: acme\nfamilies: {a: {series: Bcme A}}\n"
    )

    def of_bcme():
        return load_instructions(load_library([tree]).vendors["bcme"], GENERAL)

    [lent] = of_acme(tree).values()
    assert of_bcme() == {"Bcme": lent, "Bcme A": lent}
    own = ACME.replace("Acme", "Bcme A").replace("label: Server", "label: Mine")
    (folder / "manual.yaml").write_text(own)
    assert [found.fields[0].label for found in of_bcme().values()] == ["Server", "Mine"]


def test_a_lender_of_several_series_lends_no_manual(tmp_path):
    several = ACME + ACME.replace("Acme", "Acme A")
    tree = acme(tmp_path, several, "name: Acme\nfamilies: {a: {series: Acme A}}\n")
    (tree / "bcme").mkdir()
    (tree / "bcme" / "vendor.yaml").write_text("name: Bcme\ntemplates_from: acme\n")
    found = load_instructions(load_library([tree]).vendors["bcme"], GENERAL)
    assert found == {"Bcme": GENERAL}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Acme:", "Bcme:", "manual.yaml:1: Bcme: is none of the series Acme"),
        ("  reset: {en: Reset., it: Reimposta., verified: false}\n", "", ":1: Acme: wants fields"),
        ("Acme:", "Acme:\n  colour: red", ":1: Acme: wants fields, enter, reset, switch_off"),
        ("[{label: Server, part: url}]", "[]", ":2: Acme.fields: wants the fields"),
        ("[{label: Server, part: url}]", "url", ":2: Acme.fields: wants the fields"),
        ("part: url", "part: host", ":2: Acme.fields.0.part: is not one of url, address"),
        ("part: url", "port: url", ":2: Acme.fields.0: wants label and part"),
        ("label: Server", "label: 3", ":2: Acme.fields.0.label: must be text"),
        ("it: Reimposta., ", "", ":4: Acme.reset: wants en, it and verified"),
        ("it: Reimposta.", "it: ' '", ":4: Acme.reset.it: must be text"),
        ("it: Reimposta.", "it: 3", ":4: Acme.reset.it: must be text"),
        ("verified: true", "verified: yes please", ":3: Acme.enter.verified: must be true or"),
        ("Acme:", "- Acme:", "manual.yaml:"),
        ("Acme:", "Acme: [", "manual.yaml:"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, old, new, told):
    assert old in ACME
    with pytest.raises(VendorFileError) as mistake:
        of_acme(acme(tmp_path, ACME.replace(old, new)))
    assert told in str(mistake.value)


def test_a_file_that_is_no_mapping_is_a_mistake(tmp_path):
    (tmp_path / "manual.yaml").write_text("- a\n")
    with pytest.raises(VendorFileError, match="is not a mapping"):
        load_general(tmp_path / "manual.yaml")
