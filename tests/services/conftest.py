"""A fresh site for every test; reading all vendors and hashing passwords is done once."""

import copy
import shutil
from collections.abc import Iterator

import pytest

from provisioning.app import prepare
from provisioning.services.site import Site
from provisioning.settings import Settings
from provisioning.store.database import database, open_database


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Site:
    """A fresh site."""
    settings = Settings.from_environment(
        {
            "PROVISIONING_STATE": str(tmp_path_factory.mktemp("services") / "state"),
            "PROVISIONING_PUBLIC_URL": "https://pbx.example.org",
            "PROVISIONING_ADMIN_PASSWORD": "first-password",
        }
    )
    prepare(settings)
    return Site(settings.state, settings.public_url)


@pytest.fixture
def site(prepared, tmp_path) -> Iterator[Site]:
    """A copy of the fresh site, with its database open."""
    shutil.copytree(prepared.state, tmp_path / "state")
    open_database(tmp_path / "state" / "provisioning.sqlite")
    copied = copy.copy(prepared)
    copied.state = tmp_path / "state"
    yield copied
    database.close()
