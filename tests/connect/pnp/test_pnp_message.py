"""Reading datagrams of anybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pnp_messages import HEADERS, subscribe

from provisioning.connect.pnp.message import MAX_BYTES, Malformed, parse

VALUES = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=60
).map(str.strip)  # fmt: skip


def test_a_message_is_its_start_line_and_its_headers_in_order():
    message = parse(subscribe())
    assert message.start == "SUBSCRIBE sip:MAC%3a001565000001@224.0.1.75 SIP/2.0"
    assert message.headers == tuple((name.lower(), value) for name, value in HEADERS.items())


def test_short_names_and_lines_that_go_on_are_read():
    message = parse(b"SIP/2.0 200 OK\r\nv : a\r\nVia:b\r\nf: c\r\n  d\r\n\te\r\nL:0\r\n\r\n")
    assert message.all("via") == ("a", "b")
    assert message.required("from") == "c d e"
    assert message.optional("content-length") == "0"
    assert message.optional("to") == ""


def test_a_header_that_counts_once_may_not_come_twice():
    message = parse(b"SIP/2.0 200 OK\r\nTo: a\r\nt: a\r\nFrom:\r\n\r\n")
    for ask in (message.optional, message.required):
        with pytest.raises(Malformed, match="to is there twice"):
            ask("to")
    for name in ("from", "via"):
        with pytest.raises(Malformed, match=f"{name} is missing"):
            message.required(name)


REQUEST = b"SUBSCRIBE sip:a SIP/2.0\r\n"
END = b"\r\n\r\n"


@pytest.mark.parametrize(
    "datagram",
    [
        b"", END, b"hello" + END, b"GET / HTTP/1.1" + END, b"SIP/2.0 700 x" + END,
        b"SUBSCRIBE  sip:a SIP/2.0" + END, b"SUBSCRIBE sip:a sip/2.0" + END, REQUEST + b"To: a",
        REQUEST.replace(b"\r", b"") + b"To: a\n\n", REQUEST + b"no header" + END,
        REQUEST + b": a" + END, REQUEST + b" a: b" + END, REQUEST + b"To: a\nX: b" + END,
        REQUEST + b"To: a\rb" + END, REQUEST + b"To: \x00" + END, REQUEST + b"To: \xff" + END,
        REQUEST + b"a:b\r\n" * 65 + END, REQUEST + b"To: " + b"a" * 1025 + END,
        subscribe() + b"x" * MAX_BYTES,
    ],
)  # fmt: skip
def test_what_is_not_plainly_sip_is_refused(datagram):
    with pytest.raises(Malformed):
        parse(datagram)


@given(st.one_of(st.binary(), st.binary().map(lambda b: b"SIP/2.0 200 OK\r\n" + b + b"\r\n\r\n")))
def test_any_bytes_are_a_message_or_refused(datagram):
    try:
        message = parse(datagram)
    except Malformed:
        return
    for name, value in (("start", message.start), *message.headers):
        assert "\r" not in name + value
        assert "\n" not in name + value


@given(VALUES)
def test_a_value_is_read_as_it_was_written(value):
    assert (
        parse(f"SIP/2.0 200 OK\r\nSubject: {value}\r\n\r\n".encode()).optional("subject") == value
    )
