"""Two hundred phones in boxes: imported, linked, switched on, changed, moved, taken away."""

import re

import pytest
from site_at_work import USER_AGENT, WholeSite, until

from provisioning.engine.mac import MacAddress

PHONES, USERS = 200, 80
MACS = [MacAddress(f"001565{number:06x}") for number in range(PHONES)]
MODELS = ("yealink-T46", "yealink-T48", "yealink-T31", "yealink-T54")
GERMAN = MACS[::10]
"""Phones with a language of their own."""


@pytest.fixture
def looks() -> int:
    """Two hundred phones that fetch at once have one server."""
    return 100


def users_table() -> bytes:
    rows = [
        f"user{n};User {n:03};{1000 + n};{'sales' if n % 2 else 'support'}" for n in range(USERS)
    ]
    return "\n".join(["name;display_name;extension;group", *rows]).encode("utf-8-sig")


def phones_table() -> bytes:
    languages = ["de" if mac in GERMAN else "" for mac in MACS]
    rows = [
        f"{mac.colons},{MODELS[n % 4]},user{n % USERS},Floor {n % 3},{language}"
        for n, (mac, language) in enumerate(zip(MACS, languages, strict=True))
    ]
    return "\r\n".join(["MAC,model,user,location,set:language", *rows]).encode()


@pytest.fixture
def monday(at_work) -> WholeSite:
    """Everything imported, linked and written to the PBX; nothing has been switched on yet."""
    users = at_work.call("POST", "/imports/users", users_table())
    assert users.status_code == 200, users.text
    tried = at_work.call("POST", "/imports/phones?dry_run=true", phones_table())
    assert tried.status_code == 200, tried.text
    assert at_work.get("/phones")["total"] == 0
    phones = at_work.call("POST", "/imports/phones", phones_table())
    assert phones.status_code == 200, phones.text
    until(lambda: accounts(at_work) == PHONES)
    at_work.register_everybody()
    return at_work


def accounts(site: WholeSite) -> int:
    if not site.pjsip_file.exists():
        return 0
    return len(re.findall("(?m)^type = endpoint", site.pjsip_file.read_text()))


def secret_of(site: WholeSite, mac: MacAddress) -> str:
    return site.get(f"/phones/{mac}/secrets")["variables"]["account_password_1"]


def number_of(site: WholeSite, mac: MacAddress) -> str:
    [link] = site.get(f"/phones/{mac}/links")["items"]
    return link["number"]


def test_the_story(monday):
    assert monday.get("/phones")["total"] == PHONES
    assert monday.get("/users")["total"] == USERS
    assert monday.get("/phones?state=not_linked")["total"] == 0
    numbers = {number_of(monday, mac) for mac in MACS}
    assert {"1000", "911000", "921000"} <= numbers
    assert len(numbers) == PHONES

    # Every phone is switched on and fetches its own account.
    for mac in MACS:
        text = monday.fetch(mac)
        assert f"account.1.user_name = {number_of(monday, mac)}" in text
        monday.switched_on[str(mac)] = USER_AGENT
    assert monday.settle() is None
    assert monday.get("/phones?state=waiting")["total"] == 0
    assert monday.get("/phones?state=pending")["total"] == 0
    assert monday.manager.asked_for("PJSIPNotify") == []

    # A default changes: exactly the phones concerned are asked, and then have fetched.
    monday.fetched.clear()
    monday.change("PATCH", "/defaults", {"variables": {"language": "it"}})
    items = monday.work(monday.settle())
    concerned = {str(mac) for mac in MACS} - {str(mac) for mac in GERMAN}
    assert items.keys() == concerned
    assert {state for state, _ in items.values()} == {"done"}
    assert sorted(monday.fetched) == sorted(concerned)
    asked = {n["Endpoint"] for n in monday.manager.asked_for("PJSIPNotify")}
    assert asked == {number_of(monday, MacAddress.parse(mac)) for mac in concerned}
    assert monday.get("/phones?state=pending")["total"] == 0
    assert "lang.gui = Italian" in monday.fetch(MACS[1])
    assert "lang.gui = German" in monday.fetch(MACS[0])

    # A phone moves to another user: the old secret is nowhere any more.
    moved, old = MACS[3], secret_of(monday, MACS[3])
    path = f"/phones/{moved}"
    monday.change("PUT", f"{path}/link", {"user": "user9"}, of=f"{path}/links")
    until(lambda: old not in monday.pjsip_file.read_text())
    assert number_of(monday, moved) == "931009"
    until(lambda: "931009" in monday.pjsip_file.read_text())
    text = monday.fetch(moved)
    assert "account.1.user_name = 931009" in text
    assert old not in text

    # A phone is unlinked: its secret is gone from the PBX file and from its body.
    gone, old = MACS[4], secret_of(monday, MACS[4])
    assert old in monday.pjsip_file.read_text()
    monday.change("DELETE", f"/phones/{gone}/link", of=f"/phones/{gone}/links")
    until(lambda: old not in monday.pjsip_file.read_text())
    text = monday.fetch(gone)
    assert "account.1.enable = 0" in text
    assert old not in text
    assert accounts(monday) == PHONES - 1
    assert monday.settle() is None
    assert monday.get("/phones?state=pending")["total"] == 0
