"""A fresh site for every test; reading all vendors and hashing passwords is done once.

Being here also makes ``peers`` importable from every test, whichever is run alone.
"""

import copy
import dataclasses
import os
import shutil
from collections.abc import Iterator

import hypothesis
import pytest

from provisioning.app import prepare
from provisioning.services.site import Site
from provisioning.settings import Settings
from provisioning.store.database import database, open_database

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for another program for most of their time."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def password() -> str:
    """Of the account ``admin``."""
    return "first-password"


@pytest.fixture(scope="session")
def first_start(tmp_path_factory, password) -> tuple[Settings, Site]:
    """A site after its first start, to be copied."""
    settings = Settings.from_environment(
        {
            "PROVISIONING_STATE": str(tmp_path_factory.mktemp("first") / "state"),
            "PROVISIONING_PUBLIC_URL": "https://pbx.example.org",
            "PROVISIONING_ADMIN_PASSWORD": password,
        }
    )
    prepare(settings)
    return settings, Site(settings.state, settings.public_url)


@pytest.fixture
def settings(first_start, tmp_path) -> Settings:
    """Settings of a fresh site, in the folder ``state``."""
    original, _ = first_start
    copied = dataclasses.replace(original, state=tmp_path / "state")
    shutil.copytree(original.state, copied.state)
    return copied


@pytest.fixture
def site(first_start, settings) -> Iterator[Site]:
    """A fresh site, with its database open."""
    open_database(settings.state / "provisioning.sqlite")
    # What a power cut would lose is tried elsewhere, and a disk takes longer than a request.
    database.pragma("synchronous", "off", permanent=True)
    site = copy.copy(first_start[1])
    site.state = settings.state
    site.own_vendors = settings.state / "templates" / "phones"
    site.own_gateways = settings.state / "templates" / "gateways"
    yield site
    database.close()
