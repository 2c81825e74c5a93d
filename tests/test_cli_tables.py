"""Tables (CSV) by the command ``provisioning``, as an administrator types it."""

import csv
import io
import json

import pytest
from click.testing import CliRunner, Result

from provisioning.cli import main
from provisioning.engine import table_file
from provisioning.store.database import database, open_database
from provisioning.store.tables import Change, Phone

MAC = "00-15-65-AA-BB-01"
PHONES = "mac;model\n001565aabb01;yealink-T46\n001565aabb02;yealink-T48\n"


@pytest.fixture
def run(settings):
    """Run the command on the state directory of a fresh site."""

    def command(*arguments: str, given: str | bytes | None = None) -> Result:
        variables = {"STATE": str(settings.state), "ADMIN_PASSWORD": "first-password"}
        result = CliRunner().invoke(
            main,
            arguments,
            input=given,
            env={f"PROVISIONING_{name}": value for name, value in variables.items()},
        )
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    yield command
    if database.obj is not None:
        database.close()


@pytest.fixture
def macs(settings):
    def found() -> list[str]:
        open_database(settings.state / "provisioning.sqlite")
        return [str(phone.mac) for phone in Phone.select().order_by(Phone.mac)]

    return found


@pytest.fixture
def file(tmp_path):
    def written(text: str) -> str:
        path = tmp_path / "table.csv"
        path.write_text(text)
        return str(path)

    return written


def test_a_table_is_imported_and_what_it_changes_is_told(run, file, macs):
    result = run("import-phones", file(PHONES))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"row 2: create {MAC}  model",
        "row 3: create 00-15-65-AA-BB-02  model",
    ]
    assert result.stderr == "2 create\n"
    assert macs() == [MAC, "00-15-65-AA-BB-02"]
    again = run("import-phones", file(PHONES))
    assert (again.stdout, again.stderr) == ("", "Nothing was written. 2 unchanged\n")


def test_a_table_may_come_from_standard_input(run, macs):
    assert run("import-phones", "-", given=PHONES).exit_code == 0
    assert len(macs()) == 2


def test_an_import_can_be_tried_without_writing_anything(run, file, macs):
    result = run("import-phones", file(PHONES), "--dry-run")
    assert result.exit_code == 0
    assert f"row 2: create {MAC}" in result.stdout
    assert result.stderr == "Nothing was written. 2 create\n"
    assert macs() == []


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_an_error_is_one_line_with_row_and_column_and_the_exit_status_is_one(
    run, file, macs, options
):
    table = PHONES + "x;yealink-T46\n001565aabb03;yealink-T64\n"
    result = run("import-phones", file(table), *options)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith('row 4, column mac: "x" is not a MAC address. Allowed: ')
    assert lines[1].startswith('row 5, column model: There is no model "yealink-T64". Allowed: ye')
    assert result.stderr == "Nothing was written. 2 create, 2 error\n"
    assert macs() == []


def test_an_error_of_the_whole_file_is_told_without_a_row(run):
    result = run("import-phones", "-", given="mac\n1\n".encode("utf-16"))
    assert result.exit_code == 1
    assert result.stdout.startswith("file: The file is in UTF-16. Allowed: UTF-8: in Excel")


def test_a_file_over_the_limit_is_refused(run, monkeypatch):
    for module in ("provisioning.cli_tables", "provisioning.engine.table_file"):
        monkeypatch.setattr(f"{module}.MAX_BYTES", 20)
    assert table_file.MAX_BYTES == 20
    result = run("import-phones", "-", given=PHONES)
    assert result.exit_code == 1
    assert "at most 20 bytes" in result.stdout


def test_an_error_cannot_begin_a_line_of_its_own(run):
    result = run("import-phones", "-", given='mac\n"a\n\x1b[2Jb"\n')
    assert result.exit_code == 1
    [line] = result.stdout.splitlines()
    assert "\x1b" not in line


def test_warnings_are_told_as_such(run):
    result = run("import-phones", "-", given="mac\nA00000000001\n")
    assert result.exit_code == 0
    assert result.stdout.startswith("row 2, column mac: warning: No vendor is known")


def test_create_only_refuses_what_is_there(run, file):
    run("import-phones", file(PHONES))
    result = run("import-phones", file(PHONES), "--create-only")
    assert result.exit_code == 1
    assert f"row 2, column mac: {MAC} is registered already." in result.stdout


def test_a_report_can_be_read_by_a_program(run):
    result = run("import-phones", "-", "--json", given=f"{PHONES}A00000000001;no\n")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [row.get("kind") for row in rows] == ["error", "warning", None, None, None]
    assert (rows[0]["row"], rows[0]["column"]) == (4, "model")
    assert rows[2] == {"row": 2, "action": "create", "subject": MAC, "changes": ["model"]}
    assert rows[4]["action"] == "error"


def test_users_and_keys_are_imported_too(run, settings):
    assert run("import-users", "-", given="name,extension\nada,201\n").exit_code == 0
    assert run("import-phones", "-", given=f"mac,user\n{MAC},ada\n").exit_code == 0
    keys = f"mac,kind,position,type,person\n{MAC},linekey,3,blf,ada\n"
    result = run("import-keys", "-", given=keys)
    assert result.stdout == f"row 2: create {MAC} linekey 3  type, value, label, person\n"
    open_database(settings.state / "provisioning.sqlite")
    assert Phone.get().variables["linekey_person_3"] == "ada"
    assert {change.actor for change in Change.select() if change.kind != "account"} >= {
        "command line"
    }


@pytest.mark.parametrize("kind", ["phones", "users", "keys"])
def test_what_is_exported_can_be_imported_again(run, kind):
    run("import-users", "-", given="name,extension\nada,201\n")
    run("import-phones", "-", given=f"mac,user\n{MAC},ada\n")
    run("import-keys", "-", given=f"mac,kind,position,type\n{MAC},linekey,3,\n")
    exported = run(f"export-{kind}")
    assert exported.exit_code == 0
    result = run(f"import-{kind}", "-", given=exported.stdout_bytes)
    assert result.stderr == "Nothing was written. 1 unchanged\n"


def test_secrets_are_exported_only_when_asked_for(run):
    run("import-phones", "-", given=f"mac,set:adminpw,set:language\n{MAC},s3cret,it\n")

    def columns(*options: str) -> list[str]:
        text = run("export-phones", *options).stdout_bytes.decode("utf-8-sig")
        return next(csv.reader(io.StringIO(text)))[11:]

    assert columns() == []
    assert columns("--settings") == ["set:language"]
    assert columns("--secrets") == ["set:adminpw", "set:language"]


def test_a_file_that_is_missing_is_a_wrong_call(run, tmp_path):
    assert run("import-phones", str(tmp_path / "missing.csv")).exit_code == 2
    assert run("import-phones").exit_code == 2
