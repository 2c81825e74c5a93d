"""Tancredi's API on a fresh site for every test, called from outside."""

import dataclasses
import json
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from provisioning.services import accounts
from provisioning.tancredi.api import create_app

BASE = "/tancredi/api/v1"
PROBLEMS = "https://nethesis.github.io/tancredi/problems/#"


class Tancredi:
    """A client of the API, signed in with a service token. Paths are relative to its base."""

    def __init__(self, client: Client, token: str | None, address: str = "192.0.2.10"):
        self._client = client
        self._address = address
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, method: str, path: str, document: object = ..., **options) -> TestResponse:
        """Make a request; a document is sent as JSON."""
        headers = {**self._headers, **options.pop("headers", {})}
        if document is not ...:
            options = {
                "data": json.dumps(document),
                "content_type": "application/json",
                **options,
            }
        options.setdefault("environ_base", {"REMOTE_ADDR": self._address})
        return self._client.open(BASE + path, method=method, headers=headers, **options)

    def document(self, path: str) -> object:
        """What a GET answers, which must be 200 and compact JSON."""
        answer = self.call("GET", path)
        assert answer.status == "200 OK", answer.data
        return parsed(answer)

    def send(self, method: str, path: str, document: object) -> object:
        """What a successful POST or PATCH answers."""
        answer = self.call(method, path, document)
        assert answer.status_code in (200, 201), answer.data
        return parsed(answer)

    def create_phone(self, mac: str = "00-15-65-AA-BB-01", **members: object) -> object:
        """The document of a new phone."""
        return self.send("POST", "/phones", {"mac": mac, **members})

    def variables(self, path: str) -> object:
        """The settings of a phone or a model."""
        return self.document(path)["variables"]


def parsed(answer: TestResponse) -> object:
    """The document of an answer, after a look at its form: clients read the text by patterns."""
    assert answer.headers["Content-Type"] == "application/json"
    text = answer.data.decode()
    document = json.loads(text)
    assert text == json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return document


@pytest.fixture(scope="session")
def application(first_start) -> Flask:
    """The API; making it takes longer than a request, so tests lend it their site."""
    return create_app(*first_start)


@pytest.fixture
def token(site) -> str:
    """The token of a program."""
    return accounts.create_service_token("tests", by="tests")


@pytest.fixture
def client_of(application, settings, site, token) -> Callable[..., Tancredi]:
    """Make a client: of a mode of the API, with or without its token, from an address."""

    def make(*, token: str | None = token, address: str = "192.0.2.10", **changes: object):
        app = create_app(dataclasses.replace(settings, **changes), site) if changes else application
        app.extensions["site"] = site
        return Tancredi(Client(app), token, address)

    return make


@pytest.fixture
def api(client_of) -> Tancredi:
    """A client with a service token."""
    return client_of()


@pytest.fixture
def refused() -> Callable[..., str]:
    """Check a problem document to the letter; what it tells beyond the title comes back."""

    def check(answer: TestResponse, status: int, fragment: str, title: str) -> str:
        assert answer.status_code == status, answer.data
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Content-Language"] == "en"
        document = json.loads(answer.data)
        detail = document.pop("detail", "")
        assert document == {"type": PROBLEMS + fragment, "title": title}
        assert list(document) == ["type", "title"]
        return detail

    return check


@pytest.fixture
def not_found(refused) -> Callable[[TestResponse], None]:
    """Check that an answer is 404 as Tancredi says it."""

    def check(answer: TestResponse) -> None:
        refused(answer, 404, "not-found", "Resource not found")

    return check


@pytest.fixture
def is_bare() -> Callable[[TestResponse, int], None]:
    """Check a status without a body."""

    def check(answer: TestResponse, status: int) -> None:
        assert (answer.status_code, answer.data) == (status, b"")
        assert "Content-Type" not in answer.headers

    return check
