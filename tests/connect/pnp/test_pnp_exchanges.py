"""Conversations with phones, without sockets: what is sent, when and where to."""

import re
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pnp_messages import HEADERS, URI, read, subscribe

from provisioning.connect.pnp import exchanges as module
from provisioning.connect.pnp.exchanges import MAX_OPEN, MAX_PER_SOURCE, RATE_SECONDS, Exchanges
from provisioning.connect.pnp.limits import SourceRate
from provisioning.engine.vendor_files import load_library

PATTERNS = load_library([Path(__file__).parents[3] / "templates" / "phones"]).user_agents
NETWORK = IPv4Network("192.0.2.0/24")
PHONE, OWN = ("192.0.2.7", 5060), ("192.0.2.1", 40000)
URL = "https://pbx.example.org/provisioning/0123456789abcdef"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


class Talk:
    """Conversations and a clock."""

    def __init__(self, url: str | None = URL):
        self.url = url
        self.asked = []
        self.exchanges = Exchanges(self.answer, PATTERNS, [NETWORK])
        self.now = 1000.0

    def answer(self, device):
        self.asked.append(device)
        return self.url

    def say(self, datagram: bytes, source=PHONE):
        """Let a datagram come in; what goes out at once."""
        return [
            *self.exchanges.receive(datagram, source, OWN, self.now),
            *self.exchanges.due(self.now),
        ]

    def wait(self, until: float):
        """Let time pass; what goes out, each with its second."""
        sent = []
        while self.exchanges.next_at is not None and self.exchanges.next_at <= until:
            self.now = self.exchanges.next_at
            sent += [(self.now, outgoing) for outgoing in self.exchanges.due(self.now)]
        self.now = until
        return sent


def final(notify: bytes, status_line: str = "200 OK") -> bytes:
    """A phone's answer to a NOTIFY."""
    _, headers, _ = read(notify)
    kept = "".join(
        f"{name}: {headers[name]}\r\n" for name in ("Via", "From", "To", "Call-ID", "CSeq")
    )
    return f"SIP/2.0 {status_line}\r\n{kept}Content-Length: 0\r\n\r\n".encode()


def test_a_subscribe_is_answered_and_followed_by_the_url():
    """To the letter as vendors' pages and public PnP servers have it."""
    ok, notify = Talk().say(subscribe())

    assert (ok.own, ok.to, notify.own, notify.to) == (OWN, PHONE, OWN, PHONE)
    start, headers, body = read(ok.data)
    tag = re.fullmatch(r".*;tag=([0-9a-f]{16})", headers["To"])[1]
    assert (start, body) == ("SIP/2.0 200 OK", "")
    assert headers == {
        "Via": "SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKphone;rport=5060;received=192.0.2.7",
        "From": HEADERS["From"], "To": f"{HEADERS['To']};tag={tag}",
        "Call-ID": HEADERS["Call-ID"], "CSeq": HEADERS["CSeq"],
        "Contact": "<sip:192.0.2.1:40000>", "Expires": "0", "Content-Length": "0",
    }  # fmt: skip
    start, headers, body = read(notify.data)
    branch = re.search(r";branch=(z9hG4bK[0-9a-f]{32})", headers["Via"])[1]
    assert (start, body) == ("NOTIFY sip:192.0.2.7:5060 SIP/2.0", URL)
    assert headers == {
        "Via": f"SIP/2.0/UDP 192.0.2.1:40000;branch={branch};rport", "Max-Forwards": "70",
        "From": f"{HEADERS['To']};tag={tag}", "To": HEADERS["From"],
        "Call-ID": HEADERS["Call-ID"], "CSeq": "1 NOTIFY", "Contact": "<sip:192.0.2.1:40000>",
        "Event": HEADERS["Event"], "Subscription-State": "terminated;reason=timeout",
        "Content-Type": "application/url", "Content-Length": str(len(URL)),
    }  # fmt: skip


def test_the_notify_is_repeated_as_udp_wants_it_and_given_up_after_32_seconds():
    talk = Talk()
    _, notify = talk.say(subscribe())
    sent = talk.wait(2000)
    assert [when - 1000 for when, _ in sent] == [
        0.5,
        1.5,
        3.5,
        7.5,
        11.5,
        15.5,
        19.5,
        23.5,
        27.5,
        31.5,
    ]
    assert {outgoing for _, outgoing in sent} == {notify}
    assert talk.exchanges.next_at is None


@pytest.mark.parametrize("status_line", ["200 OK", "202 Accepted", "481 No such call", "200"])
def test_any_final_answer_ends_the_repetitions(status_line):
    talk = Talk()
    _, notify = talk.say(subscribe())
    assert talk.say(final(notify.data, status_line)) == []
    assert talk.wait(2000) == []


def test_a_provisional_answer_slows_the_repetitions_down():
    talk = Talk()
    _, notify = talk.say(subscribe())
    talk.say(final(notify.data, "100 Trying"))
    assert [when - 1000 for when, _ in talk.wait(1010)] == [0.5, 4.5, 8.5]


@pytest.mark.parametrize(
    "foreign",
    [
        lambda answer: (answer.replace(b"z9hG4bK", b"z9hG4bKx"), PHONE),
        lambda answer: (answer.replace(b"1 NOTIFY", b"1 SUBSCRIBE"), PHONE),
        lambda answer: (answer.replace(b"SIP/2.0 200", b"SIP/1.0 200"), PHONE),
        lambda answer: (answer, ("192.0.2.8", 5060)),
    ],
)
def test_only_the_phones_own_answer_to_this_notify_counts(foreign):
    talk = Talk()
    _, notify = talk.say(subscribe())
    talk.say(*foreign(final(notify.data)))
    assert len(talk.wait(1002)) == 2


def test_a_repeated_subscribe_gets_the_same_200_and_no_second_notify():
    """AudioCodes repeats it for five seconds."""
    talk = Talk()
    ok, notify = talk.say(subscribe())
    assert talk.say(subscribe()) == [ok]
    talk.say(final(notify.data))
    talk.now += 31
    assert talk.say(subscribe()) == [ok]
    assert len(talk.asked) == 1


def test_another_subscribe_of_the_same_phone_is_another_conversation():
    talk = Talk()
    ok, _ = talk.say(subscribe())
    for changed in ({"CSeq": "8 SUBSCRIBE"}, {"Call-ID": "another"}):
        again, notify = talk.say(subscribe(changed))
        assert again.data != ok.data
        assert read(notify.data)[2] == URL
    talk.wait(1040)
    assert len(talk.say(subscribe())) == 2, "after 32 seconds the first one is forgotten"
    assert len(talk.asked) == 4


def test_silence_is_silence_and_the_next_repetition_is_asked_for_again():
    talk = Talk(url=None)
    assert talk.say(subscribe()) == []
    assert talk.wait(2000) == []
    talk.url = URL
    assert len(talk.say(subscribe())) == 2


@pytest.mark.parametrize(
    ("contact", "source", "phone"),
    [
        ("<sip:192.0.2.7:5070>", PHONE, ("192.0.2.7", 5070)),
        ("<sip:192.0.2.7>", ("192.0.2.7", 5080), ("192.0.2.7", 5060)),
        ("<sip:mac@192.0.2.7:5070;transport=udp>;q=1", PHONE, ("192.0.2.7", 5070)),
        ("sip:192.0.2.7:5070;q=1", PHONE, ("192.0.2.7", 5070)),
        ("<sip:192.0.2.99:5060>", PHONE, PHONE),
        ("<sip:victim.example.org>", PHONE, PHONE),
        ("<sip:192.0.2.7@192.0.2.99>", PHONE, PHONE),
        ("<sip:192.0.2.7:0>", PHONE, PHONE),
        ("<sip:192.0.2.7:99999>", PHONE, PHONE),
        ("<sip:[2001:db8::1]:5060>", PHONE, PHONE),
    ],
)
def test_nothing_is_ever_sent_to_another_host_than_the_one_that_asked(contact, source, phone):
    ok, notify = Talk().say(subscribe({"Contact": contact}), source)
    assert ok.to == source
    assert notify.to == phone


@pytest.mark.parametrize(
    ("via", "answered"),
    [
        ("SIP/2.0/UDP 192.0.2.7:5060;branch=b", "SIP/2.0/UDP 192.0.2.7:5060;branch=b"),
        ("SIP/2.0/UDP 10.0.0.1;branch=b", "SIP/2.0/UDP 10.0.0.1;branch=b;received=192.0.2.7"),
        (
            "SIP/2.0/UDP 192.0.2.7;rport;branch=b",
            "SIP/2.0/UDP 192.0.2.7;rport=5060;branch=b;received=192.0.2.7",
        ),
        (
            "SIP/2.0/UDP a;branch=b , SIP/2.0/UDP c;rport",
            "SIP/2.0/UDP a;branch=b ;received=192.0.2.7, SIP/2.0/UDP c;rport",
        ),
    ],
)
def test_the_way_back_is_told_with_where_the_question_really_came_from(via, answered):
    ok, _ = Talk().say(subscribe({"Via": via}))
    assert read(ok.data)[1]["Via"] == answered


def test_a_foreign_network_is_not_even_read():
    talk = Talk()
    assert talk.say(subscribe(), ("198.51.100.7", 5060)) == []
    assert talk.asked == []


def test_an_address_that_floods_is_heard_again_when_it_has_been_quiet():
    talk = Talk()
    answers = [talk.say(subscribe({"Call-ID": str(n)})) for n in range(3 * MAX_PER_SOURCE)]
    assert [bool(answer) for answer in answers] == (
        [True] * MAX_PER_SOURCE + [False] * 2 * MAX_PER_SOURCE
    )
    assert talk.say(subscribe(), ("192.0.2.8", 5060))
    talk.wait(talk.now + RATE_SECONDS)
    assert talk.say(subscribe())


def test_no_more_conversations_are_held_than_fit_and_one_that_is_over_makes_room(monkeypatch):
    monkeypatch.setattr(module, "MAX_OPEN", 3)
    talk = Talk()
    first, *_ = (talk.say(subscribe(), (f"192.0.2.{n}", 5060)) for n in (10, 11, 12))
    assert talk.say(subscribe(), ("192.0.2.13", 5060)) == []
    assert len(talk.asked) == 3, "nobody is asked for a URL that cannot be delivered"
    talk.say(final(first[1].data), ("192.0.2.10", 5060))
    assert talk.say(subscribe(), ("192.0.2.13", 5060))
    assert MAX_OPEN >= 500, "a site whose power comes back"


def test_of_too_many_addresses_only_the_first_are_heard_until_their_time_is_over():
    rate = SourceRate(most=1, seconds=10, sources=2)
    assert [rate.admits(source, 0) for source in "abc"] == [True, True, False]
    assert [rate.admits(source, 5) for source in "abc"] == [False, False, False]
    assert [rate.admits(source, 10) for source in "cab"] == [True, True, False]


@pytest.mark.parametrize(
    "url", ["", "a b", "https://x/\r\nX: y", "https://exämple.org", "x" * 1025]
)
def test_what_is_no_url_is_a_mistake_of_the_caller_and_not_repeated(url):
    with pytest.raises(ValueError, match="00-15-65-00-00-01 is to be told is not a URL") as mistake:
        Talk(url=url).say(subscribe())
    assert not url or url not in str(mistake.value)


@given(st.binary())
def test_no_bytes_but_a_subscribe_change_anything(datagram):
    talk = Talk()
    assert talk.say(datagram) == []
    assert talk.asked == []
    assert talk.exchanges.next_at is None


@given(name=st.sampled_from(sorted(HEADERS)), value=TEXT)
def test_no_value_of_a_phone_can_write_a_header_of_ours(name, value):
    plain = [read(outgoing.data) for outgoing in Talk().say(subscribe())]
    found = [read(outgoing.data) for outgoing in Talk().say(subscribe({name: value}))]
    for (_, headers, body), (_, as_usual, url) in zip(found, plain, strict=bool(found)):
        assert list(headers) == list(as_usual)
        assert body == url


@given(TEXT)
def test_no_address_of_a_phone_can_write_more_than_a_request_line(text):
    contact = f"<sip:{text}>"
    for outgoing in Talk().say(subscribe({"Contact": contact}, uri=URI)):
        start, *_ = outgoing.data.decode().split("\r\n")
        assert re.fullmatch(r"SIP/2\.0 200 OK|NOTIFY sip:[!-~]+ SIP/2\.0", start)
