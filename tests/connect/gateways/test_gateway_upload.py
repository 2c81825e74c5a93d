"""Uploads to simulated gateways behind the real telnetd and the real telnet client."""

import dataclasses
import re
import socket
import threading
import time

import pytest
from uploading import (
    HT801,
    HURRIED,
    IMPATIENT,
    TRINITY,
    configuration,
    ht801,
    load,
    nobody,
    put,
    target,
    trinity,
)

from gateway_entries import LIBRARY, RENDERER
from peers.gateways import clients_left, running
from provisioning.connect.gateways.clients import Shell
from provisioning.connect.gateways.outcomes import DeviceState, Outcome
from provisioning.connect.gateways.session import Credentials
from provisioning.connect.gateways.terminal import ProgramMissing
from provisioning.connect.gateways.upload import upload
from provisioning.engine.gateways.commands import Load

COPY = "copy tftp:"
STORE = "copy config:tmp-config startup-config"


@pytest.fixture(autouse=True)
def _no_client_is_left_behind():
    yield
    assert clients_left() == []


def typed(result) -> list[str]:
    return [line.text for line in result.transcript if line.kind == "sent"]


def check_is_told_without_secrets(result) -> None:
    shown = str((result.transcript, result.words, result.differences, result.warnings))
    for secret in ("old-secret", "NewPassword1", "Secretxxxxx", "OldSecret"):
        assert secret not in shown
        assert secret not in repr(result)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)


def check_was_told_in_time(result) -> None:
    """No longer after the last thing that was said than a gateway may take for an answer."""
    assert result.seconds - result.transcript[-1].seconds < HURRIED.command


# Success


def test_a_trinity_is_configured_restarted_and_read_back():
    with running(trinity()) as unit:
        result = put(unit, TRINITY)

        assert (result.outcome, result.phase, result.device) == ("done", "confirm", "changed")
        assert (result.words, result.differences, result.warnings) == ("", (), ())
        assert typed(result) == [
            "administrator", "********", "enable", "show version", "show running-config",
            "copy startup-config config:before-upload",
            typed(result)[6], STORE, "reload", "yes",
            "administrator", "********", "enable", "show version", "show running-config", "exit",
        ]  # fmt: skip
        assert re.fullmatch(r"copy tftp://127\.0\.0\.1:\d+/\*+ config:tmp-config", typed(result)[6])
        assert result.identity.mac.bare == "00a0ba11a2b3"
        assert result.identity.firmware == "3.18-SIM"
        assert "OldSecret" in result.old_configuration
        held = unit.state()["configurations"]["running-config"]
        assert held == RENDERER.render(configuration(TRINITY), "script").decode()
        assert unit.restarts == 1
        check_is_told_without_secrets(result)


def test_a_grandstream_is_configured_parameter_by_parameter():
    """All parameters that matter are set, and no others."""
    with running(ht801()) as unit:
        result = put(unit, HT801)

        assert (result.outcome, result.device, result.warnings) == ("done", "changed", ())
        wanted = {p.number: p.value for p in RENDERER.parameters(configuration(HT801))}
        held = unit.state()["values"]
        assert {n: held[str(n)] for n in wanted} == wanted
        assert held["P730"] == "untouched"
        assert "P47=old.example.org\n" in result.old_configuration
        assert "P34=" not in result.old_configuration
        assert unit.commands().count("commit") == 1
        check_is_told_without_secrets(result)


def test_a_grandstream_is_told_where_to_fetch_its_file():
    """What it does after that is proved by the file that it fetches."""
    gateway = configuration(HT801, provisioning_url="https://pbx.example.org/provisioning/t0ken")
    pointer = Load(gateway, parameters=RENDERER.parameters(gateway, "pointer"))
    with running(ht801()) as unit:
        result = upload(pointer, target(unit), None, library=LIBRARY, patience=HURRIED)

        assert (result.outcome, result.phase, result.device) == ("done", "reboot", "changed")
        held = unit.state()["values"]
        assert (held["237"], held["212"]) == ("pbx.example.org/provisioning/t0ken", "2")
        assert held["47"] == "old.example.org"
        assert "t0ken" not in str(result.transcript)


@pytest.mark.parametrize(
    "changes",
    [
        {"garbage": True},
        {"pager": True},
        {"masks_secrets": True},
        {"slow": 0.003},
        {"reload": "two questions"},
        {"reload": "no question"},
        {"reload": "no words"},
        {"login": ("administrator", "")},
        {"model": "SN4141/4BIS4V/EUI"},
    ],
    ids=str,
)
def test_a_trinity_may_speak_differently(changes):
    """Pagers, escapes, questions answered by what they ask."""
    with running(trinity(**changes)) as unit:
        result = put(unit, TRINITY)

        assert (result.outcome, result.device) == ("done", "changed")
        held = unit.state()["configurations"]
        assert held["startup-config"] == held["running-config"] != unit.script
        check_is_told_without_secrets(result)


@pytest.mark.parametrize(
    "changes",
    [{"garbage": True}, {"asks_user": True}, {"reads": False}, {"slow": 0.003}],
    ids=str,
)
def test_a_grandstream_may_speak_differently(changes):
    with running(ht801(**changes)) as unit:
        result = put(unit, HT801)

        assert (result.outcome, result.device) == ("done", "changed")
        assert unit.state()["values"]["47"] == "pbx.example.org"
        check_is_told_without_secrets(result)


def test_a_unit_whose_name_is_not_known_is_told():
    with running(trinity(model="SN4141/4BIS4V/EUI")) as unit:
        result = put(unit, TRINITY)
    [warning] = result.warnings
    assert warning == "the unit calls itself SN4141/4BIS4V/EUI; its address is right"


def test_old_firmware_is_told():
    with running(ht801(firmware="1.0.27.2")) as unit:
        result = put(unit, HT801)
    assert result.outcome == "done"
    assert result.warnings == ("the firmware 1.0.27.2 has known holes; install a newer one",)


def test_each_step_is_told_while_it_happens():
    seen = []
    with running(trinity()) as unit:
        result = put(unit, TRINITY, progress=lambda line: seen.append((line, unit.restarts)))

    assert tuple(line for line, _ in seen) == result.transcript
    assert list(dict.fromkeys(line.phase for line, _ in seen)) == [
        "log_in", "identify", "save_old", "load", "save", "reboot", "return", "confirm",
    ]  # fmt: skip
    assert [restarts for line, restarts in seen if line.text == STORE] == [0]
    assert [line.seconds for line, _ in seen] == sorted(line.seconds for line, _ in seen)


# Failures before anything is stored


@pytest.mark.parametrize(("unit", "model"), [(trinity(), TRINITY), (ht801(), HT801)])
def test_a_wrong_password_is_tried_once(unit, model):
    """A second attempt could lock the gateway."""
    with running(unit) as unit:
        result = put(unit, model, target=target(unit, password="wrong"))

        assert (result.outcome, result.device) == ("wrong_password", "unchanged")
        assert re.search("Authentication failed!|Permission denied", result.words)
        assert typed(result).count("********") == 1
        assert unit.commands() == []
        assert unit.state()["attempts"] == (1 if model == HT801 else 0)
        check_was_told_in_time(result)
        assert "wrong" not in str(result.transcript)


def test_a_bare_second_question_means_a_wrong_password():
    with running(ht801(bare_prompt=True)) as unit:
        result = put(unit, HT801, target=target(unit, password="wrong"))
    assert result.outcome == "wrong_password"


def test_a_grandstream_that_closes_at_once_has_locked_itself():
    with running(ht801(attempts=5)) as unit:
        result = put(unit, HT801)
    assert (result.outcome, result.device) == ("locked_out", "unchanged")


@pytest.mark.parametrize(
    ("unit", "model"),
    [
        (trinity(model="SIM-2BRI"), TRINITY),
        (trinity(mac="00A0BA999999"), TRINITY),
        (ht801(model="HT802"), HT801),
        (ht801(model="HT841"), HT801),
        (ht801(mac="C0:74:AD:99:99:99"), HT801),
    ],
    ids=["model", "address", "model of Grandstream", "unknown", "address of Grandstream"],
)
def test_another_unit_is_left_alone(unit, model):
    """NethVoice's upload did not look which gateway has the address by now."""
    with running(unit) as unit:
        result = put(unit, model)

        assert (result.outcome, result.phase, result.device) == (
            "wrong_model", "identify", "unchanged",
        )  # fmt: skip
        assert unit.model in result.words
        assert not [c for c in unit.commands() if c.startswith(("copy", "set", "config"))]


@pytest.mark.parametrize(
    ("unit", "model", "outcome", "words"),
    [
        (trinity(fault=("answer", COPY, "% Unrecognized command")), TRINITY,
         "unknown_command", "% Unrecognized command"),
        (trinity(fault=("answer", COPY, "% Line 17: invalid value")), TRINITY,
         "refused_value", "% Line 17: invalid value"),
        (trinity(fault=("answer", COPY, "% Transfer failed: file not found")), TRINITY,
         "transfer_failed", "% Transfer failed: file not found"),
        (trinity(fault=("answer", COPY, "Transferred 4096 bytes")), TRINITY,
         "transfer_failed", "Transferred 4096 bytes"),
        (trinity(fault=("answer", COPY, "")), TRINITY,
         "transfer_failed", "the file was not fetched to its end"),
        (trinity(cut=4096), TRINITY, "transfer_failed", "Transferred 4096 bytes"),
        (ht801(fault=("answer", "set 4200", "Invalid parameter")), HT801,
         "refused_value", "Invalid parameter"),
        (ht801(fault=("answer", "set 4200", "4200 = {x+}")), HT801,
         "refused_value", "4200 = {x+}"),
        (ht801(fault=("answer", "set 4200", "Invalid command")), HT801,
         "unknown_command", "Invalid command"),
    ],
)  # fmt: skip
def test_a_line_that_is_refused_ends_the_upload_and_changes_nothing(unit, model, outcome, words):
    before = unit.script, dict(unit.values)
    with running(unit) as unit:
        result = put(unit, model)
        state = unit.state()

        assert (result.outcome, result.phase) == (outcome, "load")
        assert (result.words, result.device) == (words, "unchanged")
        assert (state["configurations"]["startup-config"], state["values"]) == before
        assert "commit" not in unit.commands()
        assert unit.commands()[-1] == "exit"
        assert unit.restarts == 0


def test_a_grandstream_that_does_not_keep_a_value_is_left_without_commit():
    with running(ht801(forgets="4200")) as unit:
        result = put(unit, HT801)

        assert (result.outcome, result.phase, result.device) == (
            "verify_failed", "verify", "unchanged",
        )  # fmt: skip
        assert result.differences == ("P4200",)
        assert "commit" not in unit.commands()
        assert unit.state()["values"]["47"] == "old.example.org"


@pytest.mark.parametrize(
    ("unit", "model", "phase"),
    [
        (trinity(fault=("hang", "show version", "")), TRINITY, "identify"),
        (trinity(fault=("hang", COPY, "Transferred 40")), TRINITY, "load"),
        (ht801(fault=("hang", "set 47", "")), HT801, "load"),
    ],
)
def test_a_gateway_that_falls_silent_is_given_up_in_time(unit, model, phase):
    with running(unit) as unit:
        began = time.monotonic()
        result = put(unit, model, patience=IMPATIENT)

        assert (result.outcome, result.phase, result.device) == ("no_prompt", phase, "unchanged")
        assert ("Transferred 40" in result.words) == (unit.fault[2] != "")
        assert result.seconds < time.monotonic() - began + 0.1 < 5
        assert unit.restarts == 0


@pytest.mark.parametrize(
    ("unit", "model"), [(trinity(slow=1.0), TRINITY), (ht801(slow=1.0), HT801)]
)
def test_a_gateway_that_is_slower_than_its_time_out_is_given_up_in_time(unit, model):
    with running(unit) as unit:
        result = put(unit, model, patience=dataclasses.replace(IMPATIENT, login=0.4))

        assert (result.outcome, result.phase, result.device) == (
            "no_prompt", "log_in", "unchanged",
        )  # fmt: skip
        assert result.seconds < 5
        assert unit.commands() == []
        assert unit.restarts == 0


@pytest.mark.parametrize(
    ("unit", "model"),
    [
        (trinity(fault=("drop", COPY, "Transf")), TRINITY),
        (ht801(fault=("drop", "set 47", "4")), HT801),
    ],
)
def test_a_connection_that_is_lost_is_told(unit, model):
    with running(unit) as unit:
        result = put(unit, model)

        assert (result.outcome, result.phase, result.device) == (
            "connection_lost", "load", "unchanged",
        )  # fmt: skip
        assert "Connection closed by foreign host" in result.words
        check_was_told_in_time(result)


def test_a_gateway_that_writes_without_end_fills_no_memory():
    with running(trinity(fault=("flood", "show version", ""))) as unit:
        result = put(unit, TRINITY)

    assert (result.outcome, result.device) == ("no_prompt", "unchanged")
    assert sum(len(line.text) for line in result.transcript) < 20_000
    assert len(result.words) < 400


def test_nobody_there_is_told_at_once():
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with load(configuration(TRINITY), "127.0.0.1") as (what, _):
        result = upload(what, nobody(port), None, library=LIBRARY, patience=HURRIED)

    assert (result.outcome, result.device) == ("unreachable", "unchanged")
    assert "Connection refused" in result.words


def test_a_peer_that_never_speaks_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = nobody(silent.getsockname()[1])
        patience = dataclasses.replace(HURRIED, login=0.3)
        with load(configuration(TRINITY), "127.0.0.1") as (what, _):
            result = upload(what, mute, None, library=LIBRARY, patience=patience)
    assert result.outcome == "no_prompt"


def test_a_gateway_that_asks_before_anything_is_negotiated_is_answered():
    """A prompt may come in the same packet as the connection."""
    heard = []

    def talk(server):
        link, _ = server.accept()
        with link:
            for text in (b"login: ", b"Password: ", b"192.168.5.40> "):
                link.sendall(text)
                heard.append(link.recv(1000).strip())

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=talk, args=(server,))
        thread.start()
        with load(configuration(TRINITY), "127.0.0.1") as (what, _):
            at = nobody(server.getsockname()[1])
            result = upload(what, at, None, library=LIBRARY, patience=HURRIED)
        thread.join()

    assert heard == [b"administrator", b"old-secret", b"enable"]
    assert (result.outcome, result.device) == ("connection_lost", "unchanged")
    assert "old-secret" not in str(result.transcript)  # where the client echoed it


# Failures after something was stored


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (("answer", STORE, "% Error: flash is full"), "refused_value"),
        (("drop", STORE, ""), "connection_lost"),
        (("hang", STORE, ""), "no_prompt"),
    ],
)
def test_a_trinity_that_fails_while_storing_gets_its_old_configuration_back(fault, outcome):
    """Startup may be half written: it is put back before any restart."""
    with running(trinity(fault=fault)) as unit:
        result = put(unit, TRINITY, patience=dataclasses.replace(HURRIED, save=0.6))

        assert (result.outcome, result.phase, result.device) == (outcome, "save", "restored")
        assert unit.commands()[-2:] == ["copy config:before-upload startup-config", "exit"]
        assert unit.state()["configurations"]["startup-config"] == unit.script
        assert unit.restarts == 0


@pytest.mark.parametrize(
    "changes", [{"reload": "refused"}, {"fault": ("answer", "reload", "% No")}]
)
def test_a_trinity_that_does_not_restart_gets_its_old_configuration_back(changes):
    with running(trinity(**changes)) as unit:
        result = put(unit, TRINITY)

        assert (result.outcome, result.phase, result.device) == (
            "reboot_refused", "reboot", "restored",
        )  # fmt: skip
        assert result.words.splitlines()[-1] in ("Reload cancelled", "% No")
        assert unit.state()["configurations"]["startup-config"] == unit.script


def test_without_a_copy_of_the_old_configuration_it_cannot_be_restored():
    refused = trinity(fault=("answer", "copy startup-config", "% Unrecognized command"))
    with running(refused) as unit:
        result = put(unit, TRINITY)
        assert (result.outcome, result.device) == ("done", "changed")
        assert "copy startup-config config:before-upload" in result.warnings[0]

    refused = trinity(fault=("answer", "copy startup-config", "% No"), reload="refused")
    with running(refused) as unit:
        result = put(unit, TRINITY)
        assert (result.outcome, result.device) == ("reboot_refused", "unknown")
        assert "could not be restored" in result.warnings[-1]


@pytest.mark.parametrize(("unit", "model"), [(trinity(), TRINITY), (ht801(), HT801)])
def test_a_gateway_that_does_not_come_back_is_given_up_in_time(unit, model):
    unit.returns = False
    with running(unit) as unit:
        result = put(unit, model, patience=dataclasses.replace(HURRIED, back=0.5))

    assert (result.outcome, result.phase) == ("not_back_after_reboot", "return")
    assert result.device == "unknown"
    assert "Connection refused" in result.words
    check_was_told_in_time(result)


def test_a_gateway_that_keeps_its_old_address_is_not_back():
    with running(trinity(ignores_new_address=True)) as unit:
        result = put(unit, TRINITY, patience=dataclasses.replace(HURRIED, back=0.5))
    assert result.outcome == "not_back_after_reboot"


def test_a_gateway_that_takes_its_time_is_waited_for():
    with running(trinity(boot_seconds=1.0)) as unit:
        result = put(unit, TRINITY)
    assert result.outcome == "done"
    assert [line.text for line in result.transcript].count("enable") == 2


def test_a_gateway_that_comes_back_with_another_password_is_told():
    with running(trinity()) as unit:
        after = target(unit, "192.168.5.41", "another")
        result = put(unit, TRINITY, then=after)
    assert (result.outcome, result.phase, result.device) == ("wrong_password", "return", "changed")


def test_a_trinity_with_an_old_route_left_gets_its_old_configuration_back():
    """Objects of the old configuration may be merged into the new one (not established)."""
    stale = "cli version 4.00\ncontext cs SWITCH\n  routing-table x\n    route 20990.% gone\n"
    fault = ("answer", "show running-config", stale)
    with running(trinity(fault=fault)) as unit:
        result = put(unit, TRINITY)

        assert (result.outcome, result.phase, result.device) == (
            "verify_failed", "confirm", "restored",
        )  # fmt: skip
        assert "+ context cs SWITCH / routing-table x / route 20990.% gone" in result.differences
        held = unit.state()
        assert held["configurations"]["running-config"] == unit.script
        assert unit.restarts == 2


def test_a_grandstream_that_forgot_a_value_over_its_restart_gets_the_old_ones_back():
    """Passwords are not told, so those of its ports stay new; the one that let us in is known."""
    with running(ht801()) as unit:
        forgotten = threading.Event()

        def forget(line):
            if line.phase == "return" and not forgotten.is_set():
                forgotten.set()
                spec = unit.folder / "spec.json"
                spec.write_text(spec.read_text().replace('"forgets": ""', '"forgets": "4200"'))

        # What it tells before its restart is what it was given.
        result = put(unit, HT801, progress=forget)
        held = unit.state()

    assert (result.outcome, result.phase) == ("verify_failed", "confirm")
    assert result.device == DeviceState.PARTLY_RESTORED
    assert (held["values"]["47"], held["values"]["8"]) == ("old.example.org", "0")
    assert held["login"] == ["admin", "old-secret"]
    assert unit.restarts == 2
    check_is_told_without_secrets(result)


# Being stopped


@pytest.mark.parametrize("phase", ["log_in", "identify", "load", "return"])
def test_an_upload_can_be_cancelled(phase):
    cancelled = threading.Event()

    def stop(line):
        if line.phase == phase:
            cancelled.set()

    with running(trinity()) as unit:
        result = put(unit, TRINITY, progress=stop, cancelled=cancelled)

    assert result.outcome == "cancelled"
    assert result.device == ("changed" if phase == "return" else "unchanged")


def test_an_upload_that_waits_is_cancelled_at_once():
    cancelled = threading.Event()
    with running(trinity(fault=("hang", "show version", ""))) as unit:
        timer = threading.Timer(0.3, cancelled.set)
        timer.start()
        patience = dataclasses.replace(HURRIED, command=60, listing=60)
        result = put(unit, TRINITY, cancelled=cancelled, patience=patience)

    assert result.outcome == "cancelled"
    assert result.seconds < 5


@pytest.mark.parametrize("phase", ["save", "reboot"])
def test_half_a_configuration_is_never_left_by_a_cancellation(phase):
    """From storing to the restart it goes on, and stops then."""
    cancelled = threading.Event()

    def stop(line):
        if line.phase == phase:
            cancelled.set()

    with running(trinity()) as unit:
        result = put(unit, TRINITY, progress=stop, cancelled=cancelled)

        assert (result.outcome, result.phase, result.device) == ("cancelled", "return", "changed")
        assert unit.commands()[-1] == "reload"
        assert unit.state()["configurations"]["running-config"] != unit.script


@pytest.mark.parametrize("phase", ["log_in", "load", "return"])
def test_an_error_of_who_watches_leaves_no_client_behind(phase):
    def fail(line):
        if line.phase == phase:
            raise LookupError(phase)

    with running(trinity()) as unit, pytest.raises(LookupError):
        put(unit, TRINITY, progress=fail)


def test_a_client_that_is_not_installed_is_told_by_name(monkeypatch):
    monkeypatch.setattr("provisioning.connect.gateways.terminal.os.defpath", "/nonexistent")
    monkeypatch.setattr(
        "provisioning.connect.gateways.terminal._ENVIRONMENT", {"PATH": "/nonexistent"}
    )
    monkeypatch.setenv("PATH", "/nonexistent")
    with (
        load(configuration(TRINITY), "127.0.0.1") as (what, _),
        pytest.raises(ProgramMissing, match="telnet is not installed"),
    ):
        upload(what, nobody(9), None, library=LIBRARY, patience=HURRIED)


@pytest.mark.parametrize("host", ["-oProxyCommand=x", "gateway.example.org", "", "1.2.3.4\n"])
def test_a_gateway_is_reached_by_its_address_only(host):
    with pytest.raises(ValueError, match=r".+"):
        Shell("ssh", host, 22)


@pytest.mark.parametrize(("kind", "port"), [("rsh", 22), ("ssh", 0), ("telnet", 65_536)])
def test_a_gateway_is_reached_by_telnet_or_ssh_at_a_port(kind, port):
    with pytest.raises(ValueError, match=r"neither telnet nor ssh|is not a port"):
        Shell(kind, "192.0.2.1", port)


@pytest.mark.parametrize(
    ("user", "password"), [("a\nb", "x"), ("a", "x\ry"), ("a", "\x03"), ("è", "")]
)
def test_a_log_in_that_cannot_be_typed_is_refused_before_a_connection(user, password):
    with pytest.raises(ValueError, match="printable ASCII") as refused:
        Credentials(user, password)
    assert password not in str(refused.value) or not password.strip()


def test_every_outcome_is_a_word_of_its_own():
    assert len({str(outcome) for outcome in Outcome}) == len(Outcome)
