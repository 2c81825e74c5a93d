"""Devices that nobody registered, and addresses that try tokens: noted, counted, bounded."""

import pytest
from served import LAN, YEALINK, Served

from provisioning.delivery import crowds
from provisioning.services import phones
from provisioning.store import strangers
from provisioning.store.tables import DeviceRequest, Knock, Stranger

FILE = f"{YEALINK.bare}.cfg"
AGENT = "Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01"
NO_TOKEN = "0" * 32


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(crowds, "PER_MINUTE", 3)


def test_a_device_that_nobody_registered_is_noted_with_what_it_says(served: Served):
    for _ in range(3):
        served.ask(FILE, user_agent=AGENT)
    served.events.flush()
    [knock] = Knock.select()
    assert (knock.mac, knock.via, knock.times) == (str(YEALINK), "url", 3)
    assert (knock.address, knock.user_agent, knock.file) == (LAN, AGENT, FILE)


def test_a_device_that_is_registered_no_longer_knocks(served: Served):
    served.ask(FILE)
    served.events.flush()
    served.register()
    assert Knock.select().count() == 0
    served.ask(FILE)
    served.events.flush()
    assert Knock.select().count() == 0


def test_only_the_newest_knocks_are_kept(served: Served, monkeypatch):
    monkeypatch.setattr(strangers, "MAX_ROWS", 5)
    for n in range(9):
        served.ask(f"00156500000{n}.cfg", address=f"192.168.1.{n}")
        served.events.flush()
    assert sorted(k.mac[-2:] for k in Knock.select()) == ["04", "05", "06", "07", "08"]


def test_too_many_requests_that_open_nothing_are_refused_and_only_counted(served: Served, few):
    answers = [served.ask(f"{NO_TOKEN}/{FILE}") for _ in range(10)]
    assert [a.status_code for a in answers] == [404] * 3 + [429] * 7
    assert answers[-1].headers["Retry-After"] == "60"
    assert answers[-1].data == b""
    served.events.flush()
    assert DeviceRequest.select().count() == 3
    [stranger] = Stranger.select()
    assert (stranger.address, stranger.requests, stranger.refused) == (LAN, 10, 7)


def test_the_phones_of_an_address_that_tries_tokens_are_served(served: Served, few):
    """Many phones stand behind one address."""
    phone = served.register()
    for _ in range(5):
        served.ask(f"{NO_TOKEN}/{FILE}")
    assert served.ask(f"{phone.tok2}/{FILE}").status_code == 200
    assert served.ask(f"{phone.tok2}/y000000000028.cfg").status_code == 404
    assert served.ask(f"{NO_TOKEN}/{FILE}", address="192.168.1.51").status_code == 404


def test_a_minute_later_an_address_is_looked_into_again(served: Served, few, monkeypatch):
    for _ in range(5):
        served.ask(f"{NO_TOKEN}/{FILE}")
    monkeypatch.setattr(crowds, "RETRY_AFTER_SECONDS", 0)
    assert served.ask(f"{NO_TOKEN}/{FILE}").status_code == 404


def test_the_name_by_which_a_phone_asks_is_noted(served: Served):
    phone = served.register()
    served.ask(f"{phone.tok2}/{FILE}", headers={"Host": "old.example.org"})
    served.ask(FILE, headers={"Host": "elsewhere.example.org"})
    served.events.flush()

    assert phones.get(served.site, YEALINK).contact.host == "old.example.org"


def test_addresses_are_forgotten_before_they_fill_the_memory(monkeypatch):
    monkeypatch.setattr(crowds, "_MAX_ADDRESSES", 2)
    monkeypatch.setattr(crowds, "PER_MINUTE", 1)
    crowd = crowds.Crowds()
    assert not crowd.too_many("a")
    assert crowd.too_many("a")
    crowd.too_many("b")
    crowd.too_many("c")
    assert not crowd.too_many("a")
