"""Whose address counts: behind proxies, with forged headers, in every notation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.web.callers import caller_of, parse_networks

LAN = parse_networks("192.168.0.0/16,10.0.0.0/8,fd00::/8")
PROXIES = parse_networks("127.0.0.1,10.9.0.0/16,fd00:9::/32")
CLIENT, INSIDE = "203.0.113.7", "192.168.1.50"


def caller(peer: str, proxies=PROXIES, **headers: str):
    environ = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return caller_of({"REMOTE_ADDR": peer, **environ}, proxies)


def test_without_headers_the_peer_is_the_caller():
    assert caller(CLIENT).address == CLIENT
    assert not caller(CLIENT).is_in(LAN)
    assert caller(INSIDE).is_in(LAN)
    assert caller("127.0.0.1").address == "127.0.0.1"


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"x_forwarded_for": CLIENT}, CLIENT),
        ({"x_forwarded_for": f"10.1.1.1, {CLIENT}"}, CLIENT),  # the first one is the client's word
        ({"x_forwarded_for": f"{CLIENT}, 10.9.0.1, 127.0.0.1"}, CLIENT),  # two proxies of ours
        ({"x_forwarded_for": f" {CLIENT}:4711 "}, CLIENT),
        ({"x_forwarded_for": "[2001:db8::1]:4711"}, "2001:db8::1"),
        ({"x_forwarded_for": "2001:db8::1"}, "2001:db8::1"),
        ({"x_forwarded_for": f"::ffff:{CLIENT}"}, CLIENT),
        ({"forwarded": f"for={CLIENT}"}, CLIENT),
        ({"forwarded": f'proto=https;For="{CLIENT}:80";by=10.9.0.1'}, CLIENT),
        ({"forwarded": f"for=10.1.1.1, for={CLIENT};proto=http"}, CLIENT),
        ({"forwarded": 'for="[2001:db8::1]:4711"'}, "2001:db8::1"),
        ({"x_real_ip": CLIENT}, CLIENT),
        ({"x_forwarded_for": CLIENT, "x_real_ip": "10.9.0.1"}, CLIENT),
        ({"x_forwarded_for": "10.9.0.1"}, "10.9.0.1"),  # the proxy asks for itself
        ({"x_forwarded_for": ""}, "127.0.0.1"),
    ],
)
def test_a_trusted_proxy_tells_the_client(headers, address):
    assert caller("127.0.0.1", **headers).address == address


@pytest.mark.parametrize(
    "headers",
    [
        {"x_forwarded_for": INSIDE},
        {"forwarded": f"for={INSIDE}"},
        {"x_real_ip": INSIDE},
        {"x_forwarded_for": INSIDE, "forwarded": f"for={INSIDE}", "x_real_ip": INSIDE},
    ],
)
def test_nobody_else_is_believed(headers):
    assert caller(CLIENT, **headers).address == CLIENT
    assert not caller(CLIENT, **headers).is_in(LAN)
    assert not caller("10.1.1.1", x_forwarded_for=CLIENT).is_in(LAN)


@pytest.mark.parametrize(
    "headers",
    [
        # The proxy appended to one header and let the others through as the client wrote them.
        {"x_forwarded_for": CLIENT, "forwarded": f"for={INSIDE}"},
        {"x_forwarded_for": INSIDE, "forwarded": f"for={CLIENT}"},
        {"x_forwarded_for": CLIENT, "x_real_ip": INSIDE},
        {"x_forwarded_for": f"{INSIDE}, {CLIENT}"},
        {"forwarded": f"for={INSIDE}", "x_real_ip": CLIENT},
    ],
)
def test_a_header_that_the_proxy_does_not_maintain_opens_nothing(headers):
    assert not caller("127.0.0.1", **headers).is_in(LAN)


@pytest.mark.parametrize(
    "headers",
    [
        {"x_forwarded_for": "unknown"},
        {"x_forwarded_for": f"{INSIDE}, nonsense"},
        {"x_forwarded_for": f"{INSIDE},"},
        {"x_forwarded_for": INSIDE, "forwarded": "for=_hidden"},
        {"forwarded": "for=unknown"},
        {"forwarded": "proto=https"},
        {"x_forwarded_for": "192.168.1.50.1"},
        {"x_forwarded_for": "192.168.1"},
        {"x_forwarded_for": "0xC0A80132"},
    ],
)
def test_headers_that_make_no_sense_open_nothing(headers):
    for peer in ("127.0.0.1", INSIDE):
        assert not caller(peer, **headers).is_in(LAN)


@pytest.mark.parametrize("peer", ["", "nonsense", "unix:", "localhost"])
def test_a_peer_without_an_address_is_nowhere(peer):
    assert not caller(peer).is_in(parse_networks("0.0.0.0/0,::/0"))
    assert caller(peer).address == peer


def test_a_proxy_nobody_configured_does_not_make_the_world_local():
    """NethVoice's filter saw the proxy and let everybody in."""
    local = parse_networks("127.0.0.0/8")

    assert not caller("127.0.0.1", (), x_forwarded_for=CLIENT).is_in(local)
    assert caller("127.0.0.1", (), x_forwarded_for="127.0.0.1").is_in(local)
    assert caller("127.0.0.1", ()).is_in(local)


def test_ipv4_written_as_ipv6_is_the_same_caller():
    assert caller(f"::ffff:{INSIDE}").address == INSIDE
    assert caller(f"::ffff:{INSIDE}").is_in(LAN)
    assert caller("::ffff:127.0.0.1", x_forwarded_for=CLIENT).address == CLIENT


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_header_of_a_stranger_opens_anything(forwarded_for, forwarded, real_ip):
    asking = caller(CLIENT, x_forwarded_for=forwarded_for, forwarded=forwarded, x_real_ip=real_ip)

    assert asking.address == CLIENT
    assert not asking.is_in(LAN)


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), (" , ", 0), ("::1", 1), ("10.0.0.0/8, 127.0.0.1 ,fe80::/10", 3)]
)
def test_networks_are_separated_by_commas(text, count):
    assert len(parse_networks(text)) == count


def test_an_address_inside_a_network_means_the_network():
    assert str(parse_networks("10.1.2.3/8")[0]) == "10.0.0.0/8"


@pytest.mark.parametrize("text", ["10.0.0.0/33", "localhost", "10.0.0.*", "10.0.0.0/8;::1", "10"])
def test_what_is_no_network_is_refused_by_name(text):
    with pytest.raises(ValueError, match="does not appear to be an IPv4 or IPv6 network"):
        parse_networks(text)
