"""A fresh site for every test, at work."""

import copy
import dataclasses
import shutil
import threading
from collections.abc import Iterator

import pytest
from gateways_at_work import Gateways, hurried
from site_at_work import WholeSite, whole_site

from provisioning.app import prepare
from provisioning.jobs import handlers
from provisioning.services import comparisons, registrations
from provisioning.services.site import Site
from provisioning.settings import Settings
from provisioning.store.database import database, open_database


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> tuple[Settings, Site]:
    """A fresh site; reading all vendors takes too long to do it for every test."""
    settings = Settings.from_environment(
        {
            "PROVISIONING_STATE": str(tmp_path_factory.mktemp("story") / "state"),
            "PROVISIONING_PUBLIC_URL": "https://pbx.example.org",
            "PROVISIONING_ADMIN_PASSWORD": "not-random",
        }
    )
    prepare(settings)
    return settings, Site(settings.state, settings.public_url)


@pytest.fixture
def looks() -> int:
    """How often it is looked whether a phone has fetched."""
    return 8


@pytest.fixture
def at_work(prepared, tmp_path, monkeypatch, looks) -> Iterator[WholeSite]:
    """The site with its worker and its PBX; nothing waits for longer than it must."""
    monkeypatch.setattr(comparisons, "_SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(registrations, "_FRESH_SECONDS", 0.0)
    monkeypatch.setattr(handlers, "_FETCH_PAUSES", (0.05,) * looks)
    monkeypatch.setattr(handlers, "_ACCOUNT_PAUSES", (0.05,) * 100)
    original, site = prepared
    settings = dataclasses.replace(original, state=tmp_path / "state")
    shutil.copytree(original.state, settings.state)
    open_database(settings.state / "provisioning.sqlite")
    own_site = copy.copy(site)
    own_site.state = settings.state
    with whole_site(settings, own_site) as found:
        yield found
    for thread in threading.enumerate():
        if thread.name == "operation":
            thread.join(10)
    database.close()


@pytest.fixture
def gateways(at_work, monkeypatch) -> Gateways:
    """The site with gateways to upload to, which need not be waited for."""
    return hurried(at_work, monkeypatch)
