"""Two workers on one database: one works, the other waits to take over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from working import effects, ended, start, until, working

from provisioning.jobs import lease as module
from provisioning.jobs.kinds import Handler, Outcome, after_interruption
from provisioning.jobs.lease import Lease
from provisioning.store.database import database, transaction

SECONDS = 10.0


def write_row(subject, parameters):
    database.execute_sql("INSERT INTO effect (subject) VALUES (?)", (subject,))


@pytest.fixture
def clock(monkeypatch):
    """The clock that nobody sets, in the hands of the test."""

    class Clock:
        now = 1_000.0

    monkeypatch.setattr(module, "monotonic", lambda: Clock.now)
    return Clock


def take(lease: Lease) -> bool:
    with transaction():
        return lease.free() and lease.take()


def renew(lease: Lease) -> bool:
    with transaction():
        return lease.renew()


def test_one_of_two_works_and_the_other_takes_over_when_it_stops(store):
    subjects = [f"{number:03}" for number in range(300)]
    handlers = {"kind": Handler(write_row, in_transaction=True)}
    with working(handlers) as first:
        until(lambda: first.leads)
        with working(handlers) as second:
            number = start("kind", *subjects)
            until(lambda: ended(number))
            assert first.leads
            assert not second.leads

            first.stop()
            until(lambda: second.leads)
            another = start("kind", "another")
            until(lambda: ended(another))

    assert effects() == [*subjects, "another"]


def test_two_that_begin_together_do_every_item_once(store):
    subjects = [f"{number:03}" for number in range(300)]
    handlers = {"kind": Handler(write_row, in_transaction=True)}
    number = start("kind", *subjects)
    with working(handlers), working(handlers):
        until(lambda: ended(number))

    assert effects() == subjects


def test_a_lease_that_is_renewed_is_not_taken(store, clock):
    one, two = Lease("worker", "one", SECONDS), Lease("worker", "two", SECONDS)
    assert take(one)

    for _ in range(10):
        clock.now += SECONDS * 0.6
        assert renew(one)
        assert not take(two)
    assert one.held
    assert not two.held


def test_a_lease_that_stands_still_is_taken_after_its_time(store, clock):
    one, two = Lease("worker", "one", SECONDS), Lease("worker", "two", SECONDS)
    assert take(one)

    assert not take(two)
    clock.now += SECONDS
    assert not take(two)
    assert not one.held  # it knows by itself
    clock.now += 0.1
    assert take(two)
    assert not renew(one)


def test_of_two_that_want_a_free_lease_one_gets_it(store, clock):
    one, two = Lease("worker", "one", SECONDS), Lease("worker", "two", SECONDS)
    assert one.free()
    assert two.free()

    with transaction():
        assert [one.take(), two.take()] == [True, False]


def test_a_dropped_lease_is_free_at_once(store, clock):
    one, two = Lease("worker", "one", SECONDS), Lease("worker", "two", SECONDS)
    assert take(one)

    with transaction():
        two.drop()  # not its own
        assert not take(two)
        one.drop()
    assert take(two)


def test_the_system_time_may_jump(store, monkeypatch):
    """A lease rests on no time of day."""
    one, two = Lease("worker", "one", SECONDS), Lease("worker", "two", SECONDS)
    assert take(one)
    for jump in (-1e9, 1e9):
        monkeypatch.setattr("time.time", lambda jump=jump: 2e9 + jump)
        assert not take(two)
        assert one.held


@pytest.mark.parametrize(
    ("handler", "cancelled", "outcome", "told"),
    [
        (Handler(write_row), False, "waiting", ""),
        (Handler(write_row), True, "failed", "not known"),
        (Handler(write_row, repeatable=False), False, "failed", "not known"),
        (Handler(write_row, in_transaction=True), False, "waiting", ""),
        (Handler(write_row, in_transaction=True), True, "skipped", "cancelled"),
        (Handler(write_row, repeatable=False, in_transaction=True), False, "waiting", ""),
        (None, False, "waiting", ""),
    ],
)
def test_what_becomes_of_an_interrupted_item(handler, cancelled, outcome, told):
    found = after_interruption(handler, 1, cancelled=cancelled)

    assert found.state == outcome
    assert told in (found.reason or "")


@given(st.builds(Handler, st.just(write_row), st.booleans(), st.booleans()), st.booleans())
def test_an_item_that_brings_the_worker_down_each_time_is_left_alone(handler, cancelled):
    found = after_interruption(handler, 25, cancelled=cancelled)

    assert found == Outcome("failed", "It was interrupted at the last of 25 attempts.")
