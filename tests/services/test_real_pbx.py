"""A linked phone and a real Asterisk: its account works, it is asked, and unlinked it is out.

Skipped, with the reason, where Asterisk's root folder cannot be made (``peers/asterisk.py``).
"""

import pytest

from peers import asterisk as peer
from peers import sip_phone
from provisioning.engine.mac import MacAddress
from provisioning.services import (
    application_settings,
    asterisk,
    links,
    phones,
    registrations,
    reprovisioning,
    users,
)
from provisioning.services.gateways import changing
from provisioning.services.gateways.states import PortState
from provisioning.services.reprovisioning import CannotAsk
from provisioning.services.users import NewUser
from provisioning.store import proofs

MAC = MacAddress.parse("00-15-65-AA-BB-CC")


@pytest.fixture(scope="module")
def running():
    with peer.running_asterisk("") as found:
        yield found


@pytest.fixture
def linked(site, running, monkeypatch):
    """A phone of a user, whose account Asterisk has read."""
    monkeypatch.setattr(registrations, "_FRESH_SECONDS", 0.0)
    application_settings.change(
        {
            "pbx_connector": "asterisk",
            "pjsip_file": str(running.directory / "accounts.conf"),
            "pjsip_context": "from-users",
            "pjsip_transport": peer.TRANSPORT,
            "ami_host": "127.0.0.1",
            "ami_port": running.ami_port,
            "ami_user": peer.USERNAME,
            "ami_secret": peer.SECRET,
        },
        by="test",
    )
    users.create(NewUser("ada", 'Ada "A" King; née Byron', "201"), by="test")
    phones.create(site, MAC, model="yealink-T46", by="test")
    links.link(MAC, "ada", encryption=False, by="test")
    assert asterisk.write_accounts(site) == "1 accounts are written and read."
    return site


def secret(site) -> str:
    return phones.effective(site, MAC)["account_password_1"].value


def test_the_account_of_a_linked_phone_registers_and_the_phone_is_asked(linked, running):
    registrations.refresh()
    assert proofs.find(str(MAC)).registered is False
    with pytest.raises(CannotAsk, match="not registered with the PBX"):
        reprovisioning.ask(linked, MAC, operation=1, reboot=False)

    with sip_phone.registered(running.sip_port, "201", secret(linked)) as phone:
        registrations.refresh()
        assert proofs.find(str(MAC)).registered is True
        reprovisioning.ask(linked, MAC, operation=2, reboot=False)
        message = sip_phone.next_message(phone, r"NOTIFY (?s:.*)\nEvent: check-sync")

    assert "\r\nEvent: check-sync;reboot=false\r\n" in message
    assert proofs.find(str(MAC)).asked_operation == 2


def test_after_unlinking_it_can_no_longer_register(linked, running):
    old = secret(linked)
    with sip_phone.registered(running.sip_port, "201", old):
        pass
    links.unlink(linked, MAC, by="test")
    asterisk.write_accounts(linked)
    phone = sip_phone.registered(running.sip_port, "201", old)
    with pytest.raises(sip_phone.Refused, match=r"40[134]"), phone:
        pass
    assert old not in (running.directory / "accounts.conf").read_text()


def test_after_a_move_to_another_user_the_old_secret_is_refused(linked, running):
    old = secret(linked)
    users.create(NewUser("bob", "Bob", "202"), by="test")
    links.link(MAC, "bob", by="test")
    asterisk.write_accounts(linked)
    phone = sip_phone.registered(running.sip_port, "201", old)
    with pytest.raises(sip_phone.Refused), phone:
        pass
    with sip_phone.registered(running.sip_port, "202", secret(linked)):
        pass


@pytest.mark.parametrize(
    ("model", "mac", "port", "endpoint"),
    [
        ("patton-trinity-bri-4", "00-A0-BA-11-A2-B3", {"protocol": "pp"}, "Patton_11a2b3_isdn_0"),
        ("grandstream-ht801", "C0-74-AD-0B-1C-2D", {"user": "ada"}, "91201"),
    ],
)
def test_the_lines_of_a_gateway_register_with_their_trunks_and_numbers(
    linked, running, model, mac, port, endpoint
):
    given = {
        "name": "Cellar", "mac": mac, "model": model, "address": "192.168.5.41", "netmask": "/24",
        "router": "192.168.5.1", "dns": ("192.168.5.1",), "pbx_host": "pbx.example.org",
        "proxy": "pbx.example.org", "transport": "udp",
    }  # fmt: skip
    made = changing.create(linked, given, [PortState(1, **port)], by="test")
    told = made.state.ports[0]
    asterisk.write_accounts(linked)

    with sip_phone.registered(running.sip_port, endpoint, told.secret):
        shown = running.cli(f"pjsip show endpoint {endpoint}")
    assert "from-pstn-identity" in shown or told.extension
    assert "alaw" in shown

    changing.free_port(linked, made.mac, 1, by="test")
    asterisk.write_accounts(linked)
    phone = sip_phone.registered(running.sip_port, endpoint, told.secret)
    with pytest.raises(sip_phone.Refused), phone:
        pass
