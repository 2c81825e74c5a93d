"""A plan in words, in both languages."""

from pathlib import Path

import pytest

from provisioning.engine.dhcp.plan import OwnAddress, make_plan
from provisioning.engine.dhcp.text import Sentences, describe, render
from provisioning.engine.mac import MacAddress
from provisioning.engine.vendor_files import load_library

TEMPLATES = Path(__file__).parents[3] / "templates"
SENTENCES = Sentences.load(TEMPLATES / "dhcp.yaml")
LIBRARY = load_library([TEMPLATES / "phones"])
BASE = "https://pbx.example.org/provisioning"
AKUVOX = OwnAddress(MacAddress.parse("0c:11:05:00:00:01"), "akuvox", f"{BASE}/0123/a.cfg")
PLAN = make_plan(LIBRARY, LIBRARY.vendors, BASE, [AKUVOX])
LANGUAGES = ("en", "it")


def lines(title: str, language: str = "en") -> tuple[str, ...]:
    return next(i.lines for i in describe(PLAN, SENTENCES, language) if i.title == title)


def test_a_brand_is_told_by_its_phones_and_its_options():
    assert lines("Snom") == (
        "Phones whose vendor class (option 60) begins with: snom",
        "Phones whose MAC address begins with: 00:04:13, 1C:71:26",
        "Except phones of: Gigaset P, Gigaset Maxwell",
        "Except phones with an address of their own",
        "Option 66 (TFTP server name, text): https://pbx.example.org",
        "Option 67 (boot file name, text): /provisioning/{mac}.xml",
        "Write the values as they stand: the phone itself puts its MAC address in place of {mac}.",
        "Set these options for these phones only: computers read them too.",
    )


def test_gigaset_is_told_not_to_be_sent_66():
    for title in ("Gigaset P", "Gigaset Maxwell"):
        assert "Non inviare mai a questi telefoni l'opzione 66, nemmeno una generale." in lines(
            title, "it"
        )
    told = [i.title for i in describe(PLAN, SENTENCES, "en") if "Never send" in "".join(i.lines)]
    assert told == ["Gigaset P", "Gigaset Maxwell"]


def test_a_range_that_is_no_prefix_is_told_by_its_ends():
    shown = "Phones with a MAC address from 00:04:13:80:00:00 to 00:04:13:80:9E:B2"
    assert shown in lines("Gigaset P")


def test_a_phone_with_an_address_of_its_own_stands_alone():
    assert lines("0C:11:05:00:00:01", "it") == (
        "Telefono 0C:11:05:00:00:01",
        f"Opzione 66 (TFTP server name, testo): {BASE}/0123/a.cfg",
    )


def test_a_folder_has_no_macro_to_explain():
    assert not any("in place of" in line for line in lines("Sangoma"))


@pytest.mark.parametrize("vendor", ["$MAC", "$mac", "{mac}", "%MACD"])
def test_the_macro_of_a_value_is_named_as_it_stands(vendor):
    told = [line for i in describe(PLAN, SENTENCES, "en") for line in i.lines]
    assert any(line.endswith(f"in place of {vendor}.") for line in told)


def test_both_languages_tell_the_same_in_other_words():
    english, italian = (describe(PLAN, SENTENCES, language) for language in LANGUAGES)
    assert [(i.title, len(i.lines)) for i in english] == [(i.title, len(i.lines)) for i in italian]
    for one, other in zip(english, italian, strict=True):
        assert not set(one.lines) & set(other.lines)


def test_the_text_of_a_file_has_a_block_for_each():
    text = render(describe(PLAN, SENTENCES, "en"))
    assert text.startswith("0C:11:05:00:00:01\n  Phone 0C:11:05:00:00:01\n  Option 66")
    assert "\n\nGigaset P\n  Phones" in text
    assert text.count("\n\n") == len(PLAN.classes)
    assert render(()) == ""
