"""A worker that is killed at any moment loses nothing and does nothing twice that matters."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provisioning.services import operations
from provisioning.store.database import database

PROGRAM = Path(__file__).with_name("killable_worker.py")
KILLS = 10
ITEMS = 5_000
UNLIMITED = 1e6
DEADLINE_SECONDS = 120


@contextmanager
def worker(store: Path) -> Iterator[subprocess.Popen]:
    with (store.parent / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(store), str(store.parent)],
            stdout=subprocess.PIPE,
            stderr=log,
        )
        try:
            assert process.stdout.readline() == b"begins\n", log_of(store)
            yield process
        finally:
            process.kill()
            process.communicate()


def log_of(store: Path) -> str:
    return (store.parent / "worker.log").read_text()


def subjects(count: int) -> list[str]:
    return [f"{number:06}" for number in range(count)]


def ended(number: int) -> int:
    found = operations.progress(number)
    return found.done + found.failed + found.skipped


def wait_for(condition, store: Path) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, log_of(store)
        time.sleep(0.002)


def lines(store: Path, name: str) -> Counter[str]:
    return Counter((store.parent / name).read_text().split())


def test_ten_kills_lose_no_item_and_do_none_twice_that_must_not_be(store):
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201 (shown if the test fails)
    chance = random.Random(seed)
    exactly = operations.start("exactly_once", subjects(ITEMS), per_second=UNLIMITED, by="tests")
    at_least = operations.start("at_least_once", subjects(1_000), per_second=UNLIMITED, by="tests")
    at_most = operations.start("at_most_once", subjects(1_000), per_second=UNLIMITED, by="tests")
    kinds = (exactly, at_least, at_most)

    for kill in range(KILLS):
        with worker(store) as process:
            # At a moment of its work, which is anywhere in claiming, doing, writing down; some
            # are killed before they begin.
            enough = ended(exactly) + (chance.randint(1, 400) if kill % 4 else 0)
            wait_for(lambda enough=enough: ended(exactly) >= enough, store)
            time.sleep(chance.random() * 0.01)  # the moment itself, not something to wait for
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert operations.progress(exactly).done < ITEMS
            assert [operations.progress(number).total for number in kinds] == [ITEMS, 1000, 1000]

    with worker(store) as process:
        wait_for(lambda: all(operations.progress(number).ended for number in kinds), store)
        process.send_signal(signal.SIGTERM)

    effects = Counter(row for (row,) in database.execute_sql("SELECT subject FROM effect"))
    assert effects == Counter(subjects(ITEMS))
    assert operations.progress(exactly).done == ITEMS

    repeated = lines(store, "at_least_once")
    assert set(repeated) == set(subjects(1_000))
    assert operations.progress(at_least).done == 1_000

    once = lines(store, "at_most_once")
    assert max(once.values()) == 1
    found = operations.progress(at_most)
    assert found.done + found.failed == 1_000
    _, done = operations.items(at_most, state="done", offset=0, limit=1_000)
    _, failed = operations.items(at_most, state="failed", offset=0, limit=1_000)
    assert {item.subject for item in done} <= set(once)
    # Whether these took effect is not known, and that is what they say.
    assert set(once) - {item.subject for item in done} <= {item.subject for item in failed}
    assert all("not known" in item.reason for item in failed)
