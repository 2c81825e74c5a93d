"""A phone of each vendor, played by sipp, is asked straight from here where the PBX cannot."""

import re

import pytest

from peers import sipp
from provisioning.engine.mac import MacAddress
from provisioning.services import application_settings, links, phones, reprovisioning, users
from provisioning.services.reprovisioning import CannotAsk
from provisioning.services.users import NewUser
from provisioning.store import device_requests, proofs

PHONES = {
    "yealink": ("00-15-65-00-00-01", "yealink-T46"),
    "fanvil": ("0C-38-3E-00-00-01", "fanvil-X3"),
    "nethesis": ("E0-E6-56-00-00-01", "nethesis-NPX3"),
    "snom": ("00-04-13-00-00-01", "snom-D785"),
    "gigaset": ("7C-2F-80-00-00-01", "gigaset-MaxwellBasic"),
    "sangoma": ("00-50-58-00-00-01", "sangoma-S500"),
    "akuvox": ("0C-11-05-00-00-01", "akuvox-SPR50P"),
}


@pytest.fixture
def direct(site):
    application_settings.change({"direct_notify": True}, by="test")
    users.create(NewUser("ada", "Ada", "201"), by="test")
    return site


def register(site, vendor: str, address: str = "127.0.0.1") -> MacAddress:
    """A phone of a vendor that has fetched from an address."""
    mac, model = MacAddress.parse(PHONES[vendor][0]), PHONES[vendor][1]
    phones.create(site, mac, model=model, by="test")
    links.link(mac, "ada", by="test")
    device_requests.write([{
        "at": 1.0, "phone": str(mac), "access": "tok2", "address": address, "user_agent": "",
        "vendor": vendor, "model": "", "firmware": "", "method": "GET", "file": "", "status": 200,
        "outcome": "served", "reason": None,
    }])  # fmt: skip
    return mac


@pytest.mark.parametrize("reboot", [False, True])
@pytest.mark.parametrize("vendor", PHONES)
def test_a_phone_takes_the_event_of_its_vendor(direct, monkeypatch, vendor, reboot):
    mac = register(direct, vendor)
    with sipp.phone("200 OK") as phone:
        monkeypatch.setattr(reprovisioning, "_SIP_PORT", phone.port)
        reprovisioning.ask(direct, mac, operation=1, reboot=reboot)
        [message] = phone.received()
    expected = direct.library.vendors[vendor].notify["reboot" if reboot else "reload"]
    assert re.search(rf"(?m)^Event: {re.escape(expected)}\r?$", message)
    assert message.startswith("NOTIFY sip:201@127.0.0.1")
    assert proofs.find(str(mac)).asked_operation == 1


def test_a_phone_that_refuses_was_not_asked_and_says_why(direct, monkeypatch):
    mac = register(direct, "yealink")
    with sipp.phone("403 Forbidden") as phone:
        monkeypatch.setattr(reprovisioning, "_SIP_PORT", phone.port)
        with pytest.raises(CannotAsk, match="refuses requests from this server"):
            reprovisioning.ask(direct, mac, operation=1, reboot=False)
    assert proofs.find(str(mac)).asked_at is None


def test_a_phone_at_whose_address_nobody_is_was_not_asked(direct, monkeypatch):
    mac = register(direct, "yealink")
    monkeypatch.setattr(reprovisioning, "_SIP_PORT", 9)
    with pytest.raises(CannotAsk, match=r"At 127\.0\.0\.1 nobody is reached"):
        reprovisioning.ask(direct, mac, operation=1, reboot=False)


def test_a_phone_that_never_fetched_has_no_address(direct):
    mac = MacAddress.parse("00-15-65-00-00-09")
    phones.create(direct, mac, model="yealink-T46", by="test")
    with pytest.raises(CannotAsk, match="its address is not known"):
        reprovisioning.ask(direct, mac, operation=1, reboot=False)


def test_where_nothing_is_set_nobody_is_asked_and_it_says_when_the_phone_fetches(site):
    users.create(NewUser("ada", "Ada", "201"), by="test")
    mac = register(site, "yealink")
    with pytest.raises(CannotAsk, match=r"No PBX is set .* at night"):
        reprovisioning.ask(site, mac, operation=1, reboot=False)


def test_a_phone_of_no_vendor_cannot_be_asked(direct):
    mac = MacAddress.parse("02-00-00-00-00-01")
    phones.create(direct, mac, by="test")
    with pytest.raises(CannotAsk, match="Nothing tells the vendor"):
        reprovisioning.ask(direct, mac, operation=1, reboot=False)
