"""The pages of the manual that come from data say what the data says, in both languages."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from functions import CATALOGUE, FUNCTIONS, GROUPS, LIBRARY, NOT_OFFERED, WRITTEN, columns
from generate import DOCS, LANGUAGES, PAGES, pages

from provisioning.app import create_flask
from provisioning.services import application_settings, operations, pbx, settings_changes
from provisioning.settings import Settings
from provisioning.store.database import database, migrate, open_database

PATHS = [
    DOCS / language / getattr(name, language) for language in LANGUAGES for name in PAGES.values()
]
COLUMNS = list(columns())
WORDS = {"en": {True: "yes", False: "no"}, "it": {True: "sì", False: "no"}}
# The lines that head a table end in ---|, cells are what stands between bars that are not escaped.
BAR = re.compile(r"(?<!\\)\|")


def page(kind: str, language: str) -> str:
    return pages()[DOCS / language / getattr(PAGES[kind], language)]


def cells(text: str) -> list[list[str]]:
    """The rows of all tables."""
    rows = (line for line in text.splitlines() if line.startswith("|"))
    return [[cell.strip() for cell in BAR.split(row)[1:-1]] for row in rows]


def column(name: str):
    return next(found for found in COLUMNS if found.series.name == name)


# The pages


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_the_page_on_disk_is_the_one_that_is_made(path):
    assert path.read_text(encoding="utf-8") == pages()[path], "run `make docs`"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_no_cell_is_empty_and_every_row_is_as_wide_as_its_table(path):
    width = 0
    for line, row in enumerate(cells(pages()[path])):
        head = next(iter(cells(pages()[path])[line + 1 : line + 2]), [])
        width = len(row) if set(head) == {"---"} else width
        assert all(row), f"an empty cell in {row}"
        assert len(row) == width, row


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_page_ends_its_lines_as_markdown_wants_them(path):
    text = pages()[path]
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    # A table without a line before it is no table.
    assert not re.search(r"^(?!\||$).*\n\|", text, re.MULTILINE)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_the_links_of_a_page_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)]+)\)", pages()[path]):
        assert (path.parent / target).is_file(), target


@pytest.mark.parametrize("kind", PAGES)
def test_the_pages_of_both_languages_have_the_same_sections_and_rows(kind):
    english, italian = (page(kind, language) for language in LANGUAGES)
    assert [len(row) for row in cells(english)] == [len(row) for row in cells(italian)]
    headings = [re.findall(r"^#+ ", text, re.MULTILINE) for text in (english, italian)]
    assert headings[0] == headings[1]


def test_no_word_of_the_generator_is_left_in_english():
    for kind in PAGES:
        shown = {cell for row in cells(page(kind, "it")) for cell in row}
        assert not shown & {"yes", "none", "not known", "not set", "empty", "written", "model"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_model_is_on_the_page_of_phones_with_its_hardware(language):
    rows = {row[-1].strip("`"): row for row in cells(page("phones", language))}
    for model in LIBRARY.models.values():
        row = rows[model.id]
        assert row[0] == model.name
        assert row[1] == ", ".join(model.hardware)
        assert row[2] == str(model.accounts)


def test_the_figures_of_a_model_stand_in_its_row():
    row = next(row for row in cells(page("phones", "en")) if row[-1] == "`yealink-T46`")
    assert row[2:8] == ["16", "27", "4", "3 \u00d7 60", "x.86", "yes"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_vendors_download_page_can_be_found(language):
    text = page("phones", language)
    for vendor in LIBRARY.vendors.values():
        assert vendor.firmware_page in text


def test_the_first_start_names_the_options_that_dhcp_needs():
    rows = {row[0]: row for row in cells(page("phones", "en"))}
    assert rows["Snom"][1:] == [
        "yes", "66 = `https://HOST`<br>67 = `/provisioning/{mac}.xml`", "yes", "yes",
    ]  # fmt: skip
    assert rows["Gigaset Maxwell"][2] == "114 = `https://HOST/provisioning/%MACD.xml`"
    assert rows["Gigaset P"][2] == "114 = `https://HOST/provisioning/{mac}.xml`"
    assert rows["Sangoma"][1:3] == ["no", "66 = `https://HOST/provisioning`"]
    assert "Gigaset must not be offered DHCP option 66" in page("phones", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_is_explained(language):
    text = page("parameters", language)
    for parameter in CATALOGUE.parameters.values():
        name = f"`{parameter.name}_N`" if parameter.index else f"`{parameter.name}`"
        row = next(row for row in cells(text) if len(row) == 8 and row[1] == name)
        assert row[0] == getattr(parameter.label, language).replace("|", "\\|")
        assert row[6] == WORDS[language][parameter.reboot]
        assert row[7] == getattr(parameter.help, language).replace("|", "\\|")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_that_forms_offer_is_on_the_page(language):
    text = page("parameters", language)
    for parameter in CATALOGUE.parameters.values():
        for choice in parameter.values:
            label = getattr(choice.label, language)
            shown = (f"`{choice.value}` {label}", f"`{choice.value}` | {label}")
            assert any(form in text for form in shown), (parameter.name, choice.value)


# Coverage


@pytest.mark.parametrize("shown", COLUMNS, ids=lambda shown: shown.series.name)
def test_every_function_is_written_or_declared_and_never_both(shown):
    for function in FUNCTIONS.values():
        shown.state(function)


@pytest.mark.parametrize("shown", COLUMNS, ids=lambda shown: shown.series.name)
def test_what_is_declared_is_a_function_of_the_table(shown):
    assert {*shown.series.not_offered, *shown.series.not_established} <= set(FUNCTIONS)


def test_every_model_counts_in_one_column():
    counted = [model.id for shown in COLUMNS for model in shown.models]
    assert sorted(counted) == sorted(LIBRARY.models)


def test_no_two_functions_have_the_same_id():
    assert len(FUNCTIONS) == sum(len(group.functions) for group in GROUPS)


def test_every_type_of_key_that_is_offered_is_tried():
    for kind, prefix in (("softkey", "soft_key"), ("linekey", "line_key")):
        for choice in CATALOGUE.parameters[f"{kind}_type"].values:
            assert f"{prefix}_{choice.value}" in FUNCTIONS


def test_what_is_neither_written_nor_declared_is_told():
    akuvox = column("Akuvox")
    silent = replace(akuvox, series=replace(akuvox.series, not_offered=()))
    with pytest.raises(ValueError, match="Akuvox: background is neither written nor declared"):
        silent.state(FUNCTIONS["background"])


def test_what_is_declared_but_written_is_told():
    modest = replace(
        column("Yealink"), series=replace(column("Yealink").series, not_offered=("ldap",))
    )
    with pytest.raises(ValueError, match="Yealink: ldap is written and not_offered"):
        modest.state(FUNCTIONS["ldap"])


@pytest.mark.parametrize(
    ("vendor", "function", "state"),
    [
        ("Yealink", "ldap_starttls", WRITTEN),
        # Only the port follows the setting; no parameter is known that encrypts.
        ("Akuvox", "ldap_tls", "not_established"),
        # The phone fetches the file; no value is known that chooses it.
        ("Sangoma", "ringtone_file", "not_established"),
        # A key of an unknown type is a free one, which is not the type's doing.
        ("Yealink", "line_key_mute", NOT_OFFERED),
        # Encryption is one setting; a template that wrote TLS alone would not pass for SRTP.
        ("Snom", "srtp", WRITTEN),
    ],
)
def test_a_function_is_written_only_if_it_makes_the_difference(vendor, function, state):
    assert column(vendor).state(FUNCTIONS[function]) == state


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_has_a_row_for_each_function(language):
    shown = [row[0] for row in cells(page("coverage", language))]
    for function in FUNCTIONS.values():
        assert getattr(function.label, language) in shown


def test_the_pages_lie_where_the_generator_says():
    assert {path.relative_to(Path(DOCS)).as_posix() for path in pages()} == {
        "en/supported-phones.md", "en/parameters.md", "en/coverage.md", "en/settings.md",
        "en/csv.md", "en/supported-gateways.md", "en/gateways.md",
        "it/telefoni-supportati.md", "it/parametri.md", "it/copertura.md", "it/impostazioni.md",
        "it/csv.md", "it/gateway-supportati.md", "it/gateway.md",
    }  # fmt: skip


# Settings of the application

SETTINGS = application_settings.CATALOGUE
OF_ASTERISK = {
    "pjsip_file": "/srv/other.conf",
    "pjsip_context": "from-users",
    "pjsip_trunk_context": "from-lines",
    "pjsip_transport": "tls",
    "pjsip_outbound_proxy": "sip:127.0.0.1;lr",
    "ami_host": "other.example.org",
    "ami_port": "5039",
    "ami_user": "other",
    "ami_secret": "other",
}
"""Other values of the settings of which the page says that the accounts are written again."""


@pytest.fixture
def stored_settings(tmp_path):
    open_database(tmp_path / "settings.sqlite")
    migrate()
    yield
    database.close()


def setting_rows(text: str) -> dict[str, list[str]]:
    """The rows about settings, by name."""
    names = {f"`{name}`": name for name in SETTINGS.parameters}
    return {names[row[1]]: row for row in cells(text) if len(row) == 6 and row[1] in names}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_of_the_application_has_its_row_in_its_category(language):
    sections = page("settings", language).split("\n### ")[1:]
    shown = {section.partition("\n")[0]: setting_rows(section) for section in sections}
    for category, label in SETTINGS.categories.items():
        rows = shown.pop(getattr(label, language))
        settings = {n: s for n, s in SETTINGS.parameters.items() if s.category == category}
        assert list(rows) == list(settings)
        for name, setting in settings.items():
            assert rows[name][0] == getattr(setting.label, language)
            assert rows[name][4] == WORDS[language][setting.secret]
            assert rows[name][5] == getattr(setting.help, language).replace("|", "\\|")
    assert not shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_default_of_a_setting_is_the_one_that_applies(language, stored_settings):
    unset = {"en": "not set", "it": "non impostato"}[language]
    applies = application_settings.get().values
    for name, row in setting_rows(page("settings", language)).items():
        assert row[3] == (f"`{applies[name]}`" if name in applies else unset), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_setting_of_the_application_may_hold_is_told(language):
    rows = setting_rows(page("settings", language))
    listed = cells(page("settings", language))
    for name, setting in SETTINGS.parameters.items():
        if setting.minimum is not None:
            assert {str(setting.minimum), str(setting.maximum)} <= set(rows[name][2].split())
        if setting.allowed:
            assert rows[name][2] == getattr(setting.allowed, language)
        for choice in setting.values:
            texts = (getattr(text, language) for text in (choice.label, choice.help))
            assert [f"`{choice.value}`", *texts] in listed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_change_on_the_page_of_settings_can_be_made(language, stored_settings):
    [body] = re.findall(r"```json\n(.*?)```", page("settings", language), re.DOTALL)
    sent = json.loads(body)["values"]
    found = settings_changes.change(sent, by="tests")
    assert found.text("ami_secret") == sent["ami_secret"]
    assert found.number("devices_per_user") == sent["devices_per_user"]
    assert operations.page(kind=pbx.ACCOUNTS, offset=0, limit=1)[0] == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_settings_that_write_the_accounts_again_are_those_on_the_page(
    language, stored_settings
):
    row = next(row for row in cells(page("settings", language)) if "`pjsip_file`," in row[0])
    assert set(re.findall(r"`(\w+)`", row[0])) == {"pbx_connector", "asterisk", *OF_ASTERISK}
    settings_changes.change({"pbx_connector": "asterisk"}, by="tests")
    for name, value in OF_ASTERISK.items():
        last = operations.page(kind=pbx.ACCOUNTS, offset=0, limit=1)[1][0].operation.id
        operations.cancel(last, by="tests")
        settings_changes.change({name: value}, by="tests")
        then = operations.page(kind=pbx.ACCOUNTS, offset=0, limit=1)[1][0].operation.id
        assert then > last, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_api_has_what_the_page_of_settings_says(language):
    addresses = create_flask(Settings.from_environment({}), None).url_map.bind("")
    shown = re.findall(r"`(GET|PATCH|POST) (/api/[^`?]+)", page("settings", language))
    assert len(shown) > 5
    for method, address in shown:
        addresses.match(address.replace("{id}", "1"), method=method)  # raises for what is not there
