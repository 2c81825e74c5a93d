"""The command ``provisioning``, as an administrator types it."""

import json
import re

import pytest
from click.testing import CliRunner, Result

from provisioning.cli import main
from provisioning.services import accounts
from provisioning.services.errors import SignInRefused
from provisioning.store.database import database, open_database
from provisioning.store.tables import Phone


@pytest.fixture
def state(settings):
    yield settings.state
    if database.obj is not None:  # --help opens none
        database.close()


@pytest.fixture
def run(state):
    """Run the command on the state directory of a fresh site."""

    def command(*arguments: str, **environment: str) -> Result:
        variables = {"STATE": str(state), "ADMIN_PASSWORD": "first-password", **environment}
        result = CliRunner().invoke(
            main, arguments, env={f"PROVISIONING_{n}": v for n, v in variables.items()}
        )
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return command


def reopen(state) -> None:
    open_database(state / "provisioning.sqlite")


def test_a_token_is_printed_once_and_opens(run, state):
    result = run("token", "create", "nethvoice")

    assert result.exit_code == 0
    token = result.stdout.strip()
    assert re.fullmatch(r"[\w-]{40,}", token)
    reopen(state)
    assert accounts.holder(token).name == "nethvoice"
    assert token not in run("token", "list").output


def test_tokens_are_listed_with_their_beginning(run):
    run("token", "create", "wizard")
    run("token", "create", "nethvoice")

    result = run("token", "list")

    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert [name for name, _ in lines] == ["nethvoice", "wizard"]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", at) for _, at in lines)


def test_a_revoked_token_opens_nothing(run, state):
    token = run("token", "create", "nethvoice").stdout.strip()

    assert run("token", "revoke", "nethvoice").exit_code == 0

    reopen(state)
    assert accounts.holder(token) is None
    assert run("token", "list").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("token", "revoke", "nobody"), "There is no service token 'nobody'."),
        (("token", "create", "a b"), "'a b' cannot be a token name; allowed: letters"),
    ],
)
def test_a_refusal_is_a_sentence_and_not_a_traceback(run, arguments, told):
    result = run(*arguments)

    assert result.exit_code == 1
    assert f"Error: {told}" in result.stderr
    assert "Traceback" not in result.output


def test_a_name_is_taken_once(run):
    run("token", "create", "nethvoice")

    result = run("token", "create", "nethvoice")

    assert result.exit_code == 1
    assert "exists already" in result.stderr


def test_a_new_password_signs_in_and_the_old_one_does_not(run, state):
    run("token", "list")

    assert run("set-password", "--password", "second").exit_code == 0

    reopen(state)
    assert accounts.sign_in("admin", "second")
    with pytest.raises(SignInRefused):
        accounts.sign_in("admin", "first-password")


def test_a_password_for_another_account_makes_it(run, state):
    run("set-password", "anna", "--password", "hers")

    reopen(state)
    assert accounts.sign_in("anna", "hers")


def test_a_password_is_asked_for_twice_and_not_shown(run, state):
    runner = CliRunner()
    env = {"PROVISIONING_STATE": str(state), "PROVISIONING_ADMIN_PASSWORD": "first"}

    different = runner.invoke(main, ["set-password"], env=env, input="one\ntwo\n")
    same = runner.invoke(main, ["set-password"], env=env, input="typed\ntyped\n")

    assert different.exit_code != 0
    assert same.exit_code == 0
    assert "typed" not in same.output


@pytest.mark.parametrize("arguments", [("token", "create", "x"), ("token", "list")])
def test_the_first_command_on_a_fresh_site_tells_the_password_it_made_up(run, tmp_path, arguments):
    """Else nobody could sign in."""
    state = tmp_path / "new"
    first = run(*arguments, STATE=str(state), ADMIN_PASSWORD="")
    again = run("token", "list", STATE=str(state), ADMIN_PASSWORD="")

    told = re.search(r"First account: admin, password: (\S+)", first.stderr)
    reopen(state)
    assert accounts.sign_in("admin", told.group(1))
    assert "password" not in again.output
    assert "password" not in first.stdout


@pytest.fixture
def data(tmp_path):
    """A small data directory of Tancredi."""
    folder = tmp_path / "tancredi"
    (folder / "scopes").mkdir(parents=True)
    for name in ("tokens", "first_access_tokens"):
        (folder / name).mkdir()
    (folder / "scopes" / "00-15-65-AA-BB-01.ini").write_text(
        '[metadata]\nscopeType = "phone"\ninheritFrom = "yealink-T46"\n'
        'displayName = "Reception"\n[data]\naccount_username_1 = "201"\n'
    )
    (folder / "tokens" / ("a" * 32)).write_text("00-15-65-AA-BB-01")
    return folder


def test_an_import_can_be_tried_without_writing_anything(run, state, data):
    result = run("import-tancredi", str(data), "--dry-run")

    assert result.exit_code == 0
    assert "Nothing was written." in result.stderr
    assert re.search(r"^create +phone +00-15-65-AA-BB-01", result.stdout, re.MULTILINE)
    reopen(state)
    assert Phone.select().count() == 0


def test_an_import_is_reported_and_may_be_repeated(run, state, data):
    first = run("import-tancredi", str(data))
    again = run("import-tancredi", str(data))

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert re.search(r"^create +phone +00-15-65-AA-BB-01", first.stdout, re.MULTILINE)
    assert re.search(r"^unchanged +phone +00-15-65-AA-BB-01", again.stdout, re.MULTILINE)
    reopen(state)
    assert Phone.select().count() == 1


def test_a_report_can_be_read_by_a_program(run, data):
    result = run("import-tancredi", str(data), "--dry-run", "--json")

    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert ("create", "phone", "00-15-65-AA-BB-01") in [
        (row["action"], row["kind"], row["name"]) for row in rows
    ]


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_what_is_no_data_directory_is_refused(run, tmp_path, options):
    (tmp_path / "empty").mkdir()

    result = run("import-tancredi", str(tmp_path / "empty"), *options)

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ") or "\nError: " in result.stderr
    assert "Traceback" not in result.output


def test_a_directory_that_is_missing_is_a_wrong_call(run, tmp_path):
    assert run("import-tancredi", str(tmp_path / "missing")).exit_code == 2
    assert run("import-tancredi").exit_code == 2


@pytest.mark.parametrize("arguments", [("web",), ("run",), ("token", "list")])
@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("LISTEN", "8080", "an address and a port, e.g. 127.0.0.1:8080"),
        ("TANCREDI_API", "maybe", "one of token, trusted, off"),
        ("TRUSTED_NETWORKS", "here", "addresses and networks, comma between"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_with_what_is_allowed(
    run, tmp_path, arguments, name, value, allowed
):
    state = tmp_path / "new"
    result = run(*arguments, **{"STATE": str(state), name: value})

    assert result.exit_code == 1
    assert f"PROVISIONING_{name} is {value!r}; it must be {allowed}" in result.stderr
    assert not state.exists()


def test_the_help_says_what_each_command_does(run):
    result = run("--help")

    assert result.exit_code == 0
    for name in main.commands:
        assert re.search(rf"^  {name}  +[A-Z]\w+", result.stdout, re.MULTILINE), name


def test_the_version_is_that_of_the_package(run):
    from importlib.metadata import version

    assert version("ns8-provisioning") in run("--version").stdout
