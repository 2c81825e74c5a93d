"""Opening the database, its migrations, transactions and the version of the configuration."""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peewee import DatabaseProxy, SqliteDatabase
from playhouse.migrations import Runner

from provisioning.store.change_signal import ChangeSignal

database = DatabaseProxy()
"""The one database of the process; :func:`open_database` tells it which."""

MIGRATIONS = Path(__file__).parent / "migrations"

# At the level below it writes every value of every statement, secrets too.
logging.getLogger("peewee").setLevel(logging.INFO)

# Any write waits this long for another process before it fails.
_BUSY_SECONDS = 15

# Anything but :func:`configuration_change`, e.g. a repair by hand, is seen after so long.
_TRUSTED_SECONDS = 1.0

_writers = threading.RLock()


def open_database(file: Path) -> None:
    """Use a SQLite file for all tables of the process.

    Write-ahead logging lets readers go on while one writes. Every commit reaches the disk before
    it is answered (``synchronous`` full), so that a power cut loses nothing that was confirmed.
    """
    if database.obj is not None:
        database.close()
    database.initialize(
        SqliteDatabase(
            str(file),
            pragmas={
                "journal_mode": "wal",
                "foreign_keys": 1,
                "synchronous": "full",
                "cache_size": -8000,
            },
            timeout=_BUSY_SECONDS,
        )
    )


def migrate(target: str | None = None) -> list[str]:
    """Bring the tables to the newest form, or to that of one migration.

    Migrations run only here: outside the runner SQLite's table rebuilds delete child rows.

    Returns:
        The names of the migrations that were applied.

    Raises:
        RuntimeError: rows refer to rows that are gone; the database needs a look by hand.
    """
    applied: list[str] = Runner(database, str(MIGRATIONS)).up(target)
    broken = database.execute_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"rows without their parents after migrating: {broken[:5]}")
    return applied


@contextmanager
def transaction() -> Iterator[None]:
    """Everything inside happens, or nothing; a second writer waits from the start.

    ``IMMEDIATE`` takes the write lock at once: two transactions that read and then write cannot
    lose each other's update. Threads of this process queue before that: SQLite lets those who wait
    look only once in a while, longer and longer.
    """
    with _writers:
        outermost = not database.in_transaction()
        try:
            with database.atomic("IMMEDIATE"):
                yield
        finally:
            if outermost:
                _announced.end()


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything read inside is of one moment; writers do not wait."""
    with database.atomic():
        yield


@contextmanager
def configuration_change() -> Iterator[None]:
    """A transaction that changes what devices are served: every process notices (``version``)."""
    with transaction():
        yield
        database.execute_sql(
            "UPDATE configuration SET version = version + 1, changed_at = ?", (int(time.time()),)
        )
        _announced.begin()  # after a write: no other process can write any more


class _Announced:
    """The change that this process is about to commit; whoever uses it holds ``_writers``."""

    def __init__(self) -> None:
        self._file: str | None = None
        self._change: int | None = None

    def begin(self) -> None:
        file: str = database.obj.database
        if self._file != file:
            self._signal, self._file = ChangeSignal(file), file
        self._change = self._signal.begin()

    def end(self) -> None:
        if self._change is not None:
            self._signal.end(self._change)
            self._change = None


_announced = _Announced()


class _VersionReader(threading.local):
    """A connection of each thread for the one query that every request of a device makes."""

    def __init__(self) -> None:
        self._file: str | None = None
        self._version = 0
        self._known: int | None = None
        self._trusted_until = 0.0

    def read(self) -> int:
        file: str = database.obj.database
        if self._file != file:
            self._connection = sqlite3.connect(file, isolation_level=None, timeout=_BUSY_SECONDS)
            self._signal = ChangeSignal(file)
            self._file, self._known = file, None
        # In this order: what is committed after the look at the signal shows at the next one.
        quiet, now = self._signal.quiet(), time.monotonic()
        if quiet is None or self._known != quiet or now > self._trusted_until:
            row = self._connection.execute("SELECT version FROM configuration").fetchone()
            self._version = int(row[0])
            self._known, self._trusted_until = quiet, now + _TRUSTED_SECONDS
        return self._version


_version_reader = _VersionReader()


def version() -> int:
    """The committed number of the configuration, read at each request of a device."""
    return _version_reader.read()


def changed_at() -> int:
    """When the configuration changed last, Unix time in seconds."""
    row = database.execute_sql("SELECT changed_at FROM configuration").fetchone()
    return int(row[0])


def data_digest() -> str | None:
    """Of the shipped data and templates, when they were last looked at."""
    row = database.execute_sql("SELECT data_digest FROM configuration").fetchone()
    return None if row[0] is None else str(row[0])


def set_data_digest(digest: str) -> None:
    """Remember which shipped data and templates phones were compared with."""
    database.execute_sql("UPDATE configuration SET data_digest = ?", (digest,))
