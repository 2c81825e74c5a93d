"""The number of the configuration is right in every process, though it is seldom asked for."""

import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from provisioning.store import database as module
from provisioning.store.change_signal import ChangeSignal
from provisioning.store.database import configuration_change, transaction, version

CHANGE = """
import sys
from provisioning.store.database import configuration_change, open_database
open_database(sys.argv[1])
with configuration_change():
    pass
"""


@pytest.fixture
def reader():
    """Another thread of the server, which keeps what it knows."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda: pool.submit(version).result()


@pytest.fixture
def signal(store) -> ChangeSignal:
    """As another process sees it."""
    return ChangeSignal(str(store))


def raise_by_hand(store) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE configuration SET version = version + 1")


def test_a_change_of_another_process_is_seen_at_once(store, reader):
    before = version(), reader()
    subprocess.run([sys.executable, "-c", CHANGE, str(store)], check=True)
    assert (version(), reader()) == (before[0] + 1, before[1] + 1)


def test_a_change_counts_when_all_around_it_is_committed(store, reader):
    before = reader()
    with transaction():
        with configuration_change():
            assert reader() == before
        assert reader() == before
    assert reader() == before + 1


def test_a_thread_that_asks_in_the_middle_keeps_nothing_old(store, reader):
    """It would serve what was there before the change until the next one."""
    for _ in range(50):
        before = version()
        with configuration_change():
            assert reader() == before
        assert reader() == version() == before + 1


def test_a_change_that_fails_leaves_all_quiet(store, signal, reader):
    before = reader()
    with suppress(ZeroDivisionError), configuration_change():
        raise ZeroDivisionError
    with suppress(ZeroDivisionError), transaction():
        with configuration_change():
            pass
        raise ZeroDivisionError
    assert signal.quiet() is not None
    assert reader() == before


def test_a_process_that_is_killed_in_the_middle_makes_the_others_ask(store, signal):
    before = version()
    signal.begin()
    for number in range(1, 4):
        raise_by_hand(store)
        assert version() == before + number
    with configuration_change():
        pass
    assert signal.quiet() is not None
    assert version() == before + 4


def test_a_repair_by_hand_is_seen_a_second_later(store, monkeypatch):
    before = version()
    raise_by_hand(store)
    assert version() == before  # nobody asked
    later = time.monotonic() + 1.1
    monkeypatch.setattr(module.time, "monotonic", lambda: later)
    assert version() == before + 1


def test_two_that_end_in_the_other_order_are_both_over(signal):
    one, other = signal.begin(), signal.begin()
    signal.end(other)
    signal.end(one)
    assert signal.quiet() == other


def test_it_is_for_the_owner_alone(store, signal):
    file = store.with_name(f"{store.name}-signal")
    assert file.stat().st_mode & 0o777 == 0o600
