"""The page about tables (CSV) explains every column, and its examples work."""

import csv
import io
import re

import pytest
from click.testing import CliRunner
from generate import DOCS, LANGUAGES, TABLES, pages

from provisioning.cli import main
from provisioning.services import exports, layouts
from provisioning.services.imports.gateways import import_gateways
from provisioning.services.imports.keys import import_keys
from provisioning.services.imports.phones import import_phones
from provisioning.services.imports.users import import_users
from provisioning.services.phone_lists import Filter
from provisioning.store.database import database

IMPORTS = {
    "users": import_users,
    "phones": import_phones,
    "keys": import_keys,
    "gateways": import_gateways,
}
MAC = "00-15-65-AA-BB-01"


def page(language: str) -> str:
    return pages()[DOCS / language / "csv.md"]


def examples(language: str) -> dict[str, bytes]:
    """The tables on the page, by kind."""
    found = re.findall(r"```csv\n(.*?)```", page(language), re.DOTALL)
    return dict(zip(TABLES, (text.encode() for text in found), strict=True))


@pytest.fixture
def site(site):
    """With the layout that the examples apply."""
    layouts.create(site, "Reception", variables={"linekey_type_1": "dnd"}, by="tests")
    return site


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", TABLES)
def test_every_column_is_explained_in_both_languages(kind, language):
    for column in TABLES[kind]:
        name = {"set:": {"en": "set:NAME", "it": "set:NOME"}[language]}.get(
            column.name, column.name
        )
        [row] = re.findall(rf"^\| `{name}` \|.*", section(kind, language), re.MULTILINE)
        assert getattr(column.help, language).replace("|", "\\|") in row
        assert column.example.replace("|", "\\|") in row


def section(kind: str, language: str) -> str:
    position = list(TABLES).index(kind)
    return page(language).split("\n## ")[3 + position]


def test_every_column_of_the_page_is_exported_and_no_other(site):
    exported = {
        "phones": exports.phones(site, Filter(), by="tests"),
        "users": exports.all_users(site),
        "keys": exports.keys(site),
        "gateways": exports.gateways(site),
    }
    for kind, columns in TABLES.items():
        header = next(csv.reader(io.StringIO(exported[kind].decode("utf-8-sig"))))
        assert header == [column.name for column in columns if column.name != "set:"]


@pytest.mark.parametrize("column", [c for c in TABLES["phones"] if not c.required])
def test_the_example_of_each_column_of_phones_does_something(site, column):
    import_users(site, examples("en")["users"], by="tests")
    name = "set:language" if column.name == "set:" else column.name
    plan = import_phones(site, f'mac,{name}\n{MAC},"{column.example}"'.encode(), by="tests")
    assert [row.changes for row in plan.rows] == [(name,)]


@pytest.mark.parametrize("column", [c for c in TABLES["users"] if not c.required])
def test_the_example_of_each_column_of_users_does_something(site, column):
    import_users(site, b"name,display_name,extension,locked\nada,x,200,yes", by="tests")
    plan = import_users(site, f"name,{column.name}\nada,{column.example}".encode(), by="tests")
    assert [row.changes for row in plan.rows] == [(column.name,)]


@pytest.mark.parametrize("scope", ["mac", "layout", "model"])
def test_the_examples_of_the_columns_of_keys_do_something_together(site, scope):
    import_users(site, examples("en")["users"], by="tests")
    import_phones(site, f"mac\n{MAC}".encode(), by="tests")
    columns = [c for c in TABLES["keys"] if c.name in (scope, *["kind", "position", "type"])]
    columns += [c for c in TABLES["keys"] if c.name in ("value", "label", "person")]
    lines = [",".join(getattr(c, part) for c in columns) for part in ("name", "example")]
    plan = import_keys(site, "\n".join(lines).encode(), by="tests")
    assert [row.changes for row in plan.rows] == [("type", "value", "label", "person")]


def test_the_examples_of_the_columns_of_gateways_do_something_together(site):
    import_users(site, examples("en")["users"], by="tests")
    columns = TABLES["gateways"]
    lines = [",".join(getattr(c, part) for c in columns) for part in ("name", "example")]
    plan = import_gateways(site, "\n".join(lines).encode(), by="tests")
    assert plan.errors == ()
    assert {column.name for column in columns} - set(plan.rows[0].changes) == {
        "mac", "kind", "value", "display_name",
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_of_the_page_can_be_imported(site, language):
    tables = examples(language)
    for kind in ("users", "phones", "keys", "gateways"):
        plan = IMPORTS[kind](site, tables[kind], by="tests")
        assert plan.errors == plan.warnings == ()
        assert plan.applied


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_page_shows_of_the_command_is_what_it_prints(site, language):
    import_users(site, examples(language)["users"], by="tests")
    database.close()
    shown = re.search(r"--dry-run\n(.*?)\$ echo", page(language), re.DOTALL)[1]
    table = f"mac,model,user\n{MAC},yealink-T46,ada\n001565aabb02,yealink-T46S,bob\n"
    env = {"PROVISIONING_STATE": str(site.state)}
    result = CliRunner().invoke(main, ["import-phones", "-", "--dry-run"], input=table, env=env)
    assert result.output == shown
    assert result.exit_code == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_import_and_export_is_on_the_page(language):
    for command in main.commands:
        if command.startswith(("import-", "export-")) and command != "import-tancredi":
            assert f"`provisioning {command}" in page(language)
