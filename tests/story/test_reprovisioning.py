"""A change reaches the phones it concerns; what is told of it is what was proved."""

import threading

import pytest
from site_at_work import USER_AGENT, WholeSite, until

from provisioning.engine.mac import MacAddress
from provisioning.services import operations, registrations
from provisioning.store import proofs

ADA_PHONE = MacAddress.parse("00-15-65-00-00-01")
BOB_PHONE = MacAddress.parse("00-15-65-00-00-02")


@pytest.fixture
def two(at_work) -> WholeSite:
    """Two phones of two users, registered, with what they should have."""
    for mac, name, extension in ((ADA_PHONE, "ada", "201"), (BOB_PHONE, "bob", "202")):
        user = {"name": name, "display_name": name.title(), "extension": extension}
        at_work.call("POST", "/users", user)
        at_work.call("POST", "/phones", {"mac": str(mac), "model": "yealink-T46"})
        link = f"/phones/{mac}/link"
        at_work.change("PUT", link, {"user": name}, of=f"/phones/{mac}/links")
        at_work.fetch(mac)
        at_work.switched_on[str(mac)] = USER_AGENT
    until(lambda: at_work.pjsip_file.exists() and "[202]" in at_work.pjsip_file.read_text())
    at_work.register_everybody()
    assert at_work.settle() is None
    at_work.fetched.clear()
    return at_work


def proof(site: WholeSite, mac: MacAddress) -> dict:
    site.application.events.flush()
    return site.get(f"/phones/{mac}")["proof"]


def test_only_phones_whose_file_changes_are_asked(two):
    two.change("PATCH", f"/phones/{BOB_PHONE}", {"variables": {"language": "de"}})
    two.work(two.settle())
    two.fetched.clear()

    two.change("PATCH", "/defaults", {"variables": {"language": "it"}})
    number = two.settle()

    asked = {str(ADA_PHONE): ("done", "It was asked and has fetched its configuration.")}
    assert two.work(number) == asked
    assert two.fetched == [str(ADA_PHONE)]
    assert [n["Endpoint"] for n in two.manager.asked_for("PJSIPNotify")] == ["202", "201"]


def test_a_change_that_the_template_does_not_read_asks_nobody(two):
    two.change("PATCH", "/defaults", {"variables": {"handset_name_1": "Kitchen"}})
    assert two.settle() is None
    assert two.manager.asked_for("PJSIPNotify") == []


def test_a_change_is_saved_then_asked_then_fetched(two):
    before = proof(two, ADA_PHONE)
    assert not before["pending"]
    del two.switched_on[str(ADA_PHONE)]

    two.change("PATCH", f"/phones/{ADA_PHONE}", {"variables": {"language": "it"}})
    assert proof(two, ADA_PHONE)["checking"]
    number = two.settle()
    until(lambda: proof(two, ADA_PHONE)["asked"])

    asked = proof(two, ADA_PHONE)
    assert asked["pending"]
    assert before["fetched"] == asked["fetched"] < asked["saved"] < asked["asked"]
    progress = operations.progress(number)
    assert (progress.done, progress.waiting + progress.working) == (0, 1)

    two.fetch(ADA_PHONE)
    assert two.work(number)[str(ADA_PHONE)][0] == "done"
    fetched = proof(two, ADA_PHONE)
    assert fetched["fetched"] > fetched["asked"] == asked["asked"]
    assert not fetched["pending"]


def test_a_phone_that_took_the_request_and_does_not_fetch_has_failed(two):
    """A request that nobody heard was shown as success (nemerald-voip/fspbx 324)."""
    del two.switched_on[str(ADA_PHONE)]
    number = operations.start(
        "reprovision", [str(ADA_PHONE)], parameters={"reboot": False}, by="tests"
    )
    until(lambda: proof(two, ADA_PHONE)["asked"])
    state, reason = two.work(number)[str(ADA_PHONE)]
    assert state == "failed"
    assert reason.startswith("It was asked and has not fetched its configuration. Tried")


def test_a_phone_that_is_not_registered_is_not_asked_and_says_so(two):
    two.manager.contacts = []
    two.change("PATCH", f"/phones/{ADA_PHONE}", {"variables": {"language": "it"}})
    state, reason = two.work(two.settle())[str(ADA_PHONE)]
    assert state == "skipped"
    assert "not registered with the PBX" in reason
    assert proof(two, ADA_PHONE)["asked"] is None
    assert proof(two, ADA_PHONE)["pending"]


def test_a_manager_that_is_down_is_asked_again(two):
    port = two.manager.port
    two.change("PATCH", "/settings", {"values": {"ami_port": 1}})
    two.change("PATCH", f"/phones/{ADA_PHONE}", {"variables": {"language": "it"}})
    number = two.settle()
    until(lambda: "Manager" in (operations.items(
        number, state=None, offset=0, limit=1)[1][0].reason or ""))  # fmt: skip
    two.change("PATCH", "/settings", {"values": {"ami_port": port}})
    assert two.work(number)[str(ADA_PHONE)][0] == "done"


def test_what_a_user_switches_on_reaches_the_phone_without_a_restart(two):
    two.change("PUT", "/users/ada/state", {"dnd": True, "forward_always": "333"})
    assert two.work(two.settle())[str(ADA_PHONE)][0] == "done"
    [notify] = two.manager.asked_for("PJSIPNotify")
    assert notify["Variable"] == "Event=check-sync;reboot=false"
    text = two.fetch(ADA_PHONE)
    assert "account.1.dnd.enable = 1" in text
    assert "333" in text


def test_an_admin_asks_chosen_phones_or_all_that_match(two):
    answer = two.call("POST", "/operations/reprovision", {"phones": ["0015.6500.0001"]})
    assert answer.status_code == 202
    assert two.work(answer.json["id"]).keys() == {str(ADA_PHONE)}
    answer = two.call("POST", "/operations/reprovision", {"filter": {"model": "yealink-T46"}})
    assert {state for state, _ in two.work(answer.json["id"]).values()} == {"done"}
    assert answer.json["total"] == 2


def test_a_restart_is_asked_for_by_its_own_event(two):
    body = {"phones": [str(ADA_PHONE)], "reboot": True}
    two.work(two.call("POST", "/operations/reprovision", body).json["id"])
    [notify] = two.manager.asked_for("PJSIPNotify")
    assert notify["Variable"] == "Event=check-sync;reboot=true"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"phones": [str(ADA_PHONE)], "filter": {}}, 422),
        ({"phones": []}, 422),
        ({"phones": ["00-15-65-00-00-99"]}, 404),
    ],
)
def test_an_order_that_names_no_phones_is_refused(two, body, status):
    assert two.call("POST", "/operations/reprovision", body).status_code == status


def test_a_retried_phone_is_asked_anew(two):
    del two.switched_on[str(ADA_PHONE)]
    answer = two.call("POST", "/operations/reprovision", {"phones": [str(ADA_PHONE)]})
    number = answer.json["id"]
    assert two.work(number)[str(ADA_PHONE)][0] == "failed"
    two.switched_on[str(ADA_PHONE)] = USER_AGENT
    two.call("POST", f"/operations/{number}/retry")
    assert two.work(number)[str(ADA_PHONE)][0] == "done"
    assert len(two.manager.asked_for("PJSIPNotify")) == 2


def test_the_registration_is_shown_with_its_time_and_forgotten_with_the_link(two):
    registrations.refresh()
    assert proof(two, ADA_PHONE)["registered"] is not None
    two.manager.contacts = [c for c in two.manager.contacts if "Endpoint: 201" not in c]
    registrations.refresh()
    assert proof(two, ADA_PHONE)["registered"] is None
    assert two.get(f"/phones/{ADA_PHONE}")["states"] == ["not_registered"]
    two.change("DELETE", f"/phones/{BOB_PHONE}/link", of=f"/phones/{BOB_PHONE}/links")
    registrations.refresh()
    assert proof(two, BOB_PHONE)["registered"] is None
    assert two.get(f"/phones/{BOB_PHONE}")["states"] == ["not_linked"]


def test_a_phone_with_an_account_in_its_settings_is_asked_and_seen_to_be_registered(at_work):
    """Its account came by the API or by a table, or with the phone from elsewhere."""
    mac = MacAddress.parse("00-15-65-00-00-03")
    own = {"account_username_1": "301", "account_password_1": "of-the-pbx", "language": "en"}
    phone = {"mac": str(mac), "model": "yealink-T46", "variables": own}
    at_work.call("POST", "/phones", phone)
    at_work.fetch(mac)
    at_work.manager.endpoints = ["301"]
    at_work.manager.contacts = [
        "Endpoint: 301\nObjectName: 301;@x\nUri: sip:301@192.0.2.1\nStatus: Reachable"
    ]
    at_work.manager.on_notify = lambda _: threading.Thread(
        target=at_work.fetch, args=(mac,)
    ).start()

    at_work.change("PATCH", f"/phones/{mac}", {"variables": {"language": "it"}})
    assert at_work.work(at_work.settle())[str(mac)][0] == "done"
    registrations.refresh()
    assert proof(at_work, mac)["registered"] is not None
    steps = at_work.get(f"/phones/{mac}/diagnosis")["steps"]
    told = {step["code"]: step["finding"] for step in steps}
    assert told["account"] == "account_of_settings"
    assert told["registration"] == "registered_with_pbx"

    at_work.change("PATCH", f"/phones/{mac}", {"variables": dict.fromkeys(own)})
    registrations.refresh()
    assert proof(at_work, mac)["registered"] is None
    assert "not_registered" not in at_work.get(f"/phones/{mac}")["states"]


def test_after_a_new_release_every_phone_is_compared(two):
    before = proofs.find(str(ADA_PHONE)).compared_at
    two.site.digest = b"another release"
    assert two.settle() is None
    after = proofs.find(str(ADA_PHONE)).compared_at
    assert after > before
    two.settle()
    assert proofs.find(str(ADA_PHONE)).compared_at == after


def test_phones_are_not_asked_by_themselves_where_that_is_switched_off(two):
    two.change("PATCH", "/settings", {"values": {"push_after_change": False}})
    two.change("PATCH", f"/phones/{ADA_PHONE}", {"variables": {"language": "it"}})
    assert two.settle() is None
    assert proof(two, ADA_PHONE)["pending"]
    assert two.get("/phones?state=pending")["total"] == 1
