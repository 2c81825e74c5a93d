"""A fresh site for every test; reading all vendors and hashing passwords is done once."""

import copy
import dataclasses
import shutil
from collections.abc import Callable, Iterator

import pytest
from served import Served

from provisioning.app import prepare
from provisioning.services.site import Site
from provisioning.settings import Settings
from provisioning.store.database import database, open_database


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> tuple[Settings, Site]:
    """A fresh site."""
    settings = Settings.from_environment(
        {
            "PROVISIONING_STATE": str(tmp_path_factory.mktemp("delivery") / "state"),
            "PROVISIONING_PUBLIC_URL": "https://pbx.example.org",
            "PROVISIONING_ADMIN_PASSWORD": "not-random",
        }
    )
    prepare(settings)
    return settings, Site(settings.state, settings.public_url)


@pytest.fixture
def settings(prepared, tmp_path) -> Iterator[Settings]:
    """Settings of a copy of the fresh site, with its database open."""
    original, _ = prepared
    copied = dataclasses.replace(original, state=tmp_path / "state")
    shutil.copytree(original.state, copied.state)
    open_database(copied.state / "provisioning.sqlite")
    yield copied
    database.close()


@pytest.fixture
def served(prepared, settings) -> Iterator[Served]:
    """The fresh site; its templates are compiled once for all tests."""
    site = copy.copy(prepared[1])
    site.state = settings.state
    served = Served(settings, site)
    yield served
    served.events.flush()  # or its thread would write into the next test's database


@pytest.fixture
def start(settings) -> Iterator[Callable[[], Served]]:
    """Start one more process on the same state directory."""
    started = []

    def start_one(**changes: object) -> Served:
        started.append(Served(dataclasses.replace(settings, **changes)))
        return started[-1]

    yield start_one
    for served in started:
        served.events.flush()
