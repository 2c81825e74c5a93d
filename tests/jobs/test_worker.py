"""What the worker makes of an item, however that ends."""

import sqlite3
import threading
import time

import pytest
from peewee import OperationalError
from working import (
    UNLIMITED,
    attempts,
    done_by,
    effects,
    ended,
    start,
    states,
    until,
    working,
)

from provisioning.jobs import worker as module
from provisioning.jobs.kinds import Failed, Handler, Skip, TryAgain
from provisioning.jobs.worker import Hanging, Worker
from provisioning.services import operations
from provisioning.store import operations as stored
from provisioning.store.database import database, open_database, transaction


def write_row(subject, parameters):
    database.execute_sql("INSERT INTO effect (subject) VALUES (?)", (subject,))
    if subject == "bad":
        raise Failed("It is bad.")
    if subject == "mistaken":
        raise KeyError(subject)
    return "written"


def raising(exception):
    def work(subject, parameters):
        raise exception

    return work


class Gate:
    """Work that waits until it is let through."""

    def __init__(self) -> None:
        self.entered: list[str] = []
        self.open = threading.Event()

    def __call__(self, subject, parameters) -> None:
        self.entered.append(subject)
        assert self.open.wait(30)


def test_an_item_gets_its_subject_and_the_parameters_of_the_operation(store):
    got = []
    handler = Handler(lambda subject, parameters: got.append((subject, parameters)))

    done_by(handler, "one", "two", "one", parameters={"why": "test"})

    told = {"why": "test", "operation": 1, "attempt": 1}
    assert sorted(got, key=str) == [("one", told), ("two", told)]


def test_a_remark_is_kept_with_the_item(store):
    number = done_by(Handler(lambda subject, parameters: f"{subject} was fine"), "one")

    assert states(number) == {"one": ("done", "one was fine")}
    assert operations.progress(number).operation.state == "done"


@pytest.mark.parametrize("in_transaction", [False, True])
@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (Skip("There is nothing to do."), ("skipped", "There is nothing to do.")),
        (Failed("The phone refused."), ("failed", "The phone refused.")),
        (KeyError("secret"), ("failed", "An error of the server: KeyError.")),
    ],
)
def test_an_item_that_is_not_done_says_why(store, exception, expected, in_transaction):
    number = done_by(Handler(raising(exception), in_transaction=in_transaction), "one")

    assert states(number) == {"one": expected}


def test_an_operation_of_an_unknown_kind_fails_and_says_so(store):
    number = start("nonsense", "one", "two")

    with working({}):
        until(lambda: ended(number))

    assert set(states(number).values()) == {
        ("failed", "This release does not know operations of the kind 'nonsense'.")
    }


def test_an_operation_without_items_is_done(store):
    number = done_by(Handler(write_row))

    assert operations.progress(number).operation.state == "done"


@pytest.mark.parametrize("in_transaction", [False, True])
def test_a_passing_failure_is_tried_again(store, in_transaction):
    tried = []

    def work(subject, parameters):
        tried.append(subject)
        if len(tried) < 3:
            raise TryAgain("It is busy.")

    number = done_by(Handler(work, in_transaction=in_transaction, pauses=(0, 0)), "one")

    assert states(number) == {"one": ("done", None)}
    assert attempts(number) == {"one": 3}


def test_a_failure_that_does_not_pass_fails_in_the_end(store):
    number = done_by(Handler(raising(TryAgain("It is busy.")), pauses=(0, 0)), "one")

    assert states(number) == {"one": ("failed", "It is busy. Tried 3 times.")}


def test_an_item_that_waits_for_another_attempt_says_why_and_until_when(store):
    number = start("kind", "one")
    begun = time.time()

    with working({"kind": Handler(raising(TryAgain("It is busy.")), pauses=(3600,))}):
        until(lambda: states(number) == {"one": ("waiting", "It is busy.")})

    _, [item] = operations.items(number, state="waiting", offset=0, limit=10)
    assert begun + 3600 <= item.due_at <= time.time() + 3600


def test_a_database_that_others_write_for_long_is_a_passing_failure(store):
    number = done_by(Handler(raising(OperationalError("locked")), pauses=(0,)), "one")
    once = done_by(Handler(raising(OperationalError("locked")), repeatable=False), "one")

    assert states(number) == {
        "one": ("failed", "An error of the server: OperationalError. Tried 2 times.")
    }
    assert attempts(once) == {"one": 1}


def test_an_item_that_fails_in_a_transaction_takes_back_its_own_effect_only(store):
    handler = Handler(write_row, in_transaction=True)

    number = done_by(handler, "one", "bad", "two", "mistaken", "three")

    assert effects() == ["one", "three", "two"]
    assert states(number) == {
        "one": ("done", "written"),
        "bad": ("failed", "It is bad."),
        "two": ("done", "written"),
        "mistaken": ("failed", "An error of the server: KeyError."),
        "three": ("done", "written"),
    }


def test_an_operation_does_not_begin_before_its_time(store):
    later = start("kind", "one", not_before=time.time() + 3600)
    now = start("kind", "one", not_before=time.time())

    with working({"kind": Handler(write_row)}):
        until(lambda: ended(now))

    assert states(later) == {"one": ("waiting", None)}


def test_a_paused_operation_begins_nothing_until_it_is_resumed(store):
    gate = Gate()
    number = start("kind", *map(str, range(50)))
    with working({"kind": Handler(gate)}):
        until(lambda: gate.entered)
        operations.pause(number, by="tests")
        gate.open.set()
        until(lambda: operations.progress(number).working == 0)
        entered = len(gate.entered)
        another = start("kind", "another")
        until(lambda: ended(another))

        assert len(gate.entered) == entered + 1
        assert operations.progress(number).waiting == 50 - entered > 0

        operations.resume(number, by="tests")
        until(lambda: ended(number))
    assert operations.progress(number).done == 50


def test_a_cancelled_operation_tries_nothing_again(store):
    gate = Gate()

    def work(subject, parameters):
        gate(subject, parameters)
        if subject == "1":
            raise TryAgain("It is busy.")

    number = start("kind", *map(str, range(50)))
    with working({"kind": Handler(work, pauses=(0,))}):
        until(lambda: "1" in gate.entered)
        operations.cancel(number, by="tests")
        assert not operations.progress(number).ended
        gate.open.set()
        until(lambda: ended(number))

    found = operations.progress(number)
    assert (found.done, found.skipped) == (len(gate.entered) - 1, 51 - len(gate.entered))
    assert states(number)["1"] == (
        "skipped",
        "The operation was cancelled. The last attempt: It is busy.",
    )
    assert states(number)["49"] == ("skipped", "The operation was cancelled.")


def test_what_failed_is_done_when_it_is_retried(store):
    broken = [True]

    def work(subject, parameters):
        if broken[0]:
            raise Failed("It is broken.")

    number = start("kind", "one", "two")
    with working({"kind": Handler(work)}):
        until(lambda: ended(number))
        broken[0] = False
        operations.retry_failed(number, by="tests")
        until(lambda: operations.progress(number).done == 2)
        until(lambda: ended(number))


@pytest.mark.parametrize(
    ("repeatable", "expected"),
    [
        (True, "It did not end within 0.05 seconds. Tried 2 times."),
        (
            False,
            "It did not end within 0.05 seconds; whether it took effect is not known: look, "
            "then retry.",
        ),
    ],
)
def test_an_item_that_hangs_is_given_up_and_its_late_end_changes_nothing(
    store, repeatable, expected
):
    gate = Gate()
    handler = Handler(gate, repeatable=repeatable, pauses=(0,), seconds=0.05)
    number = start("hangs", "one")
    with working({"hangs": handler, "kind": Handler(write_row)}) as worker:
        until(lambda: ended(number))
        assert states(number) == {"one": ("failed", expected)}
        gate.open.set()
        until(lambda: worker._threads.hanging == 0)

        another = start("kind", "one")
        until(lambda: ended(another))
    assert states(number) == {"one": ("failed", expected)}


def test_devices_that_hang_leave_threads_to_other_operations(store):
    gate = Gate()
    hanging = start("hangs", *map(str, range(100)))
    handler = Handler(gate, at_once=50)
    with working({"hangs": handler, "kind": Handler(write_row)}):
        until(lambda: len(gate.entered) == handler.at_once)
        others = [start("kind", *map(str, range(20))) for _ in range(5)]
        until(lambda: all(ended(number) for number in others))

        assert operations.progress(hanging).working == handler.at_once
        operations.cancel(hanging, by="tests")
        gate.open.set()


def test_a_transaction_that_hangs_ends_the_process_for_everybody_to_write_again(store):
    gate = Gate()
    start("kind", "one")

    worker = Worker({"kind": Handler(gate, in_transaction=True, seconds=0.05)})
    with pytest.raises(Hanging, match="kind, one"):
        worker.run()

    gate.open.set()


def test_too_many_items_that_hang_end_the_process(store, monkeypatch):
    monkeypatch.setattr(module, "_MAX_HANGING", 5)
    gate = Gate()
    start("kind", *map(str, range(20)))

    with pytest.raises(Hanging, match="attempts did not end"):
        Worker({"kind": Handler(gate, seconds=0.05)}).run()

    gate.open.set()


def test_stopping_lets_what_was_begun_end_and_begins_nothing_else(store):
    gate = Gate()
    number = start("kind", *map(str, range(50)))
    with working({"kind": Handler(gate)}) as worker:
        until(lambda: gate.entered)
        worker.stop()
        gate.open.set()

    found = operations.progress(number)
    assert (found.done, found.working) == (len(gate.entered), 0)
    assert found.waiting == 50 - len(gate.entered) > 0


def test_stopping_does_not_wait_for_ever(store, monkeypatch):
    monkeypatch.setattr(module, "_STOP_SECONDS", 0.05)
    gate = Gate()
    number = start("kind", "one")
    with working({"kind": Handler(gate)}) as worker:
        until(lambda: gate.entered)
        worker.stop()

    assert operations.progress(number).working == 1
    gate.open.set()
    with working({"kind": Handler(write_row)}):
        until(lambda: ended(number))
    assert states(number) == {"one": ("done", "written")}


def test_a_pace_is_kept(store):
    begun = []
    start("kind", *map(str, range(100)), per_second=20)

    with working({"kind": Handler(lambda *_: begun.append(time.monotonic()))}):
        until(lambda: len(begun) >= 30)

    # Half a second's worth and one may begin at once.
    assert begun[29] - begun[0] >= (30 - 11 - 1) / 20


def test_five_thousand_items_take_less_than_twenty_seconds(store):
    subjects = [f"{number:04}" for number in range(5_000)]
    begun = time.monotonic()

    number = done_by(Handler(lambda *_: None), *subjects, per_second=UNLIMITED)

    assert operations.progress(number).done == 5_000
    assert time.monotonic() - begun < 20


def test_an_idle_worker_asks_the_database_a_few_times_a_second(store, monkeypatch):
    asked = []
    execute = database.obj.execute_sql
    monkeypatch.setattr(
        database.obj,
        "execute_sql",
        lambda *args, **kw: asked.append(args[0]) or execute(*args, **kw),
    )
    start("kind", "one", not_before=time.time() + 3600)
    paused = start("kind", "one")
    operations.pause(paused, by="tests")
    with working({}, lease_seconds=10.0) as worker:
        until(lambda: worker.leads)
        asked.clear()
        begun = time.monotonic()
        until(lambda: time.monotonic() - begun > 1.5)
        found = list(asked)

    assert 1 <= len(found) <= 6
    assert all(query.startswith("SELECT") for query in found)


def test_the_worker_outlives_a_database_that_cannot_be_written(store, monkeypatch, caplog):
    monkeypatch.setattr("provisioning.store.database._BUSY_SECONDS", 0.05)
    monkeypatch.setattr(module, "_BROKEN_SECONDS", 0.02)
    open_database(store)
    gate = Gate()
    number = start("kind", *map(str, range(30)))
    with working({"kind": Handler(gate)}):
        until(lambda: gate.entered)
        other = sqlite3.connect(store, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        gate.open.set()
        until(lambda: "trying again" in caplog.text)
        other.execute("ROLLBACK")
        other.close()
        until(lambda: ended(number))

    # Nothing was done twice: what was reported is written once it can be.
    assert sorted(gate.entered, key=int) == [str(n) for n in range(30)]
    assert set(states(number).values()) == {("done", None)}


def take_over(name: str) -> None:
    """What another worker does that finds the lease run out: this one was frozen."""
    with transaction():
        database.execute_sql("UPDATE lease SET holder = ?", (name,))
        for item in stored.abandoned([]):
            stored.postpone_item(item.id, item.claim, 0.0, None)
            stored.claim(item.operation_id, f"{name}.0", limit=1, now=time.time())


def test_what_another_took_over_in_the_middle_is_not_written_down(store, caplog):
    gate = Gate()
    number = start("kind", "one")
    with working({"kind": Handler(gate)}):
        until(lambda: gate.entered)
        take_over("another")
        gate.open.set()
        until(lambda: "came too late" in caplog.text)

    _, [item] = operations.items(number, state=None, offset=0, limit=1)
    assert (item.state, item.claim, item.attempts) == ("working", "another.0", 2)


def test_an_effect_is_not_written_when_another_has_taken_the_item_over(store, monkeypatch):
    """Frozen between the claim and the transaction."""
    number = start("kind", "one")
    begin = Worker._begin

    def frozen(worker, jobs):
        if jobs:
            take_over("another")
        begin(worker, jobs)

    monkeypatch.setattr(Worker, "_begin", frozen)
    with working({"kind": Handler(write_row, in_transaction=True)}) as worker:
        until(lambda: attempts(number) == {"one": 2})
        until(lambda: not worker._jobs)

    assert effects() == []
    assert states(number) == {"one": ("working", None)}


def test_a_worker_that_lost_the_lease_begins_nothing(store):
    gate = Gate()
    start("kind", "one")
    with working({"kind": Handler(gate)}) as worker:
        until(lambda: gate.entered)
        take_over("another")
        later = start("kind", "two")
        until(lambda: not worker.leads)
        gate.open.set()
        until(lambda: not worker._jobs)

        assert gate.entered == ["one"]
        assert states(later) == {"two": ("waiting", None)}


def test_the_late_end_of_an_attempt_does_not_hide_the_next_one(store, caplog):
    gates = [Gate(), Gate()]
    entered = []

    def work(subject, parameters):
        entered.append(subject)
        gates[len(entered) - 1](subject, parameters)

    number = start("kind", "one")
    with working({"kind": Handler(work, pauses=(0,), seconds=0.5)}) as worker:
        until(lambda: gates[1].entered)
        gates[0].open.set()
        until(lambda: "came too late" in caplog.text)
        assert len(worker._jobs) == 1
        gates[1].open.set()
        until(lambda: ended(number))


def test_items_whose_claim_is_in_the_database_and_nobody_knows_of_are_found(store, monkeypatch):
    """The claim was written, but the answer was an error."""
    number = start("kind", *map(str, range(5)))
    begin, failing = Worker._begin, [OperationalError("disk I/O error")]

    def fail_once(worker, jobs):
        if jobs and failing:
            raise failing.pop()
        begin(worker, jobs)

    monkeypatch.setattr(Worker, "_begin", fail_once)
    monkeypatch.setattr(module, "_BROKEN_SECONDS", 0.02)
    with working({"kind": Handler(write_row)}):
        until(lambda: ended(number))

    assert operations.progress(number).done == 5
    assert set(attempts(number).values()) == {2}
