"""Reading ``vendor.yaml``: families, overlays, and mistakes told with file and line."""

from pathlib import Path

import pytest

from provisioning.engine.mac import MacAddress
from provisioning.engine.vendor_files import VendorFileError, load_library
from provisioning.engine.vendors import TemplateRef

ACME = """\
name: Acme
accounts: 2
oui: ["AC:DE:48"]
files:
  - {pattern: '{mac}\\.txt', role: phone}
templates: {acme.tmpl: phone.j2}
values: {dtmf: {inband: 0, "*": 1}}
facts: {colour: grey, size: small}
common:
  variables: {tmpl_phone: acme.tmpl, cap_linekey_count: 4, contrast: ""}
families:
  large: {accounts: 6, facts: {size: large}, variables: {cap_linekey_count: 8, contrast: null}}
models:
  acme-A: {name: A}
  acme-B:
    family: large
    facts: {size: huge}
    variables: {contrast: 3}
    tancredi: {name: B;, variables: {contrast: "4"}}
  acme-C: {family: large, accounts: 12}
"""


def write(tree: Path, content: str, vendor: str = "acme", file: str = "vendor.yaml") -> Path:
    path = tree / vendor / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.fixture
def shipped(tmp_path) -> Path:
    write(tmp_path / "shipped", ACME)
    return tmp_path / "shipped"


@pytest.fixture
def own(tmp_path) -> Path:
    return tmp_path / "own"


def test_a_family_says_what_its_models_share_and_a_model_what_differs(shipped):
    models = load_library([shipped]).models

    assert [(m.id, m.accounts) for m in models.values()] == [
        ("acme-A", 2), ("acme-B", 6), ("acme-C", 12),
    ]  # fmt: skip
    assert models["acme-A"].variables == {
        "tmpl_phone": "acme.tmpl", "cap_linekey_count": "4", "contrast": "",
    }  # fmt: skip
    assert models["acme-B"].variables["cap_linekey_count"] == "8"
    assert models["acme-B"].variables["contrast"] == "3"
    assert models["acme-B"].facts == {"size": "huge"}
    assert "contrast" not in models["acme-C"].variables  # null takes it away


def test_what_the_original_shows_differently_is_kept_apart(shipped):
    found = load_library([shipped]).models["acme-B"]

    assert (found.name, found.tancredi_name) == ("acme-B", "B;")
    assert found.tancredi_variables == {"contrast": "4"}


def test_a_later_tree_adds_and_wins(shipped, own):
    write(
        own,
        "oui: ['AC:DE:49']\nvalues: {tone: {it: 1}}\nfacts: {colour: red}\n"
        "files: [{pattern: 'own-{mac}', role: phone}]\n"
        "models:\n  acme-A: {name: Mine}\n  acme-Z: {name: Z, family: large}\n",
    )
    library = load_library([shipped, own])
    vendor = library.vendors["acme"]

    assert vendor.name == "Acme"
    assert vendor.prefixes == ("ACDE49", "ACDE48")
    assert set(vendor.values) == {"dtmf", "tone"}
    assert vendor.facts == {"colour": "red", "size": "small"}
    assert library.models["acme-A"].name == "Mine"
    assert library.models["acme-Z"].accounts == 6
    assert library.models["acme-C"].accounts == 12
    assert [rule.own for rule in vendor.files] == [True, False]


def test_a_folder_with_templates_alone_overrides_templates(shipped, own):
    write(shipped, "shipped", file="phone.j2")
    write(own, "mine", file="phone.j2")
    write(own, "more", file="extra.j2")
    write(own, "nobody's", vendor="other", file="phone.j2")

    library = load_library([shipped, own])

    assert library.vendors["acme"].folders == (own / "acme", shipped / "acme")
    assert library.template("acme/extra.j2") == TemplateRef("acme", "extra.j2")
    assert "other" not in library.vendors


def test_a_folder_may_be_left_out(shipped, own):
    write(own, "name: Mine\n")

    assert load_library([shipped, own]).vendors["acme"].name == "Mine"
    assert load_library([shipped, own], without=[own / "acme"]).vendors["acme"].name == "Acme"


def test_long_maps_have_files_of_their_own(shipped):
    write(shipped, "Europe/Rome: 1\n", file="values/timezone.yaml")
    write(shipped, "inband: 9\n", file="values/dtmf.yaml")

    values = load_library([shipped]).vendors["acme"].values

    assert values["timezone"] == {"Europe/Rome": 1}
    assert values["dtmf"] == {"inband": 0, "*": 1}  # vendor.yaml is nearer


def test_a_vendor_may_borrow_maps_and_templates(shipped):
    write(shipped, "it: 3\n", file="values/tone.yaml")
    write(shipped, "acme", file="phone.j2")
    write(
        shipped,
        "values_from: acme\ntemplates_from: acme\nvalues: {dtmf: {inband: 5}}\n"
        "templates: {b.tmpl: phone.j2}\n",
        vendor="bcme",
    )
    vendor = load_library([shipped]).vendors["bcme"]

    assert vendor.values == {"tone": {"it": 3}, "dtmf": {"inband": 5}}
    assert vendor.folders == (shipped / "bcme", shipped / "acme")


def test_the_address_of_a_file_name_may_be_put_together(shipped, own):
    write(
        own,
        "files:\n  - {pattern: 'p(?P<a>..)-(..)', role: phone, mac: '00-04-13-00-\\g<a>-\\2'}\n",
    )
    rule = load_library([shipped, own]).vendors["acme"].files[0]

    assert rule.match("pab-cd").mac == MacAddress.parse("00-04-13-00-AB-CD")
    assert rule.match("PAB-CD").mac == MacAddress.parse("00-04-13-00-AB-CD")
    assert rule.match("pxy-cd") is None  # no hexadecimal digits


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        ("name: A\ncolour: red\n", 2, "colour: unknown member; there are accounts, common"),
        ("name: A\n\nmodels:\n  acme-A:\n    size: 3\n", 5, "models.acme-A.size: unknown member"),
        ("models:\n  acme-A: {family: x}\n", 2, "models.acme-A.family: 'x' is not in families"),
        ("models:\n  snom-A: {name: A}\n", 2, "the id of a model starts with acme-"),
        ("name: A\nformat: json\n", 2, "format: 'json' is not one of lines, xml"),
        ("files:\n  - {pattern: a, role: b}\n  - {pattern: '(', role: b}\n", 3, "is not a regular"),
        ("files:\n  - {role: b}\n", 2, "pattern is missing"),
        ("name: A\naccounts: many\n", 2, "accounts: must be a whole number"),
        ("models:\n  acme-A:\n    variables:\n      a: yes\n", 4, "quote it"),
        ("name: A\noui: ['00:15']\n", 2, "oui: wants prefixes in quotes"),
        ("name: [A\nb: c\n", 2, "file: "),
        ("- a\n", 1, "is not a mapping"),
    ],
)
def test_a_mistake_is_told_with_its_line(shipped, content, line, told):
    file = write(shipped, content)

    with pytest.raises(VendorFileError) as refused:
        load_library([shipped])

    assert str(refused.value).startswith(f"{file}:{line}: ")
    assert told in str(refused.value)
    assert refused.value.file == file


def test_a_file_that_cannot_be_read_is_a_mistake_of_that_file(shipped):
    (shipped / "bcme" / "vendor.yaml").mkdir(parents=True)

    with pytest.raises(VendorFileError, match="bcme"):
        load_library([shipped])


BROKEN = {
    "a word": "acme\n",
    "unknown member": "colour: red\n",
    "unknown member of a model": "models:\n  acme-Door:\n    colour: red\n",
    "model without members": "models:\n  acme-Door:\n",
    "models as a list": "models: [acme-Door]\n",
    "a model's id is a number": "models: {46: {name: A}}\n",
    "a model of another vendor": "models: {snom-D785: {name: A}}\n",
    "unknown family": "models: {acme-Door: {family: none}}\n",
    "variables as a list": "models: {acme-Door: {variables: [a]}}\n",
    "a variable that is a list": "models: {acme-Door: {variables: {a: [1]}}}\n",
    "a variable that is true": "models: {acme-Door: {variables: {a: true}}}\n",
    "files as a mapping": "files: {pattern: a, role: phone}\n",
    "a file without a pattern": "files: [{role: phone}]\n",
    "a file without a role": "files: [{pattern: a}]\n",
    "a file that is a word": "files: [phone]\n",
    "a pattern that is a number": "files: [{pattern: 5, role: phone}]\n",
    "a pattern that is no expression": "files: [{pattern: '(', role: phone}]\n",
    "a group that is missing": "files: [{pattern: 'a(.)', role: phone, mac: '00-\\2'}]\n",
    "a named group that is missing": "files: [{pattern: 'a', role: phone, mac: '\\g<x>'}]\n",
    "an escape that is none": "files: [{pattern: 'a(.)', role: phone, mac: '\\x\\1'}]\n",
    "prefixes without quotes": "oui: [80:15:35]\n",
    "a prefix that is none": "oui: ['00:15']\n",
    "prefixes as text": "oui: '00:15:65'\n",
    "a range without an end": "mac_ranges: [{first: '001565000000'}]\n",
    "a range that is a word": "mac_ranges: [x]\n",
    "a range backwards": "mac_ranges: [{first: '001565000001', last: '001565000000'}]\n",
    "a user agent that is no expression": "user_agents: ['(']\n",
    "a user agent that is a number": "user_agents: [5]\n",
    "an unknown format": "format: json\n",
    "accounts in words": "accounts: many\n",
    "accounts that are true": "accounts: true\n",
    "common is empty": "common:\n",
    "common without variables": "common: {variables: }\n",
    "a lender that is unknown": "templates_from: nobody\n",
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_layer_of_any_other_form_is_refused_and_never_a_failure(shipped, own, mistake):
    file = write(own, BROKEN[mistake])

    with pytest.raises(VendorFileError) as refused:
        load_library([shipped, own])

    assert str(refused.value).startswith(f"{file}:")
    assert "acme" in load_library([shipped, own], without=[own / "acme"]).vendors
