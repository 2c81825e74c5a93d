"""The native API on a fresh site, called from outside."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provisioning.app import create_flask
from provisioning.rest.session import limiter
from provisioning.services import accounts


@pytest.fixture
def secret() -> str:
    """A SIP password with characters that XML escapes."""
    return "s3cr&t<line>"


@pytest.fixture(scope="session")
def flask(first_start) -> Flask:
    """The native API; making it takes longer than most requests, so tests lend it their site."""
    return create_flask(*first_start)


@pytest.fixture
def app(flask, settings, site) -> Flask:
    """The native API on a fresh site."""
    flask.extensions.update(settings=settings, site=site)
    limiter.reset()
    return flask


@pytest.fixture
def anonymous(app) -> FlaskClient:
    """A browser that nobody is signed in with."""
    return app.test_client()


@pytest.fixture
def token(app) -> str:
    """The token of a program."""
    return accounts.create_service_token("tests", by="tests")


@pytest.fixture
def api(app, token) -> FlaskClient:
    """A program with a service token."""
    client = app.test_client(use_cookies=False)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


@pytest.fixture
def phone(api, secret) -> str:
    """The path of a registered phone with a secret of its own."""
    answer = api.post(
        "/api/v1/phones",
        json={
            "mac": "00:15:65:aa:bb:01",
            "model": "yealink-T46",
            "display_name": "Reception",
            "variables": {"account_password_1": secret, "account_username_1": "201"},
        },
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]
