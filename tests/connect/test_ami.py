"""The client of Asterisk's Manager Interface, against a Manager of ours (``peers/ami.py``)."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peers import ami as peer
from provisioning.connect.ami import (
    MAX_LINE_BYTES,
    MAX_MESSAGE_LINES,
    Ami,
    AmiError,
    AmiRefused,
    AmiTimeout,
    AmiUnreachable,
    RegisteredContact,
)

YEALINK = """\
ObjectType: contact
ObjectName: 91201;@d050a379a1f9a6d307c758b6cae896fc
ViaAddr: 192.0.2.17
Endpoint: 91201
Uri: sip:91201@192.0.2.17:5060;line=a:b
UserAgent: Yealink SIP-T46G 28.83.0.120 00:15:65:aa:bb:cc
Status: NonQualified
RoundtripUsec: N/A"""
BARE = """\
ObjectName: 202
Endpoint: 202
Status: Unknown"""


def signed_in(manager: peer.Manager, secret: str = peer.SECRET, timeout: float = 5.0) -> Ami:
    return Ami("127.0.0.1", manager.port, peer.USERNAME, secret, timeout)


@pytest.fixture
def manager():
    with peer.listening(peer.Manager(endpoints=["91201"])) as manager:
        yield manager


def test_the_secret_is_proved_by_a_challenge_and_not_sent(manager):
    with signed_in(manager):
        pass

    [login] = manager.asked_for("Login")
    assert login["AuthType"] == "MD5"
    assert "Secret" not in login
    assert peer.SECRET not in str(manager.asked)


def test_without_challenge_the_secret_goes_plainly_over_loopback():
    with peer.listening(peer.Manager(challenges=False)) as manager, signed_in(manager):
        [login] = manager.asked_for("Login")
    assert login["Secret"] == peer.SECRET


def test_without_challenge_the_secret_stays_here_if_the_manager_is_elsewhere(monkeypatch):
    monkeypatch.setattr(Ami, "_over_loopback", lambda self: False)
    with (
        peer.listening(peer.Manager(challenges=False)) as manager,
        pytest.raises(AmiRefused, match="Must specify AuthType"),
        signed_in(manager),
    ):
        pass
    assert manager.asked_for("Login") == []


def test_a_wrong_secret_is_told_apart(manager):
    with pytest.raises(AmiRefused) as refused, signed_in(manager, secret="wrong"):
        pass
    assert (refused.value.username, refused.value.message) == (
        "provisioning", "Authentication failed",
    )  # fmt: skip
    assert "wrong" not in str(refused.value)


@pytest.mark.parametrize(("username", "secret"), [("", "x"), ("provisioning", ""), ("", "")])
def test_without_user_or_secret_nobody_is_asked(manager, username, secret):
    """A host without them, half of the settings, was an error of the server and a status 500."""
    with (
        pytest.raises(AmiRefused, match="are needed"),
        Ami("127.0.0.1", manager.port, username, secret, 5.0),
    ):
        pass
    assert manager.asked == []


def test_nothing_is_asked_for_an_endpoint_without_a_name(manager):
    with signed_in(manager) as asterisk:
        with pytest.raises(ValueError, match="not empty"):
            asterisk.notify("", "check-sync")
        with pytest.raises(ValueError, match="not empty"):
            asterisk.reload("")
    assert manager.asked_for("PJSIPNotify") == []


def test_a_notify_names_endpoint_and_event(manager):
    with signed_in(manager) as asterisk:
        asterisk.notify("91201", "check-sync;reboot=false")

    [notify] = manager.asked_for("PJSIPNotify")
    assert notify["Endpoint"] == "91201"
    assert notify["Variable"] == "Event=check-sync;reboot=false"


def test_asterisks_own_words_come_with_its_error(manager):
    with signed_in(manager) as asterisk:
        with pytest.raises(AmiError) as error:
            asterisk.notify("999", "check-sync")
        asterisk.notify("91201", "check-sync")  # the session goes on

    assert error.value.action == "PJSIPNotify"
    assert error.value.message == "Unable to retrieve endpoint 999"


@pytest.mark.parametrize(
    "event",
    [
        "",
        "check-sync,Contact=x",
        "check-sync\r\nAction: Logoff",
        "check-sync; reboot",
        "a\nb",
        'a"b',
    ],
)
def test_an_event_that_says_more_than_an_event_is_never_sent(manager, event):
    with signed_in(manager) as asterisk, pytest.raises(ValueError, match="is not an event"):
        asterisk.notify("91201", event)
    assert manager.asked_for("PJSIPNotify") == []


@pytest.mark.parametrize("value", ["1\r\nAction: Logoff", "1\n", "1\r", "1\0"])
def test_no_value_can_write_a_header_of_its_own(manager, value):
    with signed_in(manager) as asterisk:
        with pytest.raises(ValueError, match="control characters"):
            asterisk.notify(value, "check-sync")
        with pytest.raises(ValueError, match="control characters"):
            asterisk.reload(value)
    with pytest.raises(ValueError, match="control characters"), signed_in(manager, secret=value):
        pass

    assert [headers["Action"] for headers in manager.asked] == ["Challenge", "Login", "Logoff"]


@given(endpoint=st.text(), event=st.text())
def test_whatever_is_asked_the_manager_hears_at_most_one_action(endpoint, event):
    class Recorder:
        sent = b""

        def sendall(self, data):
            self.sent += data

        def settimeout(self, seconds):
            pass

        def recv(self, size):
            return b""

    asterisk = Ami("192.0.2.1", 5038, "user", "secret", 5)
    asterisk._socket = recorder = Recorder()
    with pytest.raises((ValueError, AmiUnreachable)):
        asterisk.notify(endpoint, event)
    lines = recorder.sent.split(b"\r\n")
    assert lines == [b""] or (len(lines) == 6 and lines[4:] == [b"", b""])
    assert recorder.sent.count(b"\n") == len(lines) - 1


def test_contacts_are_read_to_the_end_past_the_events_of_others():
    with (
        peer.listening(peer.Manager(contacts=[YEALINK, BARE])) as manager,
        signed_in(manager) as asterisk,
    ):
        contacts = asterisk.contacts()
        again = asterisk.contacts()

    assert again == contacts
    assert contacts == [
        RegisteredContact(
            endpoint="91201",
            aor="91201",
            uri="sip:91201@192.0.2.17:5060;line=a:b",
            user_agent="Yealink SIP-T46G 28.83.0.120 00:15:65:aa:bb:cc",
            status="NonQualified",
            address="192.0.2.17",
        ),
        RegisteredContact("202", "202", uri="", user_agent="", status="Unknown", address=""),
    ]


def test_asterisks_error_that_there_are_no_contacts_is_an_empty_list(manager):
    with signed_in(manager) as asterisk:
        assert asterisk.contacts() == []
        asterisk.reload("res_pjsip.so")  # the empty line too many is no answer


ASTDB = {
    "/CF/201": "345",
    "/CF/9123": "0039 055, ext: 7",
    "/CF/202": "",
    "/cf/203": "another spelling",
    "/CFU/201": "346",
    "/CF": "the family itself",
    "/AMPUSER/201/followme/prering": "20",
    "/AMPUSER/201/device": "201&91201",
    "/AMPUSER/2012/followme/prering": "22",
}


@pytest.mark.parametrize(
    ("family", "entries"),
    [
        ("CF", {"201": "345", "9123": "0039 055, ext: 7", "202": ""}),
        ("CFU", {"201": "346"}),
        ("AMPUSER/201/followme", {"prering": "20"}),
        ("DND", {}),
    ],
)
def test_a_family_of_the_database_is_read_exactly(family, entries):
    with peer.listening(peer.Manager(database=ASTDB)) as manager, signed_in(manager) as asterisk:
        assert asterisk.database(family) == entries
        assert asterisk.database(family) == entries  # nothing of the first list is left over
    assert {asked["Family"] for asked in manager.asked_for("DBGetTree")} == {family}


@pytest.mark.parametrize(
    ("key", "value"),
    [("201/followme/prering", "20"), ("20/followme/prering", None), ("201/followme", None)],
)
def test_an_entry_of_the_database_is_found_by_its_whole_key(key, value):
    with peer.listening(peer.Manager(database=ASTDB)) as manager, signed_in(manager) as asterisk:
        assert asterisk.database_entry("AMPUSER", key) == value
        assert asterisk.database("CFU") == {"201": "346"}  # the list before is read to its end


def test_no_family_or_key_can_write_a_header_of_its_own(manager):
    with signed_in(manager) as asterisk:
        with pytest.raises(ValueError, match="control characters"):
            asterisk.database("CF\r\nAction: Logoff")
        with pytest.raises(ValueError, match="control characters"):
            asterisk.database_entry("CF", "201\r\nAction: Logoff")
    assert [headers["Action"] for headers in manager.asked] == ["Challenge", "Login", "Logoff"]


def test_a_module_that_is_not_there_is_an_error(manager):
    with signed_in(manager) as asterisk, pytest.raises(AmiError, match="No such module"):
        asterisk.reload("res_nothing.so")


def test_every_action_has_an_id_of_its_own(manager):
    with signed_in(manager) as asterisk:
        asterisk.reload("res_pjsip.so")
        asterisk.reload("res_pjsip.so")
    ids = [headers["ActionID"] for headers in manager.asked]
    assert len(set(ids)) == len(ids) == 5


def test_the_session_ends_with_a_logoff(manager):
    with signed_in(manager):
        pass
    assert manager.asked[-1]["Action"] == "Logoff"


def test_a_lost_farewell_does_not_undo_the_work():
    with peer.listening(peer.Manager(dies_on="Logoff")) as manager, signed_in(manager) as asterisk:
        asterisk.reload("res_pjsip.so")


def test_an_action_without_answer_ends_after_the_time_allowed():
    with (
        peer.listening(peer.Manager(silent_on="Reload")) as manager,
        pytest.raises(AmiTimeout) as late,
        signed_in(manager, timeout=0.2) as asterisk,
    ):
        asterisk.reload("res_pjsip.so")
    assert (late.value.action, late.value.seconds) == ("Reload", 0.2)


def test_a_manager_that_talks_without_answering_ends_after_the_time_allowed():
    """A trickle of events must not renew the time allowed."""
    trickle = b"Event: PeerStatus\r\n\r\n" * 500_000
    with (
        peer.listening(peer.Manager(contacts=[BARE], list_padding=trickle)) as manager,
        pytest.raises(AmiTimeout),
        signed_in(manager, timeout=0.2) as asterisk,
    ):
        asterisk.contacts()


def test_a_connection_that_is_lost_is_told():
    with (
        peer.listening(peer.Manager(dies_on="Reload")) as manager,
        pytest.raises(AmiUnreachable, match="closed"),
        signed_in(manager) as asterisk,
    ):
        asterisk.reload("res_pjsip.so")


def test_nobody_there_is_told_with_host_and_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(AmiUnreachable) as failure, Ami("127.0.0.1", port, "u", "s", 5):
            pass
    assert (failure.value.host, failure.value.port) == ("127.0.0.1", port)


@pytest.mark.parametrize("banner", [b"SSH-2.0-OpenSSH_9.2\r\n", b"x" * (MAX_LINE_BYTES + 10)])
def test_a_peer_that_is_not_asterisk_hears_no_secret(banner):
    with (
        peer.listening(peer.Manager(banner=banner)) as manager,
        pytest.raises(AmiUnreachable),
        signed_in(manager),
    ):
        pass
    assert manager.asked == []


@pytest.mark.parametrize(
    "flood", [b"Event: " + b"x" * (MAX_LINE_BYTES + 10), b"Name: x\r\n" * (MAX_MESSAGE_LINES + 10)]
)
def test_a_message_without_end_fills_no_memory(flood):
    with (
        peer.listening(peer.Manager(contacts=[BARE], list_padding=flood)) as manager,
        pytest.raises(AmiUnreachable, match="more than"),
        signed_in(manager) as asterisk,
    ):
        asterisk.contacts()


def test_a_list_without_end_fills_no_memory(monkeypatch):
    monkeypatch.setattr("provisioning.connect.ami.MAX_LIST_ENTRIES", 2)
    with (
        peer.listening(peer.Manager(contacts=[BARE] * 3)) as manager,
        pytest.raises(AmiUnreachable, match="more than 2"),
        signed_in(manager) as asterisk,
    ):
        asterisk.contacts()
