"""An empty database in its newest form."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.store.database import database, migrate, open_database


@pytest.fixture
def file(tmp_path) -> Iterator[Path]:
    """A database file that is open, without any table."""
    file = tmp_path / "provisioning.sqlite"
    open_database(file)
    yield file
    database.close()


@pytest.fixture
def store(file) -> Path:
    """The file of an empty database in its newest form."""
    migrate()
    return file
