"""The native API on a fresh site, called from outside."""

import copy
import dataclasses
import shutil
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provisioning.app import create_flask, prepare
from provisioning.services import accounts
from provisioning.services.site import Site
from provisioning.settings import Settings
from provisioning.store.database import database, open_database


@pytest.fixture(scope="session")
def password() -> str:
    """Of the account ``admin``."""
    return "correct horse battery staple"


@pytest.fixture
def secret() -> str:
    """A SIP password with characters that XML escapes."""
    return "s3cr&t<line>"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory, password) -> tuple[Settings, Site]:
    """A fresh site; reading all vendors takes too long to do it for every test."""
    settings = Settings.from_environment(
        {
            "PROVISIONING_STATE": str(tmp_path_factory.mktemp("rest") / "state"),
            "PROVISIONING_PUBLIC_URL": "https://pbx.example.org",
            "PROVISIONING_ADMIN_PASSWORD": password,
        }
    )
    prepare(settings)
    return settings, Site(settings.state, settings.public_url)


@pytest.fixture
def app(prepared, tmp_path) -> Iterator[Flask]:
    """The native API on a copy of the fresh site."""
    original, site = prepared
    settings = dataclasses.replace(original, state=tmp_path / "state")
    shutil.copytree(original.state, settings.state)
    open_database(settings.state / "provisioning.sqlite")
    own_site = copy.copy(site)
    own_site.state = settings.state
    yield create_flask(settings, own_site)
    database.close()


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
