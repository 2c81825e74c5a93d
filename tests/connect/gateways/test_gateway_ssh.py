"""Uploads over ssh: the real sshd, the real ssh client, and which key is trusted."""

import dataclasses
import subprocess
import threading

import pytest
from uploading import HT801, HURRIED, TRINITY, ht801, put, target, trinity

from gateway_entries import LIBRARY
from peers.gateways import clients_left, need_sshd, running
from provisioning.connect.gateways.clients import Shell, connection, fingerprint, meaning
from provisioning.connect.gateways.outcomes import Outcome
from provisioning.engine.gateways.dialogue import ShellAccess

OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJeVuVcEAlr2wDEYz7LUwcchnkdlGsSNUg7gcUbjC7w5"
PATIENT = dataclasses.replace(HURRIED, login=10)


@pytest.fixture(autouse=True)
def _no_client_is_left_behind():
    yield
    assert clients_left() == []


def put_over_ssh(unit, model, **options):
    options = {"target": target(unit, kind="ssh"), "patience": PATIENT} | options
    return put(unit, model, changes={"shell": "ssh"}, **options)


@pytest.mark.parametrize(("make", "model"), [(trinity, TRINITY), (ht801, HT801)])
def test_a_gateway_is_configured_over_ssh_and_its_key_is_told(make, model):
    with running(make(telnet=False, ssh=True)) as unit:
        result = put_over_ssh(unit, model)

        assert (result.outcome, result.device) == ("done", "changed")
        assert result.host_key == unit.host_key
        assert "old-secret" not in str(result.transcript)

        again = put_over_ssh(unit, model, target=result_target(unit), host_key=result.host_key)
        assert (again.outcome, again.host_key) == ("done", unit.host_key)


def result_target(unit):
    return target(unit, "192.168.5.41", "NewPassword1", "ssh")


def test_a_gateway_that_is_found_by_telnet_is_confirmed_by_ssh():
    """The configuration shuts telnet down, so the new connection must be the other one."""
    need_sshd()
    with running(trinity()) as unit:
        result = put(unit, TRINITY, changes={"shell": "ssh"}, patience=PATIENT)

        assert (result.outcome, result.device) == ("done", "changed")
        assert result.host_key == unit.host_key
        assert not unit.state()["telnet"]


def test_a_key_that_has_changed_is_refused_before_a_password_is_sent():
    with running(trinity(telnet=False, ssh=True)) as unit:
        result = put_over_ssh(unit, TRINITY, host_key=OTHER_KEY)

        assert (result.outcome, result.device) == ("host_key_changed", "unchanged")
        assert "Host key verification failed" in result.words
        assert not [line for line in result.transcript if line.kind == "sent"]
        assert result.host_key == OTHER_KEY


def test_a_key_that_changes_over_the_restart_is_refused():
    """Another unit has taken the new address."""
    with running(trinity(telnet=False, ssh=True, changes_key=True)) as unit:
        result = put_over_ssh(unit, TRINITY)
        assert (result.outcome, result.phase) == ("host_key_changed", "return")


def test_a_wrong_password_over_ssh_is_tried_once():
    with running(ht801(telnet=False, ssh=True)) as unit:
        wrong = target(unit, password="wrong", kind="ssh")
        result = put_over_ssh(unit, HT801, target=wrong)

        assert (result.outcome, result.device) == ("wrong_password", "unchanged")
        assert "Permission denied" in result.words
        log = (unit.folder / "sshd.log").read_text()
        assert log.count("Failed password") == 1


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("ssh: connect to host 192.0.2.1 port 22: Connection timed out", Outcome.UNREACHABLE),
        ("Unable to negotiate with 192.0.2.1 port 22: no matching key exchange method found.",
         Outcome.UNREACHABLE),
        ("telnet: Unable to connect to remote host: No route to host", Outcome.UNREACHABLE),
        ("admin@192.0.2.1: Permission denied (publickey,password).", Outcome.WRONG_PASSWORD),
        ("Permission denied, please try again", None),
        ("Connection closed by foreign host.", None),
    ],
)  # fmt: skip
def test_the_clients_own_words_are_understood(words, outcome):
    assert meaning(words) == outcome


def test_a_fingerprint_is_what_ssh_shows():
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", "-"], input=OTHER_KEY, text=True, capture_output=True, check=True
    ).stdout
    assert fingerprint(OTHER_KEY) in shown.split()
    with pytest.raises(ValueError, match="not an ssh key"):
        fingerprint("ssh-ed25519 ***")


@pytest.mark.parametrize(
    ("user", "key"),
    [("-oProxyCommand=x", None), ("a b", None), ("", None), ("admin", "x\ngateway ssh-rsa AAAA"),
     ("admin", "")],
)  # fmt: skip
def test_no_user_and_no_key_can_be_an_option_or_a_second_line(user, key):
    with (
        pytest.raises(ValueError, match=r"not .* ssh"),
        connection(
            Shell("ssh", "127.0.0.1", 9), ShellAccess("ssh", 9, ()), user, host_key=key,
            connect_seconds=1, cancelled=threading.Event(),
        ),
    ):  # fmt: skip
        pass


def test_the_default_ports_are_the_brands():
    shells = LIBRARY.brands["patton"].dialogue.shells
    assert str(Shell.at(shells["ssh"], "192.0.2.1")) == "192.0.2.1:22 (ssh)"
    assert str(Shell.at(shells["telnet"], "192.0.2.1")) == "192.0.2.1:23 (telnet)"
