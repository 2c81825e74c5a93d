"""What holds for every request: where it may go, what is believed, and how long it may take."""

import ssl
import subprocess
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from shutil import which

import pytest

from peers.rps.cloud import SOMEBODY_ELSES, Cloud, Response
from provisioning.connect.rps.connection import MAX_RETRY_AFTER_SECONDS, Connection, check_base_url
from provisioning.connect.rps.problems import Code, Trouble


class Plain(Cloud):
    """A server that answers what the test wants."""

    def __init__(self):
        super().__init__()
        self.response = Response(200, b"hello")

    def answer(self, request):
        return self.response


@pytest.fixture
def server():
    with Plain() as server:
        yield server


@pytest.fixture
def connection(server):
    connection = Connection(server.url, 10)
    yield connection
    connection.close()


def test_an_answer_comes_whole(server, connection):
    answer = connection.send("POST", "/a", parameters={"b": "c d"}, content=b"body")
    assert (answer.status, answer.body) == (200, b"hello")
    [request] = server.asked
    assert (request.target, request.body) == ("/a?b=c+d", b"body")


def test_no_compressed_answer_is_asked_for(server, connection):
    """A small compressed body may fill all memory once it is unpacked."""
    connection.send("GET", "/")
    assert server.asked[0].headers["accept-encoding"] == "identity"


def test_a_redirection_is_not_followed(server, connection):
    server.response = Response(307, b"", {"Location": f"{server.url}/elsewhere"})
    assert connection.send("GET", "/").status == 307
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        SOMEBODY_ELSES,
        "http://127.0.0.1:1/",
        "https://127.0.0.1/",
        "ftp://127.0.0.1/",
        "http://[bad/",
        "://",
    ],
)
def test_no_url_leads_to_another_origin(connection, url):
    with pytest.raises(Trouble) as trouble:
        connection.send("GET", url)
    assert trouble.value.code == Code.UNKNOWN_RESPONSE


def test_a_whole_url_of_the_same_origin_is_taken(server, connection):
    assert connection.send("GET", f"{server.url}/x/y").status == 200
    assert server.asked[0].target == "/x/y"


def test_proxies_of_the_environment_are_not_used(server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    connection = Connection(server.url, 10)
    assert connection.send("GET", "/").status == 200
    connection.close()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("", None),
        ("soon", None),
        ("-7", None),
        ("1.5", None),
        ("99999999999999999999", MAX_RETRY_AFTER_SECONDS),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER_SECONDS),
        ("Fri, 99 Dec 99999 23:59:59 GMT", None),
        ("Mon, 1 Jan 2024 00:00:00 +99999999", None),
    ],
)
def test_the_time_to_come_back_is_read(server, connection, value, seconds):
    server.response = Response(429, b"", {"Retry-After": value})
    assert connection.send("GET", "/").retry_after_seconds == seconds


def test_a_date_to_come_back_becomes_seconds(server, connection):
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    server.response = Response(503, b"", {"Retry-After": when})
    assert 90 < connection.send("GET", "/").retry_after_seconds <= 100


@pytest.mark.parametrize(
    "url",
    [
        "https://rps.example.org",
        "https://rps.example.org:8443/xmlrpc/",
        "http://127.0.0.1:8080",
        "http://127.8.8.8",
        "http://[::1]:80/x",
        "http://localhost:8080",
    ],
)
def test_a_service_is_at_https_or_on_this_machine(url):
    check_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "rps.example.org",
        "http://rps.example.org",
        "http://192.0.2.1",
        "http://localhost.example.org",
        "ftp://rps.example.org",
        "https://",
        "https:///x",
        "https://user:geheim@rps.example.org",
        "https://rps.example.org/?a=geheim",
        "https://rps.example.org/#geheim",
        "https://[geheim",
        "https://rps.example.org:geheim/",
        "https://a\nb/",
    ],
)
def test_credentials_are_sent_nowhere_else(url):
    """A digest that opens the account went over plain http (to Fanvil's service)."""
    with pytest.raises(ValueError, match="https://") as refused:
        check_base_url(url)
    assert "geheim" not in str(refused.value)
    with pytest.raises(ValueError, match="https://"):
        Connection(url, 1)


@contextmanager
def https_server(directory):
    """A server on loopback whose certificate nobody has signed but itself."""
    if which("openssl") is None:
        pytest.skip("openssl is not installed (Debian package openssl)")
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    class Server(HTTPServer):
        def handle_error(self, request, client_address):
            """The client leaves when it sees the certificate."""

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"https://127.0.0.1:{server.server_address[1]}", certificate, asked
        server.shutdown()


def test_a_certificate_that_nobody_has_signed_is_not_believed(tmp_path, monkeypatch):
    with https_server(tmp_path) as (url, certificate, asked):
        # Not even if the environment of the process says so.
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        connection = Connection(url, 10)
        with pytest.raises(Trouble) as trouble:
            connection.send("GET", "/")
        connection.close()
    assert trouble.value.code == Code.CONNECTION_FAILED
    assert asked == []
