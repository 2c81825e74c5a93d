"""``provisioning lint``, as an administrator types it."""

import json

import pytest
from click.testing import CliRunner

from provisioning.cli import main
from provisioning.engine.mac import MacAddress
from provisioning.services import models, phones
from provisioning.store.database import database

MAC = "00-15-65-AA-BB-01"
OTHER = "00-15-65-AA-BB-02"


@pytest.fixture
def environment(settings, site):
    """Of a site with a clean phone, and a model and a phone with something to tell."""
    phones.create(site, MacAddress.parse(MAC), model="yealink-T46", by="tests")
    variables = {"linekey_type_9": "blf", "logo_text": "two\nlines"}
    phones.create(
        site, MacAddress.parse(OTHER), model="yealink-T19", variables=variables, by="tests"
    )
    models.change(site, "snom-D785", variables={"logo_text": "Example"}, by="tests")
    database.close()
    yield {"PROVISIONING_STATE": str(settings.state)}
    database.close()


@pytest.fixture
def run(environment):
    return lambda *arguments: CliRunner().invoke(main, ["lint", *arguments], env=environment)


def test_everything_is_looked_through_without_a_name(run):
    result = run()
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["snom-D785", "no_effect"],
        [OTHER, "no_effect"],
        [OTHER, "no_such_key"],
    ]
    assert "logo_text='two\\nlines': the template" in lines[1]
    assert lines[2].endswith("linekey_type_9='blf': the model has 0 such keys")


def test_only_what_is_named_is_looked_through(run):
    assert run("snom-D785").stdout.startswith("snom-D785  no_effect  logo_text='Example'")
    assert len(run("0015.65aa.bb02", "snom-D785").stdout.splitlines()) == 3


def test_nothing_to_tell_is_success_without_a_word(run):
    result = run(MAC, "yealink-T46")
    assert (result.exit_code, result.stdout) == (0, "")


def test_each_finding_is_a_json_object(run):
    result = run("--json", OTHER)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert {(row["subject"], row["code"], row["setting"]) for row in rows} == {
        (OTHER, "no_effect", "logo_text"),
        (OTHER, "no_such_key", "linekey_type_9"),
    }
    assert set(rows[0]) == {"subject", "code", "setting", "value", "detail"}


@pytest.mark.parametrize("name", ["yealink-T999", "00-15-65-AA-BB-99"])
def test_what_is_not_there_is_refused_with_a_sentence(run, name):
    result = run(name)
    assert result.exit_code == 1
    assert f"There is no {'phone' if '65' in name else 'model'} '{name}'." in result.stderr
