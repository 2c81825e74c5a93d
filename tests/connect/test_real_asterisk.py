"""A real Asterisk takes our accounts, registrations and NOTIFY (``peers/asterisk.py``)."""

import re
from dataclasses import replace

import pytest

from peers import asterisk as peer
from peers import sip_phone
from provisioning.connect.ami import Ami, AmiError, AmiRefused
from provisioning.connect.pjsip import render
from provisioning.connect.pjsip_accounts import PjsipAccount, PjsipOptions

ANNA = PjsipAccount(
    number="91201",
    extension="201",
    name="Anna",
    secret="s3cret",
    context="from-users",
    mailboxes="201@default",
)
NASTY = (
    "Anna \"la Rossa\" Rossi",
    "back\\slash\\",
    "a;b;;c",
    "\\;--x--;",
    ";--",
    "[91299](!)",
    "#include x",
    "=>y",
    "<202>",
    "Größe, 漢字 'x'",
    "x" * 78 + "é",
)  # fmt: skip
ACCOUNTS = [
    ANNA,
    replace(ANNA, number="92201", encryption=True),
    *(
        replace(ANNA, number=f"30{n:02}", name=text, secret=text.strip())
        for n, text in enumerate(NASTY)
    ),
]


@pytest.fixture(scope="module")
def asterisk():
    options = PjsipOptions(transport=peer.TRANSPORT)
    with peer.running_asterisk(render(ACCOUNTS, options)) as running:
        yield running


def manager(asterisk: peer.Asterisk, secret: str = peer.SECRET) -> Ami:
    return Ami("127.0.0.1", asterisk.ami_port, peer.USERNAME, secret, timeout=10)


def value(asterisk: peer.Asterisk, command: str, name: str) -> str:
    """A setting as Asterisk's console shows it."""
    return re.search(rf"(?m)^ *{name} +: (.*)$", asterisk.cli(command))[1]


def test_every_account_is_loaded(asterisk):
    shown = asterisk.cli("pjsip show endpoints")
    assert re.findall(r"Endpoint: +(\d+)/", shown) == sorted(a.number for a in ACCOUNTS)


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.name)
def test_asterisk_reads_name_and_secret_as_they_are(asterisk, account):
    caller = value(asterisk, f"pjsip show endpoint {account.number}", "callerid")
    secret = value(asterisk, f"pjsip show auth {account.number}-auth", "password")

    assert secret == account.secret
    name = account.name.encode()[:79].decode(errors="ignore")
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    assert caller == f'"{quoted}" <201>'


def test_encryption_is_srtp(asterisk):
    assert value(asterisk, "pjsip show endpoint 91201", "media_encryption") == "no"
    assert value(asterisk, "pjsip show endpoint 92201", "media_encryption") == "sdes"


def test_a_phone_registers_is_listed_and_gets_the_notify(asterisk):
    with manager(asterisk) as session:
        assert "91201" not in [c.endpoint for c in session.contacts()]
        with sip_phone.registered(asterisk.sip_port, "91201", "s3cret") as phone:
            [contact] = [c for c in session.contacts() if c.endpoint == "91201"]
            session.notify("91201", "check-sync;reboot=false")
            message = sip_phone.next_message(phone, r"NOTIFY (?s:.*)\nEvent: check-sync")

    port = contact.uri.removeprefix("sip:91201@127.0.0.1:").removesuffix(";line=7")
    assert port.isdigit()
    assert (contact.endpoint, contact.aor, contact.address) == ("91201", "91201", "127.0.0.1")
    assert contact.user_agent == sip_phone.USER_AGENT
    assert contact.status
    assert message.startswith("NOTIFY sip:91201@127.0.0.1")
    assert "\r\nEvent: check-sync;reboot=false\r\n" in message


def test_the_database_is_read_family_by_family(asterisk):
    for entry in (
        "DND 201 YES",
        "DND 9123 YES",
        'CF 202 "+39 055, 7: x"',
        "cf 203 spelt-otherwise",
        "CFU 201 größe",
        "AMPUSER 201/followme/prering 20",
        "AMPUSER 201/device 201&91201",
        "AMPUSER 2012/followme/prering 22",
    ):
        assert "Updated" in asterisk.cli(f"database put {entry}")
    with manager(asterisk) as session:
        assert session.database("DND") == {"201": "YES", "9123": "YES"}
        assert session.database("CF") == {"202": "+39 055, 7: x"}
        assert session.database("CFU") == {"201": "größe"}
        assert session.database("CFB") == {}
        assert session.database("AMPUSER/201/followme") == {"prering": "20"}
        assert session.database_entry("AMPUSER", "201/followme/prering") == "20"
        assert session.database_entry("AMPUSER", "20/followme/prering") is None
        asterisk.cli("database del DND 201")
        assert session.database("DND") == {"9123": "YES"}


@pytest.mark.parametrize("account", ACCOUNTS[2:], ids=lambda account: account.name)
def test_a_phone_registers_with_any_secret(asterisk, account):
    with sip_phone.registered(asterisk.sip_port, account.number, account.secret):
        pass


def test_a_reload_brings_a_new_account(asterisk):
    accounts = asterisk.directory / "accounts.conf"
    before = accounts.read_text()
    new = render([*ACCOUNTS, replace(ANNA, number="93201")], PjsipOptions())
    accounts.write_text(new)
    with manager(asterisk) as session:
        session.reload("res_pjsip.so")
        session.notify("93201", "check-sync")  # queued, though nobody has registered
        accounts.write_text(before)
        session.reload("res_pjsip.so")


def test_asterisks_errors_are_told_apart(asterisk):
    with manager(asterisk) as session:
        with pytest.raises(AmiError, match="Unable to retrieve endpoint 999"):
            session.notify("999", "check-sync")
        with pytest.raises(AmiError, match="No such module"):
            session.reload("res_nothing.so")
    with pytest.raises(AmiRefused, match="Authentication failed"), manager(asterisk, "wrong"):
        pass
