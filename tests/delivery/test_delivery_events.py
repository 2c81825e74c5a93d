"""Every request is written down, none of them with a secret."""

import io
import logging
import sqlite3

import pytest
from peewee import OperationalError
from served import ACCOUNT, INTERNET, LAN, SNOM, YEALINK, Served

from provisioning.delivery.events import EventLog
from provisioning.services import files, phones
from provisioning.store import device_requests
from provisioning.store.tables import Contact, DeviceRequest
from provisioning.web.callers import parse_networks

FILE = f"{YEALINK.bare}.cfg"
T46S = "Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01"


def contact(served: Served, mac=YEALINK) -> Contact | None:
    served.events.flush()
    return phones.get(served.site, mac).contact


def test_a_request_is_written_down_with_what_the_device_says_of_itself(served: Served):
    phone = served.register()

    served.ask(f"{phone.tok2}/{FILE}", user_agent=T46S, address=INTERNET)

    request = served.last_request()
    assert (request.phone, request.access) == (str(YEALINK), "tok2")
    assert (request.address, request.user_agent) == (INTERNET, T46S)
    assert (request.vendor, request.model, request.firmware) == (
        "yealink",
        "SIP-T46S",
        "66.86.0.15",
    )
    assert (request.method, request.file, request.status) == ("GET", FILE, 200)
    assert (request.outcome, request.reason) == ("served", None)


def test_what_did_not_change_is_a_contact_too(served: Served, monkeypatch):
    phone = served.register()
    path = f"{phone.tok2}/{FILE}"
    etag = served.ask(path).headers["ETag"]
    first = contact(served).at

    assert served.ask(path, headers={"If-None-Match": etag}).status_code == 304

    again = contact(served)
    assert again.at > first
    assert again.outcome == served.last_request().outcome == "unchanged"


def test_the_last_contact_tells_access_address_and_firmware(served: Served):
    phone = served.register()
    assert contact(served) is None

    served.ask(f"{phone.tok1}/{FILE}", address=LAN)
    first = contact(served)
    assert (first.access, first.permanent_at) == ("tok1", None)

    served.ask(f"{phone.tok2}/{FILE}", user_agent=T46S, address=INTERNET)
    second = contact(served)
    assert (second.access, second.address, second.firmware) == ("tok2", INTERNET, "66.86.0.15")
    assert second.permanent_at == second.at

    served.ask(FILE)
    third = contact(served)
    assert (third.access, third.permanent_at) == ("tokenless", second.permanent_at)


@pytest.mark.parametrize(
    ("path", "outcome", "phone"),
    [
        ("{tok2}/nothing.txt", "unknown_file", str(YEALINK)),
        ("{tok2}/firmware/nothing", "unknown_file", str(YEALINK)),
        ("unknown/{file}", "unknown_token", None),
        ("unknown/firmware/nothing", "unknown_token", None),
        ("001565000000.cfg", "unknown_phone", "00-15-65-00-00-00"),
        ("nothing.txt", "unknown_file", None),
        ("a/b/c/d", "unknown_file", None),
    ],
)
def test_a_request_that_finds_nothing_is_written_down_too(served: Served, path, outcome, phone):
    tok2 = served.register().tok2

    served.ask(path.format(tok2=tok2, file=FILE))

    request = served.last_request()
    assert (request.outcome, request.phone, request.status) == (outcome, phone, 404)


def test_the_address_is_the_clients_behind_a_trusted_proxy(start):
    served = start(trusted_proxies=parse_networks("127.0.0.1"))
    phone = served.register()

    served.ask(f"{phone.tok2}/{FILE}", address="127.0.0.1", headers={"X-Forwarded-For": INTERNET})
    assert served.last_request().address == INTERNET

    served.ask(f"{phone.tok2}/{FILE}", address=LAN, headers={"X-Forwarded-For": INTERNET})
    assert served.last_request().address == LAN


def test_no_token_and_no_secret_is_written_anywhere(served: Served, caplog):
    """Tokens stood in logged addresses, secrets in dumps of the context (seen in Tancredi)."""
    caplog.set_level(logging.DEBUG)
    files.save(served.site, "firmware", "file.rom", io.BytesIO(b"x"), by="tests")
    phone = served.register()
    failing = served.register(SNOM, "snom-D785", {**ACCOUNT, "tmpl_phone": "nothing.tmpl"})
    unknown = "f" * 32
    for token in (phone.tok1, phone.tok2, failing.tok2, unknown):
        for rest in (f"/{FILE}", "/", "", "/nothing", "/firmware/file.rom", "/x/y/z", f"/{token}"):
            served.ask(f"{token}{rest}", user_agent=T46S)
            served.ask(f"{token}{rest}", headers={"If-None-Match": "*"})
        served.ask(f"x/y/{token}")
    served.ask(FILE)
    requests = served.requests()

    written = caplog.text + str([list(row) for row in DeviceRequest.select().tuples()])
    assert "nothing.tmpl" in caplog.text
    assert len(requests) > 50
    for secret in (
        phone.tok1, phone.tok2, failing.tok1, failing.tok2, unknown, "sip-secret-201",
        phone.effective["adminpw"], phone.effective["userpw"],
    ):  # fmt: skip
        assert secret not in written


@pytest.mark.parametrize(
    "user_agent",
    ["x" * 10_000, "\u00e9\u00ff", "\x00", "Yealink " * 50, "'; DROP TABLE phone; --", " "],
)
def test_whatever_a_device_says_of_itself_can_be_written(served: Served, user_agent):
    phone = served.register()

    answer = served.ask(f"{phone.tok2}/{FILE}", user_agent=user_agent)

    assert answer.status_code == 200
    assert served.last_request().user_agent == user_agent[:300]


def test_a_phone_deleted_meanwhile_leaves_its_request(served: Served):
    phone = served.register()
    served.ask(f"{phone.tok2}/{FILE}")

    phones.delete(YEALINK, by="tests")

    assert served.last_request().phone == str(YEALINK)
    assert Contact.select().count() == 0


@pytest.mark.parametrize(
    "mistake", [OperationalError("database is locked"), sqlite3.OperationalError("disk is full")]
)
def test_requests_wait_while_the_database_cannot_be_written(
    served: Served, monkeypatch, caplog, mistake
):
    phone = served.register()
    write = device_requests.write

    def fail(events):
        raise mistake

    monkeypatch.setattr(device_requests, "write", fail)
    served.ask(f"{phone.tok2}/{FILE}")
    served.ask(f"{phone.tok2}/nothing")
    served.events.flush()
    assert "wait to be noted" in caplog.text
    assert DeviceRequest.select().count() == 0

    monkeypatch.setattr(device_requests, "write", write)
    assert [request.file for request in served.requests()] == [FILE, "nothing"]


def test_a_flood_is_bounded_and_told(monkeypatch, caplog, settings):
    monkeypatch.setattr("provisioning.delivery.events._MAX_WAITING", 3)
    monkeypatch.setattr(EventLog, "_start", lambda self: None)
    events, written = EventLog(), []
    monkeypatch.setattr(device_requests, "write", written.extend)

    for number in range(10):
        events.add({"file": str(number)})
    events.flush()

    assert [event["file"] for event in written] == ["0", "1", "2"]
    assert "7 requests of devices could not be noted" in caplog.text


def test_the_writing_thread_writes_without_being_asked(served: Served, monkeypatch):
    """Polls with a deadline: the thread wakes up twice a second."""
    import time

    served.ask("nothing.txt")
    deadline = time.monotonic() + 10
    while not DeviceRequest.select().count():
        assert time.monotonic() < deadline, "nothing was written"
        time.sleep(0.05)
