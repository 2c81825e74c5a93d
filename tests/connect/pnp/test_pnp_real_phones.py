"""Phones that ask by PnP: sipp plays them (``peers/pnp_phone.py``), on loopback or in a segment."""

import socket
import subprocess
import threading
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from peers.pnp_phone import PnpPhone, ask, ask_in_vain
from peers.segment import PHONE_ADDRESS, PHONE_LINK, SERVER_LINK, inside, segment
from provisioning.connect.pnp.exchanges import MAX_PER_SOURCE
from provisioning.connect.pnp.server import GROUP, PORT, InterfaceUnusable, PnpServer
from provisioning.engine.vendor_files import load_library

PATTERNS = load_library([Path(__file__).parents[3] / "templates" / "phones"]).user_agents
LOOPBACK = IPv4Network("127.0.0.0/8")
URL = "https://pbx.example.org/provisioning/0123456789abcdef/{mac}.cfg"


def event(vendor: str, model: str, version: str) -> str:
    words = f'vendor="{vendor}";model="{model}";version="{version}"'
    return f'ua-profile;profile-type="device";{words}'


PHONES = {
    "Yealink": (
        PnpPhone(
            "sip:MAC%3a001565000001@224.0.1.75",
            event("Yealink", "T53W", "96.87.0.16"),
            "Yealink SIP-T53W 96.87.0.16",
        ),
        ("001565000001", "yealink", "SIP-T53W", "96.87.0.16"),
    ),
    "Yealink that writes its address in its user agent": (
        PnpPhone(
            "sip:MAC001565000002@224.0.1.75",
            event("Yealink", "T46S", "66.86.0.15"),
            "Yealink SIP-T46S 66.86.0.15 00:15:65:00:00:02",
        ),
        ("001565000002", "yealink", "SIP-T46S", "66.86.0.15"),
    ),
    "Snom": (
        PnpPhone(
            "sip:MAC%3a000413000001@intern.snom.de",
            event("snom", "snomD120", "10.1.39.11"),
            "snomD120/10.1.39.11",
            via="",
        ),
        ("000413000001", "snom", "D120", "10.1.39.11"),
    ),
    "Fanvil": (
        PnpPhone(
            "sip:MAC=0c383e000001@224.0.1.75",
            'ua-profile ; profile-type = "device" ; vendor = "Fanvil" ; model = "X6U" ; '
            'version = "2.4.13"',
            "Fanvil X6U 2.4.13 0c383e000001",
        ),
        ("0c383e000001", "fanvil", "X6U", "2.4.13"),
    ),
    "Fanvil's maker under another name": (
        PnpPhone(
            "sip:MAC=0c383e000002@224.0.1.75",
            event("PLANET", "VIP-2140PT", "2.0.3.2991"),
            "Voip Phone 1.0",
        ),
        ("0c383e000002", "planet", "VIP-2140PT", "2.0.3.2991"),
    ),
    "Gigaset": (
        PnpPhone(
            "sip:MAC%3a7c2f80000001@gigaset.com",
            event("Gigaset", "N670 IP PRO", "83.V2.49.1"),
            "Gigaset N670 IP PRO/83.V2.49.1;7C2F80000001",
        ),
        ("7c2f80000001", "gigaset", "N670 IP PRO", "83.V2.49.1"),
    ),
    "Grandstream": (
        PnpPhone(
            "sip:MAC%3AC074AD000001@224.0.1.75",
            event("Grandstream", "GRP2612W", "1.0.5.67"),
            "Grandstream GRP2612W 1.0.5.67",
        ),
        ("c074ad000001", "grandstream", "GRP2612W", "1.0.5.67"),
    ),
    "AudioCodes": (
        PnpPhone(
            "sip:MAC%3a00908f000001@224.0.1.75",
            'ua-profile;profile-type="application";vendor="AUDC";model="440HD";version="2.2.2"',
            "AUDC-IPPhone/2.2.2",
        ),
        ("00908f000001", "audc", "440HD", "2.2.2"),
    ),
    "Panasonic": (
        PnpPhone(
            "sip:MAC%3abcc342000001@224.0.1.75",
            'ua-profile;profile-type="device";vender="Panasonic";model="KX-HDV130";version="1.0"',
            "Panasonic_KX-HDV130/1.0",
            name='"A phone; <new>" ',
        ),
        ("bcc342000001", "panasonic", "KX-HDV130", "1.0"),
    ),
}


class Callback:
    """Answers phones that are waited for, and remembers who asked."""

    def __init__(self):
        self.seen = []

    def __call__(self, device):
        self.seen.append(device)
        known = {mac for _, (mac, *_) in PHONES.values()}
        return URL.format(mac=device.mac.bare) if device.mac.bare in known else None


@contextmanager
def serving(server: PnpServer):
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join()


@contextmanager
def server_on(*interfaces: str, allowed: IPv4Network = LOOPBACK):
    callback, port = Callback(), free_port()
    with PnpServer(interfaces, callback, PATTERNS, [allowed], port=port) as server, serving(server):
        yield callback, port


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def subscribe(mac: str, number: int = 1) -> bytes:
    uri = f"sip:MAC%3a{mac}@224.0.1.75"
    lines = (
        f"SUBSCRIBE {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK{number};rport",
        f"From: <{uri}>;tag={number}",
        f"To: <{uri}>",
        f"Call-ID: {number}",
        "CSeq: 1 SUBSCRIBE",
        "Contact: <sip:127.0.0.1:5060>",
        "Event: ua-profile",
        "Content-Length: 0",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


@contextmanager
def asking(port: int):
    """A socket whose datagrams reach the group on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.connect((GROUP, port))
        yield phone


@pytest.mark.parametrize("name", PHONES)
def test_a_phone_ends_with_its_url(name):
    phone, (mac, vendor, model, version) = PHONES[name]
    with server_on("lo") as (callback, port):
        conversation = ask(phone, port)

    assert conversation.complete
    assert conversation.url == URL.format(mac=mac)
    [seen] = callback.seen
    assert (seen.mac.bare, seen.vendor, seen.model, seen.version) == (mac, vendor, model, version)
    assert (seen.address, seen.user_agent) == ("127.0.0.1", phone.user_agent)

    def header(name: str) -> str:
        return conversation.header(name, of="NOTIFY")

    assert header("Content-Type") == "application/url"
    assert header("Content-Length") == str(len(conversation.url))
    assert header("Event") == phone.event
    assert header("Subscription-State") == "terminated;reason=timeout"
    assert header("From") == conversation.header("To", of="SIP/2.0 200")
    assert header("To") == conversation.header("From", of="SIP/2.0 200")
    assert conversation.header("Expires", of="SIP/2.0 200") == "0"


def test_a_phone_that_is_not_waited_for_hears_nothing_at_all():
    """Another server may be there: not even a refusal is sent."""
    stranger = PnpPhone("sip:MAC%3a001565ffffff@224.0.1.75", event("Yealink", "T53W", "1"), "x")
    with server_on("lo") as (callback, port):
        conversation = ask_in_vain(stranger, port)

    assert [seen.mac.bare for seen in callback.seen] == ["001565ffffff"]
    assert conversation.messages == []


def test_a_phone_of_a_foreign_network_hears_nothing_and_nobody_is_asked():
    phone, _ = PHONES["Yealink"]
    with server_on("lo", allowed=IPv4Network("10.0.0.0/8")) as (callback, port):
        conversation = ask_in_vain(phone, port)

    assert callback.seen == []
    assert conversation.messages == []


def test_a_flood_is_read_only_so_far_and_the_next_phone_is_served():
    with server_on("127.0.0.1") as (callback, port):
        with asking(port) as flooder:
            for number in range(20 * MAX_PER_SOURCE):
                flooder.send(subscribe("001565ffffff", number))
        # From another address of loopback: the flooder's has had its share.
        conversation = ask(PHONES["Snom"][0], port, address="127.0.0.2")

    assert conversation.complete
    assert [seen.mac.bare for seen in callback.seen] == [
        *["001565ffffff"] * MAX_PER_SOURCE, "000413000001",
    ]  # fmt: skip


def test_what_is_no_message_changes_nothing():
    good = subscribe("001565ffffff")
    broken = [
        b"", b"\r\n\r\n", b"\0" * 100, good[:-2], good + b"x" * 5000, b"\xff" + good,
        good.replace(b"SUBSCRIBE", b"REGISTER"), good.replace(b"ua-profile", b"presence"),
        good.replace(b"%3a", b"%3b"), good.replace(b"Call-ID", b"Call-Id2"),
    ]  # fmt: skip
    with server_on("127.0.0.1") as (callback, port):
        with asking(port) as phone:
            for datagram in broken:
                phone.send(datagram)
        conversation = ask(PHONES["Yealink"][0], port)

    assert [seen.mac.bare for seen in callback.seen] == ["001565000001"]
    assert conversation.complete


def test_an_interface_that_is_not_there_is_told_by_its_name():
    for interface in ("nowhere0", "lo-and-much-longer-than-names-are", "", "192.0.2.77"):
        server = PnpServer([interface], Callback(), PATTERNS, [LOOPBACK])
        with pytest.raises(InterfaceUnusable) as failure, server:
            pass
        assert failure.value.interface == interface
        assert failure.value.reason


def test_a_server_that_was_stopped_before_it_ran_does_not_run():
    with PnpServer(["lo"], Callback(), PATTERNS, [LOOPBACK], port=free_port()) as server:
        server.stop()
        server.run()


def test_a_server_hears_the_segments_of_its_interfaces_and_no_others():
    phone, (mac, *_) = PHONES["Yealink"]
    network = IPv4Network("10.77.0.0/16")
    here, elsewhere = Callback(), Callback()
    servers = [
        PnpServer([SERVER_LINK], here, PATTERNS, [network]),
        PnpServer(["lo"], elsewhere, PATTERNS, [network]),
    ]
    with segment() as found, ExitStack() as opened:
        for command in (
            found.as_server("ip", "link", "set", "lo", "up"),
            found.as_phone("ip", "address", "add", f"{PHONE_ADDRESS}/16", "dev", PHONE_LINK),
        ):
            subprocess.run(command, check=True)
        with inside(found.server):
            for server in servers:
                opened.enter_context(server)
        for server in servers:
            opened.enter_context(serving(server))
        conversation = ask(phone, PORT, where=found.as_phone(), address=PHONE_ADDRESS)

    assert conversation.url == URL.format(mac=mac)
    assert [seen.address for seen in here.seen] == [PHONE_ADDRESS]
    assert elsewhere.seen == []
