"""The pages about gateways explain every field, step and outcome, and what they say is so."""

import re
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import get_args

import gateway_pages
import pytest
from gateway_pages import EXPLAINED, GATEWAYS, LINES, PHASES, SERIES
from generate import DOCS, LANGUAGES, PAGES, pages

from gateway_entries import EVERY_MODEL, LIBRARY, RENDERER, ZONES, configured, entry, port
from provisioning.connect.gateways.outcomes import DeviceState, Phase
from provisioning.engine.gateways.checking import check
from provisioning.engine.gateways.commands import Load, dry_run
from provisioning.engine.gateways.entry import GatewayEntry, PortEntry
from provisioning.engine.gateways.rendering import MAIN_FILES, fetched_names
from provisioning.engine.parameter import Text
from provisioning.services.gateways.texts import CONCERN_CODES, OUTCOME_CODES

BAR = re.compile(r"(?<!\\)\|")
API = {
    "POST /api/v1/gateways",
    "PUT /api/v1/gateways/{mac}/ports/{number}",
    "GET /api/v1/gateways/{mac}/upload-plan",
    "POST /api/v1/gateways/{mac}/uploads",
    "GET /api/v1/gateway-uploads",
    "GET /api/v1/gateways/{mac}/files/{kind}",
    "POST /api/v1/imports/gateways",
    "PATCH /api/v1/gateways/{mac}",
    "GET /api/v1/gateway-uploads/{id}/transcript",
    "POST /api/v1/gateways/{mac}/files/{kind}/download",
    "GET /api/v1/gateways/{mac}/diff",
    "GET /api/v1/gateways/{mac}/secrets",
    "DELETE /api/v1/gateways/{mac}/host-key",
    "GET /api/v1/gateways/{mac}/registrations",
}
EMPTY = {"en": "empty", "it": "vuoto"}
YES, NO = Text("yes", "sì"), Text("no", "no")


def page(kind: str, language: str) -> str:
    return pages()[DOCS / language / getattr(PAGES[kind], language)]


def row(kind: str, language: str, name: str) -> list[str]:
    """The cells of the one row that is about a name."""
    rows = (line for line in page(kind, language).splitlines() if line.startswith("| "))
    found = [[cell.strip() for cell in BAR.split(line)[1:-1]] for line in rows]
    [cells] = [cells for cells in found if f"`{name}`" in cells[:2]]
    return cells


def told(said: object, language: str) -> list[str]:
    """All texts that an entry of gateways.yaml has in a language."""
    if isinstance(said, dict) and language in said:
        return [said[language]]
    return [
        text for part in said.values() if isinstance(part, dict) for text in told(part, language)
    ]


def without_limits(text: str) -> str:
    """The longest part of a text in which no limit stands."""
    return max(re.split(r"\{\w+\}", text), key=len).strip()


def gateway(**changes: object) -> GatewayEntry:
    """The gateway of the examples."""
    shown = {n: e["example"] for n, e in EXPLAINED["gateway_fields"].items() if "example" in e}
    lists = {name: tuple(found) for name, found in shown.items() if isinstance(found, list)}
    return GatewayEntry(**{**shown, **lists, **changes})


def model_with(line: str) -> str:
    return next(m.id for m in LIBRARY.models.values() if m.line.id == line)


# Nothing is left out


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("gateway_fields", [field.name for field in fields(GatewayEntry)]),
        ("port_fields", [field.name for field in fields(PortEntry)]),
        ("concerns", CONCERN_CODES),
        ("phases", [word for part in get_args(Phase) for word in get_args(part)]),
        ("outcomes", OUTCOME_CODES),
        ("states", [str(state) for state in DeviceState]),
    ],
)
def test_every_name_of_the_code_is_explained_in_both_languages(section, names, language):
    assert set(EXPLAINED[section]) == set(names)
    for name in names:
        cells = " ".join(row("gateways", language, name))
        texts = told(EXPLAINED[section][name], language)
        assert len(texts) >= 2
        for text in texts:
            assert without_limits(text) in cells


def test_an_outcome_tells_what_it_means_why_it_happens_and_what_to_do():
    for said in EXPLAINED["outcomes"].values():
        assert set(said) == {"label", "meaning", "cause", "to_do"}


def test_the_steps_stand_in_the_order_of_an_upload():
    for model in ("patton-trinity-bri-4", "grandstream-ht802"):
        phases = list(dict.fromkeys(command.phase for command in dry_run(load(model))))
        assert phases == [phase for phase in PHASES if phase in phases]


def test_a_name_without_a_text_keeps_the_page_from_being_made(monkeypatch):
    outcomes = {n: said for n, said in EXPLAINED["outcomes"].items() if n != "no_prompt"}
    monkeypatch.setattr(gateway_pages, "EXPLAINED", {**EXPLAINED, "outcomes": outcomes})
    with pytest.raises(ValueError, match=r"outcomes must explain .*: no_prompt"):
        gateway_pages.guide()


def test_a_guess_that_nobody_explains_keeps_the_page_from_being_made():
    series = SERIES[0]
    guessing = replace(series, brand=replace(series.brand, unverified=("colour",)))
    with pytest.raises(ValueError, match="guesses does not explain colour"):
        _ = guessing.guesses


def test_no_text_was_left_untranslated():
    same = [
        said["en"] for section in EXPLAINED.values() for said in entries(section)
        if said["en"] == said["it"]
    ]  # fmt: skip
    assert set(same) <= {"Router"}


def entries(part: object):
    """All texts in both languages below a part of gateways.yaml."""
    if isinstance(part, dict) and set(part) == {"en", "it"}:
        yield part
    elif isinstance(part, dict):
        for below in part.values():
            yield from entries(below)


# Fields


def test_the_examples_are_one_gateway_that_is_right():
    assert check(gateway(), LIBRARY, ZONES) == ()


@pytest.mark.parametrize("line", LINES)
def test_the_examples_of_ports_are_right_on_the_kinds_they_are_for(line):
    own = {
        name: said["example"]
        for name, said in EXPLAINED["port_fields"].items()
        if line.upper() in gateway_pages.kinds_of(name).en
        or name in ("number", "enabled", "secret")
    }
    assert check(entry(model_with(line), ports=(PortEntry(**own),)), LIBRARY, ZONES) == ()


@pytest.mark.parametrize("line", LINES)
def test_a_field_of_another_kind_of_port_is_refused(line):
    for name in ("protocol", "line_number", "extension", "trunk_name", "trunk_number"):
        if line.upper() in gateway_pages.kinds_of(name).en:
            continue
        wrong = port(model_with(line), 1, **{name: EXPLAINED["port_fields"][name]["example"]})
        errors = check(entry(model_with(line), ports=(wrong,)), LIBRARY, ZONES)
        assert [error.name for error in errors] == [f"ports/0/{name}"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("section", "type_"), [("gateway_fields", GatewayEntry), ("port_fields", PortEntry)]
)
def test_the_default_of_a_field_is_the_one_in_the_code(section, type_, language):
    for field in fields(type_):
        default = row("gateways", language, field.name)[3 if section == "port_fields" else 2]
        if field.default is MISSING:
            assert default == {"en": "required", "it": "obbligatorio"}[language]
        elif field.default in ("", ()):
            assert default == EMPTY[language]
        else:
            assert default in (f"`{field.default}`", f"`{str(field.default).lower()}`")


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("netmask", ["/8", "/24", "255.255.255.0"], ["/7", "/31", "255.0.255.0"]),
        ("name", ["x" * 63], ["x" * 64, ".x"]),
        ("proxy", ["192.0.2.1"], ["sip:proxy.example.org", "proxy.example.org:5060"]),
        ("dns", [("192.0.2.1",) * 3], [("192.0.2.1",) * 4, ()]),
        ("admin_password", ["", "a" * 8, "a" * 25], ["a" * 7, "a" * 26, "with-sign"]),
        ("wan_mac", [""], ["C0:74:AD:0B:1C:2D"]),
        ("router", ["192.168.5.2"], ["192.168.5.41", "192.168.6.1", "192.168.5.255"]),
        ("provisioning_url", ["", "http://pbx.example.org/x"], ["ftp://pbx.example.org/x"]),
    ],
)
def test_the_rule_of_a_field_is_the_one_that_is_checked(name, right, wrong):
    for value in right:
        assert check(gateway(**{name: value}), LIBRARY, ZONES) == ()
    for value in wrong:
        errors = check(gateway(**{name: value}), LIBRARY, ZONES)
        assert name in {error.name.partition("/")[0] for error in errors}


def test_the_smallest_network_is_the_one_that_the_page_names():
    assert check(gateway(netmask="/30", router="192.168.5.42"), LIBRARY, ZONES) == ()
    assert "`/8` to `/30`" in row("gateways", "en", "netmask")[5]


@pytest.mark.parametrize("name", ["user_password", "provisioning_url"])
def test_what_the_page_calls_grandstreams_only_is_refused_for_a_patton(name):
    value = EXPLAINED["gateway_fields"][name]["example"]
    errors = check(entry("patton-trinity-fxo-2", **{name: value}), LIBRARY, ZONES)
    assert [error.name for error in errors] == [name]
    assert "Grandstream only" in row("gateways", "en", name)[5]


# The supported gateways


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", EVERY_MODEL)
def test_every_model_is_listed_with_its_ports(model, language):
    found = LIBRARY.models[model]
    [line] = [x for x in page("supported_gateways", language).splitlines() if f"`{model}`" in x]
    label = getattr(found.line.label, language)
    assert f"{found.name} | {found.ports} \u00d7 {label}" in line
    assert f"| {found.ports * found.line.channels} | {found.ethernet} |" in line
    assert f"| {getattr(YES if found.verified else NO, language)} |" in line
    assert f"`{found.key}`" in line


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_countries_and_guesses_of_every_brand_are_listed(language):
    text = page("supported_gateways", language)
    for brand in GATEWAYS.brands.values():
        for kind, file in brand.files.items():
            assert f"| `{kind}` | `{file.name}` |" in text
        for country in brand.countries.values():
            assert f"{getattr(country.label, language)} (`{country.id}`)" in text
        for guess in brand.unverified:
            assert f"`{guess}`" in text


def test_italy_comes_first():
    assert GatewayEntry.__dataclass_fields__["country"].default == "it"
    for series in SERIES:
        assert series.with_tones[0].id == "it"


# The guide


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_names_the_addresses_of_the_api_and_no_others(language):
    text = page("gateways", language)
    assert set(re.findall(r"[A-Z]{3,6} /api/[^\s`]+", text)) == API
    assert text.count("/api/") == len(API)


def load(model: str) -> Load:
    loaded = configured(model)
    kind = next(kind for kind in MAIN_FILES if kind in loaded.brand.files)
    if loaded.brand.dialogue.takes_file:
        script = RENDERER.render(loaded, kind).decode()
        return Load(loaded, script=script, url="tftp://192.0.2.1/x.cfg")
    return Load(loaded, RENDERER.parameters(loaded))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("model", ["patton-trinity-bri-4", "grandstream-ht802"])
def test_every_command_that_is_typed_stands_at_its_step(model, language):
    for command in dry_run(load(model)):
        assert f"`{command.step.send}`" in " ".join(row("gateways", language, command.phase))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_warnings_that_are_quoted_are_those_an_upload_gives(language):
    package = Path(DOCS).parent / "api" / "provisioning" / "connect" / "gateways"
    code = "".join(
        (package / name).read_text(encoding="utf-8") for name in ("steps.py", "upload.py")
    )
    flat = " ".join(page("gateways", language).split())
    quoted = re.findall(r"- \*([^*]+)\*:", flat)
    assert len(quoted) == 5
    for warning in quoted:
        assert all(part.strip() in code for part in warning.split("…"))


@pytest.mark.parametrize(
    ("model", "minutes"), [("grandstream-ht801", 4), ("grandstream-gxw4248", 15)]
)
def test_typing_all_parameters_takes_as_long_as_the_guide_says(model, minutes):
    patience = LIBRARY.brands["grandstream"].dialogue.patience
    waits = (
        patience.settle + (patience.pace if command.step.each else 0)
        for command in dry_run(load(model))
    )
    assert minutes - 2 < sum(waits) / 60 <= minutes


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_name_of_the_file_is_the_one_that_a_gateway_asks_for(language):
    [name] = fetched_names(configured("grandstream-ht801"))
    assert f"`{name}`" in page("gateways", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_address_that_resets_a_unit_is_typed_as_the_guide_says(language):
    text = " ".join(page("gateways", language).split())
    keys = dict(re.findall(r"\b([A-F]) `([23]+)`", text))
    assert len(keys) == 6
    [(address, typed)] = re.findall(r"`([0-9A-F]{12})` \w+ `(\d+)`", text)
    assert "".join(keys.get(digit, digit) for digit in address) == typed


def test_the_readme_leads_to_the_pages():
    readme = (Path(DOCS).parent / "README.md").read_text(encoding="utf-8")
    for kind in ("supported_gateways", "gateways"):
        for language in LANGUAGES:
            assert f"(docs/{language}/{getattr(PAGES[kind], language)})" in readme
