"""What a device writes, neutralised before anybody sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.connect.gateways.plain import plain


@pytest.mark.parametrize(
    ("received", "text"),
    [
        (b"a\r\r\nb\r\nc\nd\re", "a\nb\nc\nd\ne"),
        (b"\x1b[31mred\x1b[0m \x1b[2J\x1b[1;1Hx", "red x"),
        (b"\x1b]0;title\x07a\x1b]52;c;AAAA\x1b\\b", "ab"),
        (b"\x1b]0;never ends\nGS> ", "\nGS> "),
        (b"\x1bPdevice\x1b\\a\x1b(Bb\x1b7c\x1b=d", "abcd"),
        ("\x9b31mx\x9dtitle\x07y".encode(), "xy"),
        (b"a\x00\x07\x08\x7fb\x0c", "ab"),
        ("a\u202eb\u2066c\u200bd".encode(), "abcd"),
        (b"a\tb", "a b"),
        (b"caff\xc3\xa8 \xff", "caffè \ufffd"),
    ],
)
def test_nothing_that_a_screen_would_obey_is_left(received, text):
    assert plain(received) == text


@given(received=st.binary(max_size=200) | st.text(max_size=100).map(lambda t: t.encode()))
def test_every_text_is_printable_lines(received):
    assert all(line.isprintable() for line in plain(received).split("\n"))


@given(text=st.text("abcXYZ019 .,:;#>%!-_=", max_size=50))
def test_plain_text_stays_as_it_is(text):
    assert plain(text.encode()) == text
