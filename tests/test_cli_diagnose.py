"""``provisioning diagnose``, as an administrator types it."""

import json
import time

import pytest
from click.testing import CliRunner

from provisioning.cli import main
from provisioning.engine.mac import MacAddress
from provisioning.services import phones
from provisioning.store import device_requests
from provisioning.store.database import database

MAC = "00-15-65-AA-BB-01"
FINE = "00-15-65-AA-BB-02"


@pytest.fixture
def run(settings, site):
    """Of a site with a phone that never asked, and one that fetches and belongs to somebody."""
    found = {"PROVISIONING_STATE": str(settings.state)}
    phones.create(site, MacAddress.parse(MAC), model="yealink-T46", by="tests")
    account = {"account_username_1": "201"}
    made = phones.create(
        site, MacAddress.parse(FINE), model="yealink-T46", variables=account, by="tests"
    )
    texts = dict.fromkeys(("user_agent", "vendor", "model", "firmware"), "")
    file = {"file": f"{made.mac.bare}.cfg", "method": "GET", "status": 200, "reason": None}
    heard = {"at": time.time() + 1, "phone": FINE, "access": "tok2", "address": "192.0.2.17"}
    device_requests.write([{**texts, **file, **heard, "outcome": "served"}])
    database.close()
    yield lambda *arguments: CliRunner().invoke(main, ["diagnose", *arguments], env=found)
    database.close()


def test_each_step_is_a_line_and_the_next_step_comes_last(run):
    result = run(MAC)

    assert result.exit_code == 1
    *steps, blank, last = result.stdout.splitlines()
    assert [line.split()[0] for line in steps] == [
        "ok", "ok", "unknown", "problem", "ok", "not_applicable", "problem", "not_applicable",
        "not_applicable", "unknown",
    ]  # fmt: skip
    assert steps[0] == "ok              Address and vendor: 00:15:65:AA:BB:01 belongs to Yealink."
    assert blank == ""
    assert last.startswith("Next: Connect the phone and switch it on;")


def test_without_a_problem_it_succeeds(run):
    result = run(FINE)
    assert result.exit_code == 0, result.output
    assert "Next:" not in result.stdout


def test_an_address_that_is_not_registered_is_told_how_to_register(run):
    result = run("0015.65aa.bb99")
    assert result.exit_code == 1
    assert "Next: Register 00:15:65:AA:BB:99 and choose its model." in result.stdout


def test_the_whole_diagnosis_is_a_json_object(run):
    result = run("--json", MAC)
    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert found["mac"] == MAC
    assert found["steps"][3]["finding"] == "never_asked_options"
    assert found["next_step"]["sentence"]["it"].startswith("Collega il telefono")


def test_what_is_no_address_is_refused_with_a_sentence(run):
    result = run("reception")
    assert result.exit_code == 2
    assert "'reception' is not a MAC address" in result.stderr
