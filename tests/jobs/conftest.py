"""An empty database in its newest form, with a table whose rows are effects."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.store.database import database, migrate, open_database


@pytest.fixture(scope="session")
def migrated(tmp_path_factory) -> bytes:
    """Migrating takes longer than most tests here."""
    file = tmp_path_factory.mktemp("jobs") / "provisioning.sqlite"
    open_database(file)
    migrate()
    database.execute_sql("CREATE TABLE effect (subject TEXT NOT NULL)")
    database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return file.read_bytes()


@pytest.fixture
def store(migrated, tmp_path) -> Iterator[Path]:
    """The file of the open database."""
    file = tmp_path / "provisioning.sqlite"
    file.write_bytes(migrated)
    open_database(file)
    # What a power cut would lose is tried elsewhere, and a disk takes longer than an item.
    database.pragma("synchronous", "off", permanent=True)
    yield file
    # What was let go at the end of a test must not meet the next one's database.
    for thread in threading.enumerate():
        if thread.name == "operation":
            thread.join(10)
            assert not thread.is_alive()
    database.close()
