"""The TFTP server, asked by the real client that curl is, and by one that breaks the rules."""

import os
import shutil
import socket
import struct
import subprocess
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.connect.gateways.tftp import BLOCK_BYTES, MAX_FILE_BYTES, TftpServer

READ = struct.pack("!H", 1)


@pytest.fixture
def server():
    with TftpServer("127.0.0.1", 0, patience=0.1) as server:
        yield server


def fetch(url: str, *options: str) -> "subprocess.CompletedProcess[bytes]":
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    command = ["curl", "-s", "--max-time", "10", *options, url]
    return subprocess.run(command, capture_output=True, check=False)


def ask(url: str, request: bytes) -> tuple[socket.socket, bytes, tuple[str, int]]:
    """Send a request from a socket of ours, and return the first answer."""
    port = int(url.split(":")[2].split("/")[0])
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.settimeout(2)
    link.sendto(request, ("127.0.0.1", port))
    return link, *link.recvfrom(2000)


@pytest.mark.parametrize("size", [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 50_000])
@pytest.mark.parametrize("options", [[], ["--tftp-no-options"]])
def test_a_client_gets_the_whole_file(server, size, options):
    content = os.urandom(size)
    with server.offer(content, "127.0.0.1") as offer:
        assert not offer.taken(0)
        done = fetch(offer.url, *options)

        assert (done.returncode, done.stdout) == (0, content)
        assert offer.taken()


def test_a_text_client_gets_its_line_ends(server):
    with server.offer(b"a\nb\n", "127.0.0.1") as offer:
        assert fetch(offer.url, "--use-ascii").stdout in (b"a\r\nb\r\n", b"a\nb\n")


def test_a_file_is_there_for_its_gateway_and_its_time_only(server):
    with server.offer(b"secret", "127.0.0.2") as offer:
        assert fetch(offer.url).returncode == 68  # file not found
    with server.offer(b"secret", "127.0.0.1") as offer:
        pass
    assert fetch(offer.url).returncode == 68


def test_names_cannot_be_guessed_and_there_is_no_folder(server):
    with server.offer(b"x", "127.0.0.1") as one, server.offer(b"x", "127.0.0.1") as two:
        assert one.name != two.name
        assert len(one.name) == 36
        base = one.url.rpartition("/")[0]
        for name in ("../../etc/passwd", "/etc/passwd", "", one.name[:-1]):
            assert fetch(f"{base}/{name}").returncode != 0


def test_nothing_can_be_written(server, tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    with server.offer(b"x", "127.0.0.1") as offer:
        done = fetch(offer.url.rpartition("/")[0] + "/new", "-T", str(file), "--max-time", "0.5")
        assert done.returncode != 0


def test_a_block_that_is_lost_is_sent_again(server):
    with server.offer(b"content", "127.0.0.1") as offer:
        link, first, sender = ask(offer.url, READ + offer.name.encode() + b"\0octet\0")
        with link:
            again = link.recvfrom(2000)[0]
            assert first == again == struct.pack("!HH", 3, 1) + b"content"
            link.sendto(struct.pack("!HH", 4, 0), sender)  # an acknowledgement that is late
            assert not offer.taken(0)
            link.sendto(struct.pack("!HH", 4, 1), sender)
            assert offer.taken()


def test_a_client_that_goes_away_is_forgotten_and_may_ask_again(server):
    with server.offer(b"content", "127.0.0.1") as offer:
        link, _, _ = ask(offer.url, READ + offer.name.encode() + b"\0octet\0")
        link.close()
        for _ in range(50):
            if fetch(offer.url, "--max-time", "1").stdout == b"content":
                break
        assert offer.taken()


def test_the_end_of_the_server_ends_its_transfers_and_threads():
    before = threading.active_count()
    with (
        TftpServer("127.0.0.1", 0, patience=0.2) as server,
        server.offer(b"x" * 5000, "127.0.0.1") as offer,
    ):
        link, _, _ = ask(offer.url, READ + offer.name.encode() + b"\0octet\0")
    link.close()
    assert threading.active_count() == before


def test_a_file_that_is_too_long_is_not_offered(server):
    with (
        pytest.raises(ValueError, match="at most"),
        server.offer(b"x" * (MAX_FILE_BYTES + 1), "127.0.0.1"),
    ):
        pass


def test_a_port_that_is_taken_is_told(server):
    with server.offer(b"x", "127.0.0.1") as offer:
        port = int(offer.url.split(":")[2].split("/")[0])
    with pytest.raises(OSError, match="in use"), TftpServer("127.0.0.1", port):
        pass


def test_the_usual_port_is_not_written():
    if os.geteuid() != 0:
        pytest.skip("port 69 wants root")
    with TftpServer("127.69.69.69") as server, server.offer(b"x", "127.0.0.1") as offer:
        assert offer.url == f"tftp://127.69.69.69/{offer.name}"


@settings(max_examples=50)
@given(request=st.binary(max_size=60))
def test_no_request_stops_the_server(request):
    with (
        TftpServer("127.0.0.1", 0, patience=0.05) as server,
        server.offer(b"content", "127.0.0.1") as offer,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link,
    ):
        port = int(offer.url.split(":")[2].split("/")[0])
        link.sendto(request, ("127.0.0.1", port))
        link.sendto(READ + request, ("127.0.0.1", port))
        known, first, _ = ask(offer.url, READ + offer.name.encode() + b"\0octet\0")
        known.close()
        assert first.endswith(b"content")
