"""NOTIFY straight to a phone: sipp plays the phone (``peers/sipp.py``)."""

import re
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peers import sipp
from provisioning.connect.sip_notify import PhoneUnreachable, build, send_notify
from provisioning.engine.vendor_files import load_library

TEMPLATES = Path(__file__).parents[2] / "templates" / "phones"
EVENTS = sorted({e for v in load_library([TEMPLATES]).vendors.values() for e in v.notify.values()})
OWN = ("192.0.2.1", 5070)


def headers_of(message: str) -> dict[str, str]:
    lines = message.replace("\r\n", "\n").partition("\n\n")[0].split("\n")[1:]
    return dict(line.split(": ", 1) for line in lines)


def notify(port: int, event: str = "check-sync;reboot=false", patience: float = 10.0):
    return send_notify("127.0.0.1", port, "91201", event, patience=patience)


@contextmanager
def phone_that_says(*datagrams: bytes):
    """A phone of ours, for answers that sipp would not give; ``BRANCH`` becomes the request's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(10)

        def answer():
            request, sender = phone.recvfrom(4096)
            branch = re.search(rb"branch=(\w+)", request)[1]
            for datagram in datagrams:
                phone.sendto(datagram.replace(b"BRANCH", branch), sender)

        thread = threading.Thread(target=answer)
        thread.start()
        yield phone.getsockname()[1]
        thread.join()


@pytest.mark.parametrize("event", EVENTS)
def test_a_phone_takes_the_event_of_every_vendor(event):
    with sipp.phone("200 OK") as phone:
        answer = notify(phone.port, event)
        [message] = phone.received()

    assert (answer.status, answer.taken) == (200, True)
    assert answer.sentence == "The phone took the request."
    assert message.startswith(f"NOTIFY sip:91201@127.0.0.1:{phone.port} SIP/2.0")
    headers = headers_of(message)
    assert headers["Event"] == event
    assert headers["Subscription-State"] == "terminated"
    assert headers["To"] == f"<sip:91201@127.0.0.1:{phone.port}>"


@pytest.mark.parametrize(
    ("status_line", "sentence"),
    [
        (
            "401 Unauthorized",
            "The phone asks for a password, which it takes from its registrar only.",
        ),
        (
            "481 Subscription does not exist",
            "The phone takes this request within a subscription only.",
        ),
        ("489 Bad Event", "The phone does not know this event."),
        ("503 In a meeting", "The phone answered 503 In a meeting."),
    ],
)
def test_a_refusal_is_told_in_words(status_line, sentence):
    with sipp.phone(status_line) as phone:
        answer = notify(phone.port)

    assert (answer.status, answer.sentence) == (int(status_line[:3]), sentence)
    assert not answer.taken


def test_a_provisional_answer_is_not_the_answer():
    with sipp.phone("100 Trying", "489 Bad Event") as phone:
        assert notify(phone.port).status == 489


def test_a_silent_phone_is_asked_again_after_half_a_second_and_then_a_whole_one():
    """UDP loses datagrams; repeating is the sender's duty (RFC 3261 17.1.2.2)."""
    with sipp.phone() as phone:
        answer = notify(phone.port, patience=1.7)
        messages = phone.received()

    assert (answer.status, answer.sentence) == (None, "The phone did not answer.")
    assert not answer.taken
    assert len(messages) == 3
    assert len(set(messages)) == 1, "a repetition is the same message to the letter"


def test_a_phone_that_is_at_work_is_asked_less_often():
    """After a provisional answer the next repetition but one comes after four seconds."""
    with sipp.phone("100 Trying") as phone:
        assert notify(phone.port, patience=1.7).status is None
        assert len(phone.received()) == 2


def test_only_the_answer_to_this_very_request_counts():
    foreign = b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKother\r\n\r\n"
    ours = b"SIP/2.0 489 Bad Event\r\nv: SIP/2.0/UDP x;rport=1;branch=BRANCH;received=y\r\n\r\n"
    with phone_that_says(foreign, b"\xff\x00 garbage", b"", b"OPTIONS x SIP/2.0", ours) as port:
        assert notify(port).status == 489


def test_what_a_phone_writes_into_its_answer_stays_one_short_line():
    words = "bell\x07 \u202e".encode() + b"x" * 1000
    ours = b"SIP/2.0 500 " + words + b"\r\nVia: SIP/2.0/UDP x;branch=BRANCH\r\n\r\n"
    with phone_that_says(ours) as port:
        sentence = notify(port).sentence
    assert sentence.isprintable()
    assert len(sentence) < 150


def test_nobody_there_is_told_at_once():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(PhoneUnreachable) as failure:
        notify(port)
    assert (failure.value.host, failure.value.port) == ("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port", "user", "event"),
    [
        ("phone.example.org", 5060, "91201", "check-sync"),
        ("192.0.2.1", 0, "91201", "check-sync"),
        ("192.0.2.1", 70_000, "91201", "check-sync"),
        ("127.0.0.1", 5060, "", "check-sync"),
        ("127.0.0.1", 5060, "91201", "check-sync\r\nX: y"),
    ],
)
def test_what_is_not_of_its_form_is_not_sent(host, port, user, event):
    with pytest.raises(ValueError, match=r".+"):
        send_notify(host, port, user, event)


@given(user=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_user_can_never_write_a_header(user):
    message = build("192.0.2.9", 5060, user, "check-sync", OWN, "z9hG4bK1").decode()
    plain = build("192.0.2.9", 5060, "91201", "check-sync", OWN, "z9hG4bK1").decode()

    assert list(headers_of(message)) == list(headers_of(plain))
    assert re.fullmatch(
        r"NOTIFY sip:[^\s@<>\"]+@192\.0\.2\.9:5060 SIP/2\.0", message.split("\r\n")[0]
    )


def test_two_requests_share_neither_call_nor_tag():
    one, other = (
        headers_of(build("192.0.2.9", 5060, "1", "check-sync", OWN, "z9hG4bK1").decode())
        for _ in range(2)
    )
    assert one["Call-ID"] != other["Call-ID"]
    assert one["From"] != other["From"]


def test_an_ipv6_address_is_in_brackets():
    message = build("[2001:db8::9]", 5060, "91201", "resync", ("[2001:db8::1]", 5070), "z9hG4bK1")
    assert (
        b"NOTIFY sip:91201@[2001:db8::9]:5060 SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::1]:5070;"
        in (message)
    )
